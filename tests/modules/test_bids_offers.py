"""Offers: who may bid how much on what, who sees it, and taking it back."""

from typing import Any
from uuid import uuid4

import pytest

from tests.modules.accounts import colleague
from tests.modules.deals import awarded, offered, refused
from tests.world import Person, World, in_hours, money, ok


def offer(amount_minor: Any = 90_000, currency: str = "EUR", eta: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"amount": money(amount_minor, currency), "pickup_eta": eta or in_hours(24)} | changes


async def bids_of(person: Person, booking_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ok(await person.http.get(f"/v1/bookings/{booking_id}/bids"))["items"]
    return items


@pytest.fixture(scope="module")
async def bidding(world: World) -> tuple[Person, str]:
    """A carrier, and an open booking that it has not bid on."""
    booking = await world.open_booking(await world.register("shipper"))
    return await world.carrier(), booking["id"]


async def test_a_bid_is_pending_and_both_parties_read_it(world: World) -> None:
    """201 with its address and ETag; the shipper and the carrier read the same."""
    shipper, carrier = await world.register("shipper"), await world.carrier()
    booking = await world.open_booking(shipper)
    made = await carrier.http.post(f"/v1/bookings/{booking['id']}/bids", json=offer())
    bid = ok(made, 201)
    assert (bid["status"], bid["amount"], bid["booking_id"]) == ("pending", money(90_000), booking["id"])
    assert (bid["company_id"], bid["shipper_id"]) == (carrier.company_id, shipper.company_id)
    assert (bid["hold_id"], bid["award_expires_at"]) == (None, None)
    for person in (shipper, carrier):
        read = await person.http.get(made.headers["location"])
        assert (ok(read), read.headers["etag"]) == (bid, '"1"')


async def test_a_bid_may_reach_the_ceiling(world: World) -> None:
    """The ceiling itself is a price that the shipper named."""
    booking = await world.open_booking(await world.register("shipper"), amount_minor=70_000)
    assert (await world.bid(await world.carrier(), booking, 70_000))["amount"] == money(70_000)


async def test_a_bid_without_an_eta_is_there_when_the_load_is_ready(world: World) -> None:
    """`pickup_eta` left out, or null, is the booking's own time."""
    booking = await world.open_booking(await world.register("shipper"))
    for body in ({"amount": money(1)}, {"amount": money(1), "pickup_eta": None}):
        carrier = await world.carrier()
        bid = ok(await carrier.http.post(f"/v1/bookings/{booking['id']}/bids", json=body), 201)
        assert bid["pickup_eta"] == booking["pickup"]["ready_at"]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (offer(100_001), "bid_over_ceiling", "body.amount.amount_minor"),
        (offer(currency="USD"), "currency_mismatch", "body.amount.currency"),
        (offer(eta=in_hours(-1)), "eta_in_the_past", "body.pickup_eta"),
        (offer(eta=in_hours(-70 / 3_600)), "eta_in_the_past", "body.pickup_eta"),
        (offer(eta=in_hours(49)), "eta_after_delivery", "body.pickup_eta"),
        (offer(0), "invalid_input", "body.amount.amount_minor"),
        (offer(-1), "invalid_input", "body.amount.amount_minor"),
        (offer(900.5), "invalid_input", "body.amount.amount_minor"),
        (offer("900"), "invalid_input", "body.amount.amount_minor"),
        (offer(2**63), "invalid_input", "body.amount.amount_minor"),
        (offer(currency="eur"), "invalid_input", "body.amount.currency"),
        (offer(eta="2030-05-04T08:00:00"), "invalid_input", "body.pickup_eta"),
        (offer(note="by night"), "invalid_input", "body.note"),
        ({"pickup_eta": in_hours(24)}, "invalid_input", "body.amount"),
    ],
)
async def test_a_wrong_bid_is_refused(bidding: tuple[Person, str], body: dict[str, Any], code: str, path: str) -> None:
    """422 with the field at fault, and nothing is written."""
    carrier, booking_id = bidding
    problem = refused(await carrier.http.post(f"/v1/bookings/{booking_id}/bids", json=body), 422, code)
    assert [error["path"] for error in problem["errors"]] == [path]
    assert await bids_of(carrier, booking_id) == []


async def test_only_carriers_bid(world: World) -> None:
    """403 for a shipper, whether it sees the booking or not."""
    shipper, other = await world.register("shipper"), await world.register("shipper")
    booking = await world.open_booking(shipper)
    for person in (shipper, other):
        refused(await person.http.post(f"/v1/bookings/{booking['id']}/bids", json=offer()), 403, "not_a_carrier")


async def test_nobody_bids_on_their_own_booking(world: World) -> None:
    """A company that ships and carries bids on the bookings of others only."""
    both = await world.register("both")
    booking = await world.open_booking(both)
    refused(await both.http.post(f"/v1/bookings/{booking['id']}/bids", json=offer()), 422, "bid_on_own_booking")
    assert (await world.bid(await world.register("both"), booking))["status"] == "pending"


async def test_what_is_not_seen_takes_no_bid(world: World) -> None:
    """404 for a draft, and for a booking that is not there."""
    draft = await world.draft(await world.register("shipper"))
    carrier = await world.carrier()
    for booking_id in (draft["id"], uuid4()):
        refused(await carrier.http.post(f"/v1/bookings/{booking_id}/bids", json=offer()), 404, "not_found")


async def test_an_awarded_booking_takes_no_bid(world: World) -> None:
    """409 for its winner, who sees it; 404 for a carrier that does not see it any more."""
    deal = await awarded(world)
    url = f"/v1/bookings/{deal.booking_id}/bids"
    problem = refused(await deal.carrier.http.post(url, json=offer()), 409, "bidding_closed")
    assert problem["details"] == {"current": "awarded"}
    refused(await (await world.carrier()).http.post(url, json=offer()), 404, "not_found")


async def test_one_live_bid_per_carrier_and_booking(world: World) -> None:
    """A second one is 409, by a colleague too; another booking of the shipper's takes one."""
    deal = await offered(world)
    url = f"/v1/bookings/{deal.booking_id}/bids"
    for person in (deal.carrier, await colleague(world, deal.carrier)):
        refused(await person.http.post(url, json=offer(1)), 409, "bid_exists")
    await offered(world, shipper=deal.shipper, carrier=deal.carrier)
    assert [bid["id"] for bid in await bids_of(deal.shipper, deal.booking_id)] == [deal.bid_id]


async def test_a_withdrawn_bid_makes_room_for_another(world: World) -> None:
    """pending → withdrawn, once; then the carrier may bid again."""
    deal = await offered(world)
    withdrawn = await deal.withdraw()
    assert (ok(withdrawn)["status"], withdrawn.headers["etag"]) == ("withdrawn", '"2"')
    problem = refused(await deal.withdraw(), 409, "wrong_state")
    assert problem["details"] == {"current": "withdrawn", "wanted": "withdrawn", "allowed": []}
    again = await world.bid(deal.carrier, await deal.booking(), 1)
    assert [bid["id"] for bid in await bids_of(deal.shipper, deal.booking_id)] == [again["id"], deal.bid_id]


async def test_a_declined_award_makes_room_for_another_bid(world: World) -> None:
    """The carrier that declined may offer a better price."""
    deal = await awarded(world)
    ok(await deal.decline())
    assert (await world.bid(deal.carrier, await deal.booking(), 95_000))["status"] == "pending"


async def test_only_the_carrier_withdraws_and_only_before_the_award(world: World) -> None:
    """403 for the shipper, 409 once awarded."""
    deal = await offered(world)
    url = f"/v1/bids/{deal.bid_id}/withdraw"
    refused(await deal.shipper.http.post(url), 403, "not_the_carrier")
    ok(await deal.award())
    problem = refused(await deal.withdraw(), 409, "wrong_state")
    assert (problem["details"]["current"], problem["details"]["wanted"]) == ("awarded", "withdrawn")


async def test_an_employee_bids_and_withdraws(world: World) -> None:
    """Offers need no manager."""
    carrier = await world.carrier()
    employee = await colleague(world, carrier)
    deal = await offered(world, carrier=employee)
    assert ok(await deal.withdraw())["status"] == "withdrawn"


async def test_a_repeated_call_is_one_bid(world: World) -> None:
    """Same Idempotency-Key and body: the same answer; another body under the key: 422."""
    shipper, carrier = await world.register("shipper"), await world.carrier()
    booking = await world.open_booking(shipper)
    url, body, headers = f"/v1/bookings/{booking['id']}/bids", offer(), {"Idempotency-Key": "bid-1"}
    first = await carrier.http.post(url, json=body, headers=headers)
    again = await carrier.http.post(url, json=body, headers=headers)
    assert (first.status_code, first.content) == (201, again.content)
    refused(await carrier.http.post(url, json=offer(1), headers=headers), 422, "idempotency_key_reused")
    assert len(await bids_of(shipper, booking["id"])) == 1


async def test_the_list_shows_each_party_its_own(world: World) -> None:
    """The shipper sees all bids, newest first; a carrier its own, or none; 404 for who does not see the booking."""
    first = await offered(world)
    second = await first.rival(world)
    url = f"/v1/bookings/{first.booking_id}/bids"
    page = ok(await first.shipper.http.get(url, params={"limit": 1}))
    rest = ok(await first.shipper.http.get(url, params={"limit": 1, "cursor": page["next_cursor"]}))
    assert [bid["id"] for bid in page["items"] + rest["items"]] == [second.bid_id, first.bid_id]
    assert rest["next_cursor"] is None
    assert [bid["id"] for bid in await bids_of(first.carrier, first.booking_id)] == [first.bid_id]
    assert await bids_of(await world.carrier(), first.booking_id) == []
    refused(await (await world.register("shipper")).http.get(url), 404, "not_found")
