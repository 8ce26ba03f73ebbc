"""Many clients do the same thing, or two opposite ones, at the same time: one wins, and the marketplace is in order."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from freight.modules.bids.jobs import expire_awards
from tests.modules.deals import (
    Deal,
    Market,
    at_dropoff,
    at_once,
    awarded,
    covered,
    delivered,
    funds,
    offered,
    one_wins,
    own_market,
    refused,
)
from tests.world import Person, Server, in_hours, money, ok

CLIENTS = 16
ROUNDS = 6
"""Two that meet do so a few times, since who comes first is chance."""


@pytest.fixture(scope="module")
async def market(server: Server, template: str) -> AsyncIterator[Market]:
    async with own_market(server, template, "races") as opened:
        yield opened


@pytest.fixture(scope="module")
async def shipper(market: Market) -> Person:
    return await market.world.shipper(funds_minor=100_000_000)


@pytest.fixture(scope="module")
async def carriers(market: Market) -> list[Person]:
    return [await market.world.carrier() for _ in range(CLIENTS)]


@pytest.fixture(autouse=True)
async def order(market: Market) -> AsyncIterator[None]:
    """After each race, every invariant of the marketplace holds."""
    yield
    await market.need_order()


async def test_sixteen_award_different_bids(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One award wins, 15 get 409, and there is exactly one pending hold."""
    booking = await market.world.open_booking(shipper)
    bids = [await market.world.bid(carrier, booking) for carrier in carriers]
    won = ok(one_wins(await at_once(shipper.http.post(f"/v1/bids/{bid['id']}/award") for bid in bids)))
    assert await market.pending_holds(booking["id"]) == 1
    assert (await Deal(shipper, carriers[0], booking["id"], won["id"]).states()) == ("awarded", "awarded")


async def test_sixteen_award_the_same_bid(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One award wins, 15 get 409, and its amount is held once."""
    deal = await offered(market.world, shipper=shipper, carrier=carriers[0])
    available, _ = await funds(shipper)
    one_wins(await at_once(deal.award() for _ in range(CLIENTS)))
    assert await market.pending_holds(deal.booking_id) == 1
    assert (await funds(shipper))[0] == available - 90_000


async def test_sixteen_accept_the_same_award(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One acceptance wins, 15 get 409, and there is one shipment."""
    deal = await awarded(market.world, shipper=shipper, carrier=carriers[0])
    one_wins(await at_once(deal.accept() for _ in range(CLIENTS)))
    page = ok(await shipper.http.get("/v1/shipments", params={"booking_id": deal.booking_id}))
    assert len(page["items"]) == 1


async def test_sixteen_bids_of_one_carrier(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One is placed, 15 get 409."""
    booking = await market.world.open_booking(shipper)
    url, body = f"/v1/bookings/{booking['id']}/bids", {"amount": money(1), "pickup_eta": in_hours(24)}
    answers = await at_once(carriers[0].http.post(url, json=body) for _ in range(CLIENTS))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CLIENTS - 1)
    assert len(ok(await shipper.http.get(url))["items"]) == 1


async def test_withdraw_against_award(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One of the two: a bid is withdrawn, or awarded with its hold."""
    for carrier in carriers[:ROUNDS]:
        deal = await offered(market.world, shipper=shipper, carrier=carrier)
        won = ok(one_wins(await at_once([deal.withdraw(), deal.award()])))
        assert await market.pending_holds(deal.booking_id) == (won["status"] == "awarded")


async def test_accept_against_decline(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One of the two: a shipment and its hold, or neither."""
    for carrier in carriers[:ROUNDS]:
        deal = await awarded(market.world, shipper=shipper, carrier=carrier)
        won = ok(one_wins(await at_once([deal.accept(), deal.decline()])))
        assert await market.pending_holds(deal.booking_id) == (won["status"] == "accepted")


async def test_decline_against_expire(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """The hold is resolved once, as declined or as expired, and the booking is open again once."""
    for carrier in carriers[:ROUNDS]:
        deal = await awarded(market.world, shipper=shipper, carrier=carrier)
        await market.overdue(deal)
        answer, _ = await asyncio.gather(deal.decline(), expire_awards(market.database))
        assert answer.status_code in {200, 409}
        assert await deal.states() == ("open", "declined" if answer.status_code == 200 else "expired")


async def test_two_workers_expire_the_same_awards(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """Each award expires once, whichever worker comes first."""
    deals = [await awarded(market.world, shipper=shipper, carrier=carrier) for carrier in carriers[:ROUNDS]]
    for deal in deals:
        await market.overdue(deal)
    ended = await asyncio.gather(*(expire_awards(market.database) for _ in range(4)))
    assert sum(ended) <= len(deals)  # the app's own job may have come round in between
    assert [await deal.states() for deal in deals] == [("open", "expired")] * len(deals)


async def test_cancel_against_award(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """The booking ends cancelled without a hold: the award came before, and was undone, or after, and was refused."""
    for carrier in carriers[:ROUNDS]:
        deal = await offered(market.world, shipper=shipper, carrier=carrier)
        cancelled, award = await at_once([deal.cancel_booking(), deal.award()])
        assert (cancelled.status_code, award.status_code) in {(200, 200), (200, 409)}
        assert await deal.states() == ("cancelled", "rejected")
        assert await market.pending_holds(deal.booking_id) == 0


async def test_cancel_against_accept(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One of the two: a cancelled booking without a hold, or a covered one with it."""
    for carrier in carriers[:ROUNDS]:
        deal = await awarded(market.world, shipper=shipper, carrier=carrier)
        won = ok(one_wins(await at_once([deal.cancel_booking(), deal.accept()])))
        assert await market.pending_holds(deal.booking_id) == (won["status"] == "accepted")


async def test_cancel_against_bids(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """No bid is left waiting on a cancelled booking: it came before, and was rejected, or it was refused."""
    for _ in range(ROUNDS):
        booking = await market.world.open_booking(shipper)
        url, body = f"/v1/bookings/{booking['id']}/bids", {"amount": money(1), "pickup_eta": in_hours(24)}
        bids = [carrier.http.post(url, json=body) for carrier in carriers[:4]]
        cancelled, *answers = await at_once([shipper.http.post(f"/v1/bookings/{booking['id']}/cancel"), *bids])
        assert {answer.status_code for answer in answers} <= {201, 404, 409}
        ok(cancelled)
        assert {bid["status"] for bid in ok(await shipper.http.get(url))["items"]} <= {"rejected"}


async def test_the_delivery_is_paid_once(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """Of 16 acceptances of one delivery one wins, and the carrier is paid once."""
    deal = await delivered(market.world, shipper=shipper, carrier=carriers[0])
    before, _ = await funds(deal.carrier)
    one_wins(await at_once(deal.accept_delivery() for _ in range(CLIENTS)))
    assert (await funds(deal.carrier))[0] == before + 85_500
    assert await market.pending_holds(deal.booking_id) == 0


async def test_proof_against_cancelled_shipment(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One of the two: delivered with its hold, or cancelled without."""
    for carrier in carriers[:ROUNDS]:
        deal = await at_dropoff(market.world, shipper=shipper, carrier=carrier)
        won = ok(one_wins(await at_once([deal.prove(), deal.cancel_shipment()])))
        assert await market.pending_holds(deal.booking_id) == (won["status"] == "delivered")


async def test_both_parties_cancel_the_shipment(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """One of them does; the hold is voided once."""
    for carrier in carriers[:ROUNDS]:
        deal = await covered(market.world, shipper=shipper, carrier=carrier)
        one_wins(await at_once([deal.cancel_shipment(), deal.cancel_shipment(carrier)]))
        assert await deal.states() == ("open", "declined")


async def test_a_step_is_made_once(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """Of 16 arrivals at one pickup one is recorded."""
    deal = await covered(market.world, shipper=shipper, carrier=carriers[0])
    answers = await at_once(deal.report("arrived_at_pickup") for _ in range(CLIENTS))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CLIENTS - 1)
    assert len((await deal.shipment())["events"]) == 1


async def test_the_money_is_held_once(market: Market, carriers: list[Person]) -> None:
    """Funds for one award, and two at once: one wins, the other lacks the money."""
    poor = await market.world.shipper(funds_minor=100_000)
    deals = [await offered(market.world, shipper=poor, carrier=carrier) for carrier in carriers[:2]]
    answers = await at_once(deal.award() for deal in deals)
    one_wins(answers)
    refused(next(answer for answer in answers if answer.status_code != 200), 409, "insufficient_funds")
    assert await funds(poor) == (10_000, 90_000)


async def test_many_deals_of_one_wallet(market: Market, shipper: Person, carriers: list[Person]) -> None:
    """16 awards of one shipper, then all acceptances and refusals at once: no deadlock, none is lost."""
    deals = [await offered(market.world, shipper=shipper, carrier=carrier) for carrier in carriers]
    for answer in await at_once(deal.award() for deal in deals):
        ok(answer)
    ends = [deal.accept() if n % 2 else deal.decline() for n, deal in enumerate(deals)]
    for answer in await at_once(ends):
        ok(answer)
