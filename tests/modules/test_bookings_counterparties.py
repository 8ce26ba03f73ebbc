"""Bookings shown with the other side of the deal: who wants them carried, who bid, and to whom either is told."""

from typing import Any

import jsonschema_rs
import pytest

from tests.modules.deals import Deal, awarded, offered, refused
from tests.world import Person, World, ok

WITH_SHIPPER = {"include": "shipper", "limit": 200}


async def company(person: Person) -> dict[str, Any]:
    """A company as others are to see it."""
    me = ok(await person.http.get("/v1/me"))["company"]
    return {name: me[name] for name in ("id", "name", "kind")}


async def listed(person: Person, **query: Any) -> dict[str, dict[str, Any]]:
    """The newest bookings that a person sees, each with its shipper, by id."""
    page = ok(await person.http.get("/v1/bookings", params=WITH_SHIPPER | query))
    return {item["id"]: item for item in page["items"]}


async def overview(person: Person, deal: Deal) -> dict[str, Any]:
    read: dict[str, Any] = ok(await person.http.get(f"/v1/bookings/{deal.booking_id}/overview"))
    return read


async def test_a_list_names_the_shipper(world: World) -> None:
    """A carrier learns who wants an open load carried, a shipper reads its own name; the rest is as without it."""
    deal = await offered(world)
    named = await company(deal.shipper)
    for person in (deal.shipper, deal.carrier):
        shown = (await listed(person))[deal.booking_id]
        assert shown == {**await deal.booking(), "shipper": named}
    assert deal.booking_id in await listed(deal.carrier, status="open")
    assert deal.booking_id not in await listed(deal.carrier, status="draft")
    bare = ok(await deal.shipper.http.get("/v1/bookings"))["items"]
    assert bare == [await deal.booking()]


async def test_a_list_goes_on_with_the_shippers(world: World) -> None:
    """The cursor of one page gives the next, with the shipper as without."""
    shipper = await world.register("shipper")
    made = [(await world.draft(shipper))["id"] for _ in range(3)]
    start = ok(await shipper.http.get("/v1/bookings", params=WITH_SHIPPER | {"limit": 2}))
    rest = await listed(shipper, cursor=start["next_cursor"])
    assert [*(item["id"] for item in start["items"]), *rest] == made[::-1]


async def test_a_list_names_nobody_of_a_deal_between_others(world: World) -> None:
    """Once awarded, the booking and its shipper are the winner's; drafts are their company's."""
    deal = await awarded(world)
    rival, stranger = await world.carrier(), await world.register("shipper")
    draft = await world.draft(deal.shipper)
    assert (await listed(deal.carrier))[deal.booking_id]["shipper"] == await company(deal.shipper)
    for person in (rival, stranger, deal.carrier):
        shown = await listed(person)
        assert draft["id"] not in shown
        assert (deal.booking_id in shown) is (person is deal.carrier)
    assert await listed(stranger) == {}
    assert (await listed(deal.shipper)).keys() == {deal.booking_id, draft["id"]}


async def test_nothing_else_can_be_included(world: World) -> None:
    """422 that names the parameter."""
    person = await world.register("shipper")
    problem = refused(await person.http.get("/v1/bookings", params={"include": "carrier"}), 422, "invalid_input")
    assert [error["path"] for error in problem["errors"]] == ["query.include"]


async def test_the_shipper_overlooks_every_bid(world: World) -> None:
    """Newest first, each with what it offers and who offers it, at the ETag of the booking."""
    deal = await offered(world)
    rival = await deal.rival(world)
    response = await deal.shipper.http.get(f"/v1/bookings/{deal.booking_id}/overview")
    read, plain = ok(response), await deal.shipper.http.get(f"/v1/bookings/{deal.booking_id}")
    assert response.headers["etag"] == plain.headers["etag"]
    assert read == {**ok(plain), "bids": [await offer(rival), await offer(deal)]}
    ok(await deal.award())
    assert [bid["status"] for bid in (await overview(deal.shipper, deal))["bids"]] == ["pending", "awarded"]


async def offer(deal: Deal) -> dict[str, Any]:
    """A deal's bid as an overview is to show it."""
    bid = await deal.bid()
    shown = {name: bid[name] for name in ("id", "status", "amount", "pickup_eta", "created_at")}
    return {**shown, "carrier": await company(deal.carrier)}


async def test_a_carrier_overlooks_its_own_bid(world: World) -> None:
    """Not a rival's, nor that there is one; who has not bid sees an open booking without bids."""
    deal = await offered(world)
    rival, idle = await deal.rival(world), await world.carrier()
    for each in (deal, rival):
        shown = await overview(each.carrier, deal)
        assert shown == {**await deal.booking(), "bids": [await offer(each)]}
    assert await overview(idle, deal) == {**await deal.booking(), "bids": []}


async def test_after_the_award_the_booking_is_the_two_parties(world: World) -> None:
    """The winner goes on seeing it with its bid; a carrier that lost gets 404, and keeps its bid."""
    deal = await offered(world)
    rival = await deal.rival(world)
    ok(await deal.award())
    assert [bid["id"] for bid in (await overview(deal.carrier, deal))["bids"]] == [deal.bid_id]
    refused(await rival.carrier.http.get(f"/v1/bookings/{deal.booking_id}/overview"), 404, "not_found")
    assert (await rival.bid())["status"] == "pending"


async def test_a_draft_is_overlooked_by_its_company_alone(world: World) -> None:
    """Without bids; to a carrier and to another shipper it is not there."""
    shipper = await world.register("shipper")
    draft = await world.draft(shipper)
    url = f"/v1/bookings/{draft['id']}/overview"
    assert ok(await shipper.http.get(url)) == {**draft, "bids": []}
    for kind in ("carrier", "shipper", "both"):
        refused(await (await world.register(kind)).http.get(url), 404, "not_found")


@pytest.mark.parametrize("id_", ["0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a", "no-id"])
async def test_an_overview_of_nothing(world: World, id_: str) -> None:
    """404 for an id of nobody, 422 for what is none."""
    response = await (await world.carrier()).http.get(f"/v1/bookings/{id_}/overview")
    assert response.status_code == (404 if id_.startswith("0") else 422)


async def test_the_document_describes_both_shapes_of_the_list_as_one(world: World) -> None:
    """One schema with a part that may be left out, which each of the two fits: no client has to choose."""
    shipper = await world.register("shipper")
    await world.draft(shipper)
    async with world.client() as http:
        document = ok(await http.get("/openapi.json"))
    schema = document["paths"]["/v1/bookings"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ListedBookingPage"}
    page = jsonschema_rs.validator_for({**schema, "components": document["components"]})
    for query, is_shown in ({}, False), ({"include": "shipper"}, True):
        body = ok(await shipper.http.get("/v1/bookings", params=query))
        page.validate(body)
        assert ("shipper" in body["items"][0]) == is_shown
    assert "null" not in str(document["components"]["schemas"]["ListedBooking"]["properties"]["shipper"])
    assert document["components"]["schemas"]["BookingPart"]["enum"] == ["shipper"]
