"""Cancelling a booking before it is covered, and a shipment before it is delivered: the deal is undone with it."""

import pytest

from crossdock.config.settings import Settings
from tests.modules.accounts import colleague
from tests.modules.deals import JOURNEY, awarded, cover, covered, delivered, funds, offered, refused
from tests.world import Server, World, ok


async def reasons(server: Server, settings: Settings, table: str, key: str, subject: str) -> list[str | None]:
    """The reasons in a history, oldest first."""
    connection = await server.connect(settings.pooled.database)
    rows = await connection.fetch(f"SELECT reason FROM {table} WHERE {key} = $1 ORDER BY id", subject)
    await connection.close()
    return [row["reason"] for row in rows]


async def test_a_draft_is_cancelled(world: World) -> None:
    """Without a body; it cannot be published any more."""
    shipper = await world.register("shipper")
    draft = await world.draft(shipper)
    cancelled = await shipper.http.post(f"/v1/bookings/{draft['id']}/cancel")
    assert (ok(cancelled)["status"], cancelled.headers["etag"]) == ("cancelled", '"2"')
    refused(await shipper.http.post(f"/v1/bookings/{draft['id']}/publish"), 409, "not_a_draft")


async def test_an_open_booking_is_cancelled_with_its_bids(world: World, server: Server, settings: Settings) -> None:
    """The bids are rejected; the reason is in the history of the booking and of the bids."""
    deal = await offered(world)
    rival = await deal.rival(world)
    body = {"reason": "the harvest was late"}
    ok(await deal.shipper.http.post(f"/v1/bookings/{deal.booking_id}/cancel", json=body))
    assert await deal.states() == ("cancelled", "rejected")
    assert (await rival.bid())["status"] == "rejected"
    for table, key, subject in (
        ("booking_history", "booking_id", deal.booking_id),
        ("bid_history", "bid_id", rival.bid_id),
    ):
        assert (await reasons(server, settings, table, key, subject))[-1] == body["reason"]


async def test_an_awarded_booking_is_cancelled_with_its_hold(world: World) -> None:
    """The winner is rejected like the others, the money is free, and the carrier can accept no more."""
    deal = await offered(world, await world.shipper(funds_minor=90_000))
    rival = await deal.rival(world)
    ok(await deal.award())
    ok(await deal.cancel_booking())
    booking = await deal.booking()
    assert (booking["status"], booking["carrier_id"], booking["awarded_bid_id"]) == ("cancelled", None, None)
    assert [(await each.bid())["status"] for each in (deal, rival)] == ["rejected"] * 2
    assert await funds(deal.shipper) == (90_000, 0)
    refused(await deal.accept(), 409, "wrong_state")


async def test_what_is_covered_or_over_is_not_cancelled(world: World) -> None:
    """409 that names both states; the shipment is cancelled instead."""
    deal = await covered(world)
    problem = refused(await deal.cancel_booking(), 409, "wrong_state")
    assert (problem["details"]["current"], problem["details"]["wanted"]) == ("covered", "cancelled")
    ok(await deal.cancel_shipment())
    ok(await deal.cancel_booking())
    refused(await deal.cancel_booking(), 409, "wrong_state")


async def test_only_the_shipper_s_manager_cancels_a_booking(world: World) -> None:
    """404 for who does not see it, 403 for its carrier, who sees it and does not own it, and for an employee."""
    deal = await awarded(world)
    for person in (await world.carrier(), await world.register("shipper")):
        refused(await person.http.post(f"/v1/bookings/{deal.booking_id}/cancel"), 404, "not_found")
    refused(await deal.carrier.http.post(f"/v1/bookings/{deal.booking_id}/cancel"), 403, "not_the_shipper")
    clerk = await colleague(world, deal.shipper)
    refused(await clerk.http.post(f"/v1/bookings/{deal.booking_id}/cancel"), 403, "role_too_low")
    assert await deal.states() == ("awarded", "awarded")


async def test_a_wrong_reason_is_refused(world: World) -> None:
    """422, and the booking is as it was."""
    deal = await offered(world)
    for body in ({"reason": ""}, {"reason": "x" * 501}, {"reason": "a\x00b"}, {"reason": 1}, {"why": "x"}, []):
        response = await deal.shipper.http.post(f"/v1/bookings/{deal.booking_id}/cancel", json=body)
        refused(response, 422, "invalid_input")
    assert await deal.states() == ("open", "pending")


async def test_a_booking_needs_no_reason(world: World) -> None:
    """It may be left out, empty or null."""
    shipper = await world.register("shipper")
    for body in (None, {}, {"reason": None}):
        draft = await world.draft(shipper)
        ok(await shipper.http.post(f"/v1/bookings/{draft['id']}/cancel", json=body))


@pytest.mark.parametrize("steps", range(len(JOURNEY) + 1))
@pytest.mark.parametrize("party", ["shipper", "carrier"])
async def test_either_party_ends_a_shipment(world: World, steps: int, party: str) -> None:
    """In every state before delivered: shipment cancelled, bid declined, booking open, money free."""
    deal = await covered(world, shipper=await world.shipper(funds_minor=90_000))
    for step in JOURNEY[:steps]:
        ok(await deal.report(step), 201)
    cancelled = ok(await deal.cancel_shipment(getattr(deal, party)))
    assert (cancelled["status"], len(cancelled["events"])) == ("cancelled", steps)
    assert await deal.states() == ("open", "declined")
    assert await funds(deal.shipper) == (90_000, 0)


async def test_the_load_finds_another_carrier(world: World, server: Server, settings: Settings) -> None:
    """After a cancelled shipment the booking is bid on, awarded and covered again; it has one live shipment."""
    deal = await covered(world)
    ok(await deal.cancel_shipment(deal.carrier))
    assert (await reasons(server, settings, "booking_history", "booking_id", deal.booking_id))[
        -1
    ] == "the goods were sold"
    second = await deal.rival(world)
    ok(await second.award())
    await cover(second)
    page = ok(await deal.shipper.http.get("/v1/shipments", params={"booking_id": deal.booking_id}))
    assert [item["status"] for item in page["items"]] == ["planned", "cancelled"]
    refused(await deal.cancel_shipment(), 409, "wrong_state")
    assert await second.states() == ("covered", "accepted")


async def test_a_delivered_shipment_is_not_cancelled(world: World) -> None:
    """409: what was delivered is paid for."""
    deal = await delivered(world)
    problem = refused(await deal.cancel_shipment(), 409, "wrong_state")
    assert problem["details"] == {"current": "delivered", "wanted": "cancelled", "allowed": ["closed"]}
    ok(await deal.accept_delivery())
    refused(await deal.cancel_shipment(), 409, "wrong_state")


async def test_a_shipment_is_cancelled_with_a_reason_by_a_manager(world: World) -> None:
    """422 without a reason, 403 for an employee of either party, 404 for a stranger."""
    deal = await covered(world)
    url, body = f"/v1/shipments/{deal.shipment_id}/cancel", {"reason": "the axle broke"}
    for wrong in (None, {}, {"reason": None}, {"reason": ""}):
        refused(await deal.shipper.http.post(url, json=wrong), 422, "invalid_input")
    for party in (deal.shipper, deal.carrier):
        refused(await (await colleague(world, party)).http.post(url, json=body), 403, "role_too_low")
    for kind in ("shipper", "carrier"):
        refused(await (await world.register(kind)).http.post(url, json=body), 404, "not_found")
    assert (await deal.shipment())["status"] == "planned"
