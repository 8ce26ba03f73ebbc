"""Pages of other origins: none by default, and those that are named, with errors too."""

from collections.abc import AsyncIterator

import pytest

from crossdock.config.lists import origins
from crossdock.config.settings import HttpSettings
from tests.world import Server, World, database_name, load, ok

PAGE = "https://app.example"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, if-match",
}


@pytest.fixture(scope="module")
async def shared(server: Server, template: str) -> AsyncIterator[World]:
    """The app for the pages of one origin."""
    name = database_name("cors")
    http = HttpSettings(cors_origins=origins(PAGE), body_max_bytes=1_000)
    async with World.open(await server.copy(name, template, http=http)) as world:
        yield world
    await server.drop(name)


async def test_a_page_may_ask_and_read(shared: World) -> None:
    """Methods and headers of a change are allowed, and what an answer says in its headers can be read."""
    shipper = await shared.register("shipper")
    async with shared.client() as http:
        allowed = await http.options("/v1/bookings", headers=PREFLIGHT)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, PAGE)
    made = await shipper.http.post("/v1/bookings", json=load(), headers={"Origin": PAGE})
    ok(made, 201)
    assert made.headers["access-control-allow-origin"] == PAGE
    exposed = {name.strip() for name in made.headers["access-control-expose-headers"].lower().split(",")}
    assert exposed == {"etag", "location", "retry-after", "x-request-id"}
    assert "access-control-allow-credentials" not in made.headers


async def test_errors_can_be_read_too(shared: World) -> None:
    """Of a route, of nobody's, and those that the request shell answers itself."""
    async with shared.client() as http:
        for answer, status in (
            (await http.get("/v1/me", headers={"Origin": PAGE}), 401),
            (await http.get("/v1/nothing", headers={"Origin": PAGE}), 404),
            (await http.post("/v1/auth/refresh", content=b"x" * 2_000, headers={"Origin": PAGE}), 413),
        ):
            assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (status, PAGE)


async def test_others_may_not(shared: World, world: World) -> None:
    """Another origin where one is named, and any where none is."""
    for at, origin in ((shared, "https://evil.example"), (shared, "null"), (world, PAGE)):
        async with at.client() as http:
            answer = await http.get("/healthz", headers={"Origin": origin})
            refused = await http.options("/v1/bookings", headers=PREFLIGHT | {"Origin": origin})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers
        assert refused.status_code in (400, 405)
        assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    "given", ["app.example", "https://app.example/", "https://app.example/page", "ftp://a.example"]
)
def test_what_no_browser_sends_is_refused(given: str) -> None:
    """It would never match, and nobody would know why."""
    with pytest.raises(ValueError, match="scheme and host"):
        origins(given)
