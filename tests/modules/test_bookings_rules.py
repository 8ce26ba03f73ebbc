"""Bookings: what may be booked, changed and published, and who sees it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.modules.accounts import colleague
from tests.modules.deals import awarded, covered, funds, refused
from tests.world import Person, World, in_hours, load, money, ok

PAYLOADS_KG = {"van": 1_500, "box_truck": 8_000, "curtainsider": 25_000, "reefer": 24_000, "flatbed": 26_000}


@pytest.fixture(scope="module")
async def shipper(world: World) -> Person:
    return await world.register("shipper")


def with_times(ready_at: str, due_at: str) -> dict[str, Any]:
    body = load()
    return body | {"pickup": body["pickup"] | {"ready_at": ready_at}, "dropoff": body["dropoff"] | {"due_at": due_at}}


async def change(person: Person, booking_id: str, **changes: Any) -> Any:
    return await person.http.patch(f"/v1/bookings/{booking_id}", json=changes, headers={"If-Match": "*"})


async def test_a_booking_begins_as_a_draft(shipper: Person) -> None:
    """201 with its address and ETag; it reads as it was sent, and nobody carries it."""
    body = load(equipment="reefer")
    made = await shipper.http.post("/v1/bookings", json=body)
    booking = ok(made, 201)
    assert (booking["status"], booking["company_id"]) == ("draft", shipper.company_id)
    assert (booking["carrier_id"], booking["awarded_bid_id"]) == (None, None)
    assert {name: booking[name] for name in ("weight_kg", "price_ceiling", "equipment")} == {
        name: body[name] for name in ("weight_kg", "price_ceiling", "equipment")
    }
    read = await shipper.http.get(made.headers["location"])
    assert (ok(read), read.headers["etag"]) == (booking, '"1"')


async def test_only_shippers_book(world: World) -> None:
    """403 for a carrier; a company that does both books."""
    refused(await (await world.carrier()).http.post("/v1/bookings", json=load()), 403, "not_a_shipper")
    ok(await (await world.register("both")).http.post("/v1/bookings", json=load()), 201)


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (with_times(in_hours(10), in_hours(9)), "pickup_after_delivery", "body.pickup.ready_at"),
        (with_times("2031-05-04T08:00:00Z", "2031-05-04T08:00:00Z"), "pickup_after_delivery", "body.pickup.ready_at"),
        (with_times(in_hours(-1), in_hours(9)), "pickup_in_the_past", "body.pickup.ready_at"),
        (with_times(in_hours(9), in_hours(24 * 3_654)), "delivery_too_far_ahead", "body.dropoff.due_at"),
        (with_times("2199-05-04T08:00:00Z", "2199-05-05T08:00:00Z"), "delivery_too_far_ahead", "body.dropoff.due_at"),
        (load(weight_kg=0), "invalid_input", "body.weight_kg"),
        (load(weight_kg=-5), "invalid_input", "body.weight_kg"),
        (load(weight_kg=1.5), "invalid_input", "body.weight_kg"),
        (load(amount_minor=0), "invalid_input", "body.price_ceiling.amount_minor"),
        (load(equipment="camel"), "invalid_input", "body.equipment"),
        (load(colour="blue"), "invalid_input", "body.colour"),
    ],
)
async def test_a_wrong_booking_is_refused(shipper: Person, body: dict[str, Any], code: str, path: str) -> None:
    """422 with the field at fault."""
    problem = refused(await shipper.http.post("/v1/bookings", json=body), 422, code)
    assert [error["path"] for error in problem["errors"]] == [path]


@pytest.mark.parametrize(("equipment", "limit_kg"), PAYLOADS_KG.items())
async def test_each_equipment_has_its_payload(shipper: Person, equipment: str, limit_kg: int) -> None:
    """The limit itself may be booked, a kilogram more is 422."""
    ok(await shipper.http.post("/v1/bookings", json=load(equipment=equipment, weight_kg=limit_kg)), 201)
    heavy = load(equipment=equipment, weight_kg=limit_kg + 1)
    problem = refused(await shipper.http.post("/v1/bookings", json=heavy), 422, "too_heavy")
    assert problem["errors"][0]["path"] == "body.weight_kg"


async def test_a_change_meets_the_rules_of_a_booking(world: World, shipper: Person) -> None:
    """A draft that was fine is not changed into one that is not; what is sent is changed, the rest stays."""
    draft = await world.draft(shipper)
    refused(await change(shipper, draft["id"], equipment="van"), 422, "too_heavy")
    refused(
        await change(shipper, draft["id"], dropoff=draft["dropoff"] | {"due_at": in_hours(1)}),
        422,
        "pickup_after_delivery",
    )
    changed = ok(await change(shipper, draft["id"], price_ceiling=money(5, "USD")))
    assert changed["updated_at"] > draft["updated_at"]
    assert changed | {"price_ceiling": money(100_000), "updated_at": draft["updated_at"]} == draft


@pytest.mark.parametrize("field", ["pickup", "dropoff", "weight_kg", "price_ceiling", "equipment"])
async def test_what_must_be_there_is_not_emptied(world: World, shipper: Person, field: str) -> None:
    """422 for a null, naming its field; the rest of the change is not made either."""
    draft = await world.draft(shipper)
    nothing: dict[str, Any] = {"equipment": "flatbed"} | {field: None}
    problem = refused(await change(shipper, draft["id"], **nothing), 422, "invalid_input")
    assert [(error["path"], error["code"]) for error in problem["errors"]] == [(f"body.{field}", "null_not_allowed")]
    assert ok(await shipper.http.get(f"/v1/bookings/{draft['id']}")) == draft


async def test_a_change_of_nothing_changes_nothing(world: World, shipper: Person) -> None:
    """200 with the booking as it is, published too: the same version and times. It is guarded like any other change."""
    for booking in (await world.draft(shipper), await world.open_booking(shipper)):
        before = await shipper.http.get(f"/v1/bookings/{booking['id']}")
        answer = await change(shipper, booking["id"])
        assert (ok(answer), answer.headers["etag"]) == (booking, before.headers["etag"])
        stale = await shipper.http.patch(f"/v1/bookings/{booking['id']}", json={}, headers={"If-Match": '"99"'})
        refused(stale, 412, "precondition_failed")
        refused(await change(await world.register("shipper"), booking["id"]), 404, "not_found")


async def test_only_a_draft_is_changed_or_published(world: World, shipper: Person) -> None:
    """409 for both once it is open: carriers bid on what they saw."""
    booking = await world.open_booking(shipper)
    for answer in (
        await change(shipper, booking["id"], weight_kg=1),
        await shipper.http.post(f"/v1/bookings/{booking['id']}/publish"),
    ):
        problem = refused(answer, 409, "not_a_draft")
        assert problem["detail"] == "The booking is open: only a draft can be changed or published."
        assert problem["details"] == {"current": "open"}


async def test_publishing_does_not_undo_a_deal(world: World) -> None:
    """An awarded or covered booking is not opened again by publishing it: 409, and the money stays held."""
    for deal in (await awarded(world), await covered(world)):
        before = await deal.states(), await funds(deal.shipper)
        refused(await deal.shipper.http.post(f"/v1/bookings/{deal.booking_id}/publish"), 409, "not_a_draft")
        assert (await deal.states(), await funds(deal.shipper)) == before


async def test_who_sees_a_booking(world: World, shipper: Person) -> None:
    """A draft: its company. An open one: every carrier too. A covered one: its carrier, and no other."""
    other, carrier, colleague_ = await world.register("shipper"), await world.carrier(), await colleague(world, shipper)
    draft, open_ = await world.draft(shipper), await world.open_booking(shipper)
    deal = await covered(world)

    async def sees(person: Person) -> list[bool]:
        statuses = [
            (await person.http.get(f"/v1/bookings/{booking_id}")).status_code
            for booking_id in (draft["id"], open_["id"], deal.booking_id)
        ]
        assert set(statuses) <= {200, 404}
        return [status == 200 for status in statuses]

    assert await sees(shipper) == await sees(colleague_) == [True, True, False]
    assert await sees(carrier) == [False, True, False]
    assert await sees(deal.carrier) == [False, True, True]
    assert await sees(other) == [False, False, False]


async def test_seeing_is_not_owning(world: World, shipper: Person) -> None:
    """Who reads another company's booking cannot change or publish it: 403. Who does not is told 404, as if it were
    not there."""
    open_, draft, deal = await world.open_booking(shipper), await world.draft(shipper), await covered(world)
    carrier = await world.carrier()
    for person, booking_id, *refusal in (
        (carrier, open_["id"], 403, "not_the_shipper"),
        (deal.carrier, deal.booking_id, 403, "not_the_shipper"),
        (carrier, draft["id"], 404, "not_found"),
        (carrier, deal.booking_id, 404, "not_found"),
        (await world.register("shipper"), open_["id"], 404, "not_found"),
        (carrier, str(uuid4()), 404, "not_found"),
    ):
        for changes in ({"weight_kg": 1}, {}):
            refused(await change(person, booking_id, **changes), *refusal)
        refused(await person.http.post(f"/v1/bookings/{booking_id}/publish"), *refusal)


async def test_a_status_leaves_the_others_out(world: World) -> None:
    """The list of one state, for the shipper and for a carrier; an unknown state is 422."""
    shipper, carrier = await world.register("shipper"), await world.carrier()
    draft, open_ = await world.draft(shipper), await world.open_booking(shipper)

    async def listed(person: Person, status: str) -> set[str]:
        page = ok(await person.http.get("/v1/bookings", params={"status": status, "limit": 200}))
        assert {item["status"] for item in page["items"]} <= {status}
        return {item["id"] for item in page["items"]}

    assert await listed(shipper, "draft") == {draft["id"]}
    assert await listed(shipper, "open") == {open_["id"]}
    assert open_["id"] in await listed(carrier, "open")
    assert await listed(carrier, "draft") == set()
    refused(await shipper.http.get("/v1/bookings", params={"status": "lost"}), 422, "invalid_input")
