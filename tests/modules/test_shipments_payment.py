"""Accepting the delivery: shipment closed, booking delivered, carrier paid less the platform's fee. And the lists."""

from uuid import uuid4

from tests.modules.accounts import colleague
from tests.modules.deals import Deal, at_dropoff, covered, delivered, funds, refused
from tests.world import World, money, ok


async def test_accepting_the_delivery_pays_the_carrier(world: World) -> None:
    """The hold is posted: 900.00 leave the shipper, 855.00 reach the carrier, 5 % stay with the platform."""
    deal = await delivered(world, shipper=await world.shipper(funds_minor=100_000))
    assert await funds(deal.shipper) == (10_000, 90_000)
    closed = await deal.accept_delivery()
    shipment = ok(closed)
    assert (shipment["status"], len(shipment["events"])) == ("closed", 3)
    assert closed.headers["etag"] == '"6"'
    assert await deal.states() == ("delivered", "accepted")
    assert await funds(deal.shipper) == (10_000, 0)
    assert await funds(deal.carrier) == (85_500, 0)
    hold = ok(await deal.shipper.http.get(f"/v1/ledger/transfers/{shipment['hold_id']}"))
    assert (hold["status"], hold["posted"]) == ("posted", money(90_000))


async def test_a_delivery_is_accepted_once(world: World) -> None:
    """409 the second time; the carrier is not paid again."""
    deal = await delivered(world)
    ok(await deal.accept_delivery())
    problem = refused(await deal.accept_delivery(), 409, "wrong_state")
    assert problem["details"] == {"current": "closed", "wanted": "closed", "allowed": []}
    assert await funds(deal.carrier) == (85_500, 0)


async def test_only_what_is_proved_is_accepted(world: World) -> None:
    """409 before the proof of delivery; nothing is paid."""
    for deal in (await covered(world), await at_dropoff(world)):
        refused(await deal.accept_delivery(), 409, "wrong_state")
        assert await funds(deal.carrier) == (0, 0)
        assert await deal.states() == ("covered", "accepted")


async def test_only_the_shipper_s_manager_accepts(world: World) -> None:
    """403 for the carrier and for an employee; a manager does."""
    deal = await delivered(world)
    url = f"/v1/shipments/{deal.shipment_id}/accept-delivery"
    refused(await deal.carrier.http.post(url), 403, "not_the_shipper")
    refused(await (await colleague(world, deal.shipper)).http.post(url), 403, "role_too_low")
    manager = await colleague(world, deal.shipper, "manager")
    assert ok(await manager.http.post(url))["status"] == "closed"


async def test_a_shipment_that_is_not_there(world: World) -> None:
    """404 for every verb of either party."""
    nowhere = Deal(await world.register("shipper"), await world.carrier(), "", "", str(uuid4()))
    for step in (nowhere.report, nowhere.prove, nowhere.accept_delivery, nowhere.cancel_shipment):
        refused(await step(), 404, "not_found")
    refused(await nowhere.shipper.http.get(f"/v1/shipments/{nowhere.shipment_id}"), 404, "not_found")


async def test_the_list_is_both_parties_newest_first(world: World) -> None:
    """Pages join without a gap; one booking's shipments alone on request; a list has no events."""
    shipper, carrier = await world.shipper(), await world.carrier()
    deals = [await covered(world, shipper=shipper, carrier=carrier) for _ in range(3)]
    for person in (shipper, carrier):
        page = ok(await person.http.get("/v1/shipments", params={"limit": 2}))
        rest = ok(await person.http.get("/v1/shipments", params={"limit": 2, "cursor": page["next_cursor"]}))
        items = page["items"] + rest["items"]
        assert [item["id"] for item in items] == [deal.shipment_id for deal in reversed(deals)]
        assert rest["next_cursor"] is None
        assert "events" not in items[0]
    one = ok(await shipper.http.get("/v1/shipments", params={"booking_id": deals[0].booking_id}))
    assert [item["id"] for item in one["items"]] == [deals[0].shipment_id]
    refused(await shipper.http.get("/v1/shipments", params={"booking_id": "x"}), 422, "invalid_input")
