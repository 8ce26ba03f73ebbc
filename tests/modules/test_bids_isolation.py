"""A third company sees nothing of a deal, and changes nothing of it."""

import pytest

from tests.modules.deals import SIGNATURE, awarded, delivered, event, refused
from tests.world import World, in_hours, money, ok


@pytest.mark.parametrize("kind", ["shipper", "carrier", "both"])
async def test_a_third_company_sees_none_of_it(world: World, kind: str) -> None:
    """Every address of an awarded booking and a delivered shipment answers 404, to read or write; no list has them."""
    third = (await world.register(kind)).http
    deals = [await awarded(world), await delivered(world)]
    offer = {"amount": money(1), "pickup_eta": in_hours(24)}
    for deal in deals:
        booking, bid = f"/v1/bookings/{deal.booking_id}", f"/v1/bids/{deal.bid_id}"
        for url in (booking, f"{booking}/bids", f"{booking}/overview", bid):
            refused(await third.get(url), 404, "not_found")
        for url in (f"{booking}/publish", f"{booking}/cancel"):
            refused(await third.post(url), 404, "not_found")
        refused(await third.patch(booking, json={"weight_kg": 1}, headers={"If-Match": "*"}), 404, "not_found")
        for verb in ("award", "accept", "decline", "withdraw"):
            refused(await third.post(f"{bid}/{verb}"), 404, "not_found")
        if kind != "shipper":  # a company that does not carry is refused for that first, whatever the booking
            refused(await third.post(f"{booking}/bids", json=offer), 404, "not_found")
    shipment = f"/v1/shipments/{deals[1].shipment_id}"
    refused(await third.get(shipment), 404, "not_found")
    for url, body in (
        ("events", event()),
        ("proof-of-delivery", SIGNATURE),
        ("accept-delivery", None),
        ("cancel", {"reason": "x"}),
    ):
        refused(await third.post(f"{shipment}/{url}", json=body), 404, "not_found")
    for url in ("/v1/shipments", f"/v1/shipments?booking_id={deals[1].booking_id}", "/v1/ledger/accounts"):
        assert ok(await third.get(url))["items"] == []
    seen = {item["id"] for item in ok(await third.get("/v1/bookings", params={"limit": 200}))["items"]}
    assert not seen & {deal.booking_id for deal in deals}
    assert await deals[0].states() == ("awarded", "awarded")
    assert (await deals[1].shipment())["status"] == "delivered"


async def test_nothing_answers_without_a_token(world: World) -> None:
    """401 for every address, with the scheme to use."""
    deal = await delivered(world)
    async with world.client() as nobody:
        for url in (
            f"/v1/bookings/{deal.booking_id}/bids",
            f"/v1/bookings/{deal.booking_id}/overview",
            f"/v1/bids/{deal.bid_id}",
            "/v1/shipments",
            f"/v1/shipments/{deal.shipment_id}",
        ):
            response = await nobody.get(url)
            refused(response, 401, "unauthenticated")
            assert response.headers["www-authenticate"] == "Bearer"
        refused(await nobody.post(f"/v1/shipments/{deal.shipment_id}/accept-delivery"), 401, "unauthenticated")
