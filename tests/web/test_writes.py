"""The headers that guard a write: Idempotency-Key, ETag and If-Match, over HTTP."""

import asyncio

from tests.world import World, in_hours, load, money, ok


async def test_same_key_and_body_is_one_booking(world: World) -> None:
    """The second call gets the first one's answer to the byte, and there is one booking."""
    shipper = await world.register("shipper")
    headers, body = {"Idempotency-Key": "key-1"}, load()
    first = await shipper.http.post("/v1/bookings", json=body, headers=headers)
    second = await shipper.http.post("/v1/bookings", json=body, headers=headers)
    assert (first.status_code, first.content) == (201, second.content)
    assert second.status_code == 201
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["location"] == second.headers["location"]
    assert len(ok(await shipper.http.get("/v1/bookings"))["items"]) == 1


async def test_same_key_other_body_is_refused(world: World) -> None:
    """Never a silent "ok" for a different payload: 422."""
    shipper = await world.register("shipper")
    headers = {"Idempotency-Key": "key-1"}
    ok(await shipper.http.post("/v1/bookings", json=load(), headers=headers), 201)
    response = await shipper.http.post("/v1/bookings", json=load(weight_kg=7), headers=headers)
    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"


async def test_keys_belong_to_a_company(world: World) -> None:
    """Two companies may use the same key."""
    for shipper in (await world.register("shipper"), await world.register("shipper")):
        ok(await shipper.http.post("/v1/bookings", json=load(), headers={"Idempotency-Key": "shared"}), 201)


async def test_a_refused_call_does_not_use_its_key_up(world: World) -> None:
    """What was refused wrote nothing, the key included: mended, it goes through."""
    shipper = await world.register("shipper")
    headers = {"Idempotency-Key": "key-1"}
    late = load()
    late["dropoff"]["due_at"] = in_hours(1)
    assert (await shipper.http.post("/v1/bookings", json=late, headers=headers)).status_code == 422
    ok(await shipper.http.post("/v1/bookings", json=load(), headers=headers), 201)


async def test_one_key_many_clients(world: World) -> None:
    """Of 16 calls at once with one key each is the same 201, or 409 while the first runs; the deposit is made once."""
    shipper = await world.register("shipper")
    body, headers = {"amount": money(700)}, {"Idempotency-Key": "once"}
    calls = [shipper.http.post("/v1/ledger/deposits", json=body, headers=headers) for _ in range(16)]
    answers = await asyncio.gather(*calls)
    made = {answer.content for answer in answers if answer.status_code == 201}
    refused = {answer.json()["code"] for answer in answers if answer.status_code != 201}
    assert len(made) == 1
    assert refused <= {"idempotency_key_in_use"}
    accounts = ok(await shipper.http.get("/v1/ledger/accounts"))["items"]
    assert [account["posted"]["amount_minor"] for account in accounts if account["kind"] == "wallet"] == [700]


async def test_etag_changes_with_the_booking(world: World) -> None:
    """A PATCH with the ETag that was read goes through and gives the next one; the old one is stale then."""
    shipper = await world.register("shipper")
    booking = await world.draft(shipper)
    url = f"/v1/bookings/{booking['id']}"
    read = await shipper.http.get(url)
    changed = await shipper.http.patch(url, json={"weight_kg": 9}, headers={"If-Match": read.headers["etag"]})
    assert ok(changed)["weight_kg"] == 9
    assert changed.headers["etag"] != read.headers["etag"]
    again = await shipper.http.patch(url, json={"weight_kg": 8}, headers={"If-Match": read.headers["etag"]})
    assert again.status_code == 412
    ok(await shipper.http.patch(url, json={"weight_kg": 8}, headers={"If-Match": "*"}))


async def test_two_writers_one_wins(world: World) -> None:
    """Of 8 PATCHes at once with one ETag exactly one goes through."""
    shipper = await world.register("shipper")
    booking = await world.draft(shipper)
    url = f"/v1/bookings/{booking['id']}"
    tries = [shipper.http.patch(url, json={"weight_kg": n}, headers={"If-Match": '"1"'}) for n in range(1, 9)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*tries))
    assert statuses == [200] + [412] * 7


async def test_pages_are_whole(world: World) -> None:
    """Following next_cursor gives every booking once, newest first, while others are added."""
    shipper = await world.register("shipper")
    made = [(await world.draft(shipper))["id"] for _ in range(7)]
    seen: list[str] = []
    url = "/v1/bookings?limit=3"
    while url:
        page = ok(await shipper.http.get(url))
        seen += [item["id"] for item in page["items"]]
        await world.draft(shipper)
        url = f"/v1/bookings?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == made[::-1]
