"""The deal: award, accept, decline; what each of them changes, and whom and what it refuses."""

from uuid import uuid4

import httpx

from tests.modules.accounts import colleague
from tests.modules.deals import Deal, awarded, cover, covered, funds, offered, refused
from tests.world import World, money, ok


async def test_an_award_holds_the_amount(world: World) -> None:
    """Bid and booking are awarded, the amount is held, the rival's bid stays pending."""
    deal = await offered(world, await world.shipper(funds_minor=100_000))
    rival = await deal.rival(world)
    response = await deal.award()
    bid = ok(response)
    booking = await deal.booking()
    assert (bid["status"], response.headers["etag"]) == ("awarded", '"2"')
    assert bid["award_expires_at"] > bid["updated_at"]
    assert (booking["status"], booking["carrier_id"], booking["awarded_bid_id"]) == (
        "awarded",
        deal.carrier.company_id,
        deal.bid_id,
    )
    assert await funds(deal.shipper) == (10_000, 90_000)
    assert (await rival.bid())["status"] == "pending"
    hold = ok(await deal.shipper.http.get(f"/v1/ledger/transfers/{bid['hold_id']}"))
    assert (hold["status"], hold["amount"], hold["subject_id"]) == ("pending", money(90_000), deal.booking_id)


async def test_a_second_award_is_refused(world: World) -> None:
    """409 that names both states, for the same bid and for the rival's; one amount is held."""
    deal = await offered(world)
    rival = await deal.rival(world)
    ok(await deal.award())
    held = await funds(deal.shipper)
    problem = refused(await deal.award(), 409, "wrong_state")
    assert problem["details"]["current"] == problem["details"]["wanted"] == "awarded"
    problem = refused(await rival.award(), 409, "wrong_state")
    assert problem["detail"].startswith("The booking is awarded, so it cannot become awarded")
    assert await funds(deal.shipper) == held


async def test_an_award_without_funds_changes_nothing(world: World) -> None:
    """409; bid, booking and wallet are as they were, and with enough money it goes through."""
    deal = await offered(world, await world.shipper(funds_minor=89_999))
    refused(await deal.award(), 409, "insufficient_funds")
    assert await deal.states() == ("open", "pending")
    assert await funds(deal.shipper) == (89_999, 0)
    ok(await deal.shipper.http.post("/v1/ledger/deposits", json={"amount": money(1)}), 201)
    ok(await deal.award())
    assert await funds(deal.shipper) == (0, 90_000)


async def test_a_withdrawn_bid_is_not_awarded(world: World) -> None:
    """409, and the booking stays open."""
    deal = await offered(world)
    ok(await deal.withdraw())
    refused(await deal.award(), 409, "wrong_state")
    assert (await deal.booking())["status"] == "open"


async def test_acceptance_covers_the_booking(world: World) -> None:
    """Bid accepted, booking covered, rivals rejected, one shipment planned that both parties see; the hold goes on."""
    deal = await offered(world)
    rivals = [await deal.rival(world) for _ in range(2)]
    ok(await deal.award())
    held = await funds(deal.shipper)
    accepted = ok(await deal.accept())
    assert accepted["status"] == "accepted"
    assert await deal.states() == ("covered", "accepted")
    assert [(await rival.bid())["status"] for rival in rivals] == ["rejected"] * 2
    assert await funds(deal.shipper) == held
    for person in (deal.shipper, deal.carrier):
        (shipment,) = ok(await person.http.get("/v1/shipments", params={"booking_id": deal.booking_id}))["items"]
        assert (shipment["status"], shipment["bid_id"], shipment["amount"]) == ("planned", deal.bid_id, money(90_000))
        assert shipment["id"] == accepted["shipment_id"]


async def test_only_an_award_is_accepted_or_declined(world: World) -> None:
    """409 for a bid that is pending, and for one that was accepted already: that one ends with its shipment only."""
    deal = await offered(world)
    refused(await deal.accept(), 409, "wrong_state")
    refused(await deal.decline(), 409, "wrong_state")
    ok(await deal.award())
    await cover(deal)
    refused(await deal.accept(), 409, "wrong_state")
    problem = refused(await deal.decline(), 409, "wrong_state")
    assert (problem["details"]["current"], problem["details"]["wanted"]) == ("accepted", "declined")
    assert (await deal.shipment())["status"] == "planned"


async def test_declining_frees_the_money_and_the_booking(world: World) -> None:
    """Hold voided, booking open without a carrier, the rival's bid still pending: it can be awarded next."""
    deal = await offered(world, await world.shipper(funds_minor=100_000))
    rival = await deal.rival(world)
    ok(await deal.award())
    declined = ok(await deal.decline())
    booking = await deal.booking()
    assert (declined["status"], booking["status"]) == ("declined", "open")
    assert (booking["carrier_id"], booking["awarded_bid_id"]) == (None, None)
    assert await funds(deal.shipper) == (100_000, 0)
    hold = ok(await deal.shipper.http.get(f"/v1/ledger/transfers/{declined['hold_id']}"))
    assert hold["status"] == "voided"
    refused(await deal.award(), 409, "wrong_state")
    ok(await rival.award())
    await cover(rival)
    assert await funds(deal.shipper) == (20_000, 80_000)


async def each_step(deal: Deal, http: httpx.AsyncClient) -> dict[str, httpx.Response]:
    """What one person gets for every verb of a bid."""
    verbs = ("award", "accept", "decline", "withdraw")
    return {verb: await http.post(f"/v1/bids/{deal.bid_id}/{verb}") for verb in verbs}


async def test_each_step_belongs_to_one_party(world: World) -> None:
    """The shipper does not accept, decline or withdraw, the carrier does not award: 403, and nothing changes."""
    deal = await awarded(world)
    shippers = await each_step(deal, deal.shipper.http)
    for verb in ("accept", "decline", "withdraw"):
        refused(shippers[verb], 403, "not_the_carrier")
    refused(await deal.carrier.http.post(f"/v1/bids/{deal.bid_id}/award"), 403, "not_the_shipper")
    assert await deal.states() == ("awarded", "awarded")


async def test_a_deal_needs_a_manager(world: World) -> None:
    """An employee of the right party neither awards nor accepts nor declines: 403; a manager does."""
    deal = await offered(world)
    clerk, driver = await colleague(world, deal.shipper), await colleague(world, deal.carrier)
    refused((await each_step(deal, clerk.http))["award"], 403, "role_too_low")
    manager = await colleague(world, deal.shipper, "manager")
    ok(await manager.http.post(f"/v1/bids/{deal.bid_id}/award"))
    tries = await each_step(deal, driver.http)
    for verb in ("accept", "decline"):
        refused(tries[verb], 403, "role_too_low")
    assert await deal.states() == ("awarded", "awarded")


async def test_a_bid_that_is_not_there(world: World) -> None:
    """404 for every verb."""
    nowhere = Deal(await world.register("shipper"), await world.carrier(), "", str(uuid4()))
    for person in (nowhere.shipper, nowhere.carrier):
        for response in (await each_step(nowhere, person.http)).values():
            refused(response, 404, "not_found")
        refused(await person.http.get(f"/v1/bids/{nowhere.bid_id}"), 404, "not_found")


async def test_a_loser_still_reads_its_bid(world: World) -> None:
    """It sees that it was rejected, and the booking no more."""
    deal = await offered(world)
    loser = await deal.rival(world)
    ok(await deal.award())
    await cover(deal)
    assert ok(await loser.carrier.http.get(f"/v1/bids/{loser.bid_id}"))["status"] == "rejected"
    refused(await loser.carrier.http.get(f"/v1/bookings/{deal.booking_id}"), 404, "not_found")


async def test_two_deals_of_one_company_are_held_apart(world: World) -> None:
    """Each award holds its own amount; declining one leaves the other."""
    shipper = await world.shipper(funds_minor=200_000)
    first, second = await awarded(world, shipper=shipper), await covered(world, shipper=shipper)
    assert await funds(shipper) == (20_000, 180_000)
    ok(await first.decline())
    assert await funds(shipper) == (110_000, 90_000)
    assert await second.states() == ("covered", "accepted")
