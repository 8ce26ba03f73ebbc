"""What a request asks for: one route for whoever reads its address, and HEAD wherever there is GET."""

import pytest

from tests.world import World, ok


@pytest.mark.parametrize("slash", ["%2f", "%2F"])
async def test_an_encoded_slash_parts_no_segments(world: World, slash: str) -> None:
    """A proxy sees one segment there, and so do we: no route of two is reached."""
    shipper = await world.register("shipper")
    booking = await world.draft(shipper)
    ok(await shipper.http.get(f"/v1/bookings/{booking['id']}/overview"))
    hidden = await shipper.http.get(f"/v1/bookings/{booking['id']}{slash}overview")
    assert (hidden.status_code, hidden.json()["code"]) == (422, "invalid_input")
    assert hidden.json()["instance"] == f"/v1/bookings/{booking['id']}%2Foverview"
    for path in (f"/v1{slash}bookings", f"{slash}healthz", f"/v1/bookings/..{slash}..{slash}..{slash}metrics"):
        assert (await shipper.http.get(path)).status_code in (404, 422)


async def test_dots_and_slashes_too_many_lead_nowhere(world: World) -> None:
    """Whoever takes them out of a path sees another one than we do: ours is none."""
    shipper = await world.register("shipper")
    for path in ("/v1/%2e%2e/healthz", "/v1//bookings", "//v1/bookings", "/v1/bookings/%2e%2e/users"):
        answer = await shipper.http.get(path)
        assert answer.status_code in (404, 422), path


async def test_encoded_letters_are_the_letters(world: World) -> None:
    """RFC 3986, 6.2.2.2: a client may encode what it need not, in an id too."""
    shipper = await world.register("shipper")
    booking = await world.draft(shipper)
    assert ok(await shipper.http.get(f"/v1/bookings/{booking['id'].replace('-', '%2D')}"))["id"] == booking["id"]
    ok(await shipper.http.get("/v1/book%69ngs"))


async def test_head_is_get_without_the_body(world: World) -> None:
    """With the same headers, on health, docs, the document and every GET of the API; 405 where there is no GET."""
    shipper = await world.register("shipper")
    booking = await world.draft(shipper)
    for path in ("/healthz", "/docs", "/openapi.json", "/v1/bookings", f"/v1/bookings/{booking['id']}", "/v1/me", "/"):
        got, head = await shipper.http.get(path), await shipper.http.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        for name in ("content-length", "content-type", "etag", "location"):
            assert head.headers.get(name) == got.headers.get(name), (path, name)
    missing = await shipper.http.head("/v1/bookings/x")
    assert (missing.status_code, missing.content) == (422, b"")
    only_post = await shipper.http.head(f"/v1/bookings/{booking['id']}/publish")
    assert (only_post.status_code, only_post.headers["allow"]) == (405, "POST")
    assert (await shipper.http.put("/v1/bookings")).headers["allow"] == "GET, HEAD, POST"
