"""The journey: events in their order, incidents beside it, the proof of delivery; who may tell of it, and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crossdock.config.settings import Settings
from tests.modules.accounts import colleague
from tests.modules.deals import JOURNEY, SIGNATURE, Deal, at_dropoff, covered, delivered, event, refused
from tests.world import Server, World, in_hours, ok

STATES = ("planned", "at_pickup", "in_transit", "at_dropoff")
INCIDENTS = ("position", "detention", "breakdown", "over_short_damaged", "truck_ordered_not_used")


@pytest.fixture(scope="module")
async def shared(world: World) -> Deal:
    """A planned shipment, for calls that are all refused."""
    return await covered(world)


async def test_the_journey_moves_the_shipment(world: World) -> None:
    """planned → at_pickup → in_transit → at_dropoff, a step per event; both parties read them, oldest first."""
    deal = await covered(world)
    for before, step, after in zip(STATES, JOURNEY, STATES[1:], strict=False):
        assert (await deal.shipment())["status"] == before
        answer = await deal.report(step)
        made = ok(answer, 201)
        assert (made["type"], made["lat"], made["lon"]) == (step, 51.5, 5.5)
        assert answer.headers["location"] == f"/v1/shipments/{deal.shipment_id}"
        assert (await deal.shipment())["status"] == after
    for person in (deal.shipper, deal.carrier):
        read = ok(await person.http.get(f"/v1/shipments/{deal.shipment_id}"))
        assert [each["type"] for each in read["events"]] == list(JOURNEY)
        assert read["last_event_at"] == read["events"][-1]["occurred_at"]


async def test_an_event_without_a_time_happened_now(world: World) -> None:
    """By the server's clock: after the shipment was planned, and no later than it was reported."""
    deal = await covered(world)
    body = {"type": "position", "lat": 51.5, "lon": 5.5}
    reported = ok(await deal.carrier.http.post(f"/v1/shipments/{deal.shipment_id}/events", json=body), 201)
    assert (await deal.shipment())["created_at"] < reported["occurred_at"] <= reported["created_at"]


@pytest.mark.parametrize("done", range(len(STATES)))
async def test_a_skipped_or_repeated_step_is_refused(world: World, done: int) -> None:
    """409 that names both states and the allowed ones; nothing is recorded."""
    deal = await covered(world)
    for step in JOURNEY[:done]:
        ok(await deal.report(step), 201)
    for n, step in enumerate(JOURNEY):
        if n != done:
            problem = refused(await deal.report(step), 409, "wrong_state")
            assert (problem["details"]["current"], problem["details"]["wanted"]) == (STATES[done], STATES[n + 1])
            assert problem["details"]["allowed"] == [[*STATES[1:], "delivered"][done], "cancelled"]
    assert len((await deal.shipment())["events"]) == done


async def test_incidents_happen_beside_the_journey(world: World) -> None:
    """Each kind, in each state up to delivered, is recorded and moves nothing but the ETag."""
    deal = await covered(world)
    for step in [*JOURNEY, None, None]:
        before = await deal.shipper.http.get(f"/v1/shipments/{deal.shipment_id}")
        for incident in INCIDENTS:
            ok(await deal.report(incident), 201)
        after = await deal.shipper.http.get(f"/v1/shipments/{deal.shipment_id}")
        assert ok(after)["status"] == ok(before)["status"]
        assert len(ok(after)["events"]) == len(ok(before)["events"]) + len(INCIDENTS)
        assert int(after.headers["etag"].strip('"')) == int(before.headers["etag"].strip('"')) + len(INCIDENTS)
        if step:
            ok(await deal.report(step), 201)
        elif ok(after)["status"] == "at_dropoff":
            ok(await deal.prove())
    assert (await deal.shipment())["status"] == "delivered"


async def test_a_journey_that_is_over_takes_no_event(world: World) -> None:
    """409 once the shipment is closed or cancelled, for steps and for incidents."""
    closed, cancelled = await delivered(world), await covered(world)
    ok(await closed.accept_delivery())
    ok(await cancelled.cancel_shipment())
    for deal in (closed, cancelled):
        refused(await deal.report("position"), 409, "journey_over")
        refused(await deal.report("arrived_at_pickup"), 409, "wrong_state")
        refused(await deal.prove(), 409, "wrong_state")


async def test_time_only_goes_forward(world: World) -> None:
    """An event may happen with the last one, not before it, whether that was a step or an incident."""
    deal = await covered(world)
    at = datetime.now(UTC) - timedelta(hours=2)
    for type_ in ("arrived_at_pickup", "position"):
        at += timedelta(minutes=30)
        ok(await deal.report(type_, occurred_at=at.isoformat()), 201)
        ok(await deal.report("position", occurred_at=at.isoformat()), 201)
        for early in ("position", "departed_pickup"):
            before = (at - timedelta(microseconds=1)).isoformat()
            problem = refused(await deal.report(early, occurred_at=before), 422, "event_out_of_order")
            assert problem["errors"][0]["path"] == "body.occurred_at"
            assert datetime.fromisoformat(problem["details"]["last_event_at"]) == at
    assert (await deal.shipment())["status"] == "at_pickup"


def parsed(time: str) -> datetime:
    return datetime.fromisoformat(time)


async def test_the_future_has_not_happened(world: World) -> None:
    """A clock may be a minute ahead of the server's, no more."""
    deal = await covered(world)

    def ahead(seconds: int) -> str:
        return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()

    problem = refused(await deal.report(occurred_at=ahead(65)), 422, "event_in_the_future")
    assert problem["errors"][0]["path"] == "body.occurred_at"
    reported = ok(await deal.report("arrived_at_pickup", occurred_at=ahead(50)), 201)
    assert parsed(reported["occurred_at"]) <= parsed(reported["created_at"])  # by the server's clock it happened now
    for step in ("position", "departed_pickup"):
        ok(await deal.report(step), 201)  # now, and not before the one whose time was ahead
    times = [parsed(each["occurred_at"]) for each in (await deal.shipment())["events"]]
    assert times == sorted(times) and len(times) == 3


async def test_a_time_ahead_that_the_last_release_kept_blocks_nothing(
    world: World, server: Server, settings: Settings
) -> None:
    """A stored time that is ahead keeps no event of now out."""
    deal = await covered(world)
    ahead = datetime.now(UTC) + timedelta(hours=1)
    eyes = await server.connect(settings.pooled.database)
    await eyes.execute("UPDATE shipments SET last_event_at = $1 WHERE id = $2", ahead, deal.shipment_id)
    await eyes.close()
    reported = ok(await deal.report("arrived_at_pickup"), 201)
    assert (await deal.shipment())["last_event_at"] == reported["occurred_at"]


@pytest.mark.parametrize("occurred_at", ["2000-01-01T00:00:00Z", in_hours(-25)], ids=["long ago", "the day before"])
async def test_what_happened_before_there_was_a_shipment_is_not_its(shared: Deal, occurred_at: str) -> None:
    """422 that says when it was planned; up to a day before that, an event counts as one that is reported late."""
    problem = refused(await shared.report("position", occurred_at=occurred_at), 422, "event_before_shipment")
    assert problem["errors"][0]["path"] == "body.occurred_at"
    planned = (await shared.shipment())["created_at"]
    assert parsed(problem["details"]["planned_at"]) == parsed(planned)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": "teleported"}, "body.type"),
        ({"occurred_at": "yesterday"}, "body.occurred_at"),
        ({"occurred_at": "2030-05-04T08:00:00"}, "body.occurred_at"),
        ({"lat": 90.1}, "body.lat"),
        ({"lat": "51.5"}, "body.lat"),
        ({"lon": -180.1}, "body.lon"),
        ({"lon": None}, "body.lon"),
        ({"speed": 80}, "body.speed"),
    ],
)
async def test_a_wrong_event_is_refused(shared: Deal, change: dict[str, Any], path: str) -> None:
    """422 with the field at fault, and nothing is recorded."""
    problem = refused(await shared.report(**{"type_": "position"} | change), 422, "invalid_input")
    assert [error["path"] for error in problem["errors"]] == [path]
    assert (await shared.shipment())["events"] == []


async def test_only_the_carrier_reports(shared: Deal) -> None:
    """403 for the shipper, who reads it all."""
    url = f"/v1/shipments/{shared.shipment_id}"
    refused(await shared.shipper.http.post(f"{url}/events", json=event()), 403, "not_the_carrier")
    refused(await shared.shipper.http.post(f"{url}/proof-of-delivery", json=SIGNATURE), 403, "not_the_carrier")


async def test_a_driver_reports(world: World) -> None:
    """Events and the proof need no manager."""
    deal = await covered(world)
    deal.carrier = await colleague(world, deal.carrier)
    for step in JOURNEY:
        ok(await deal.report(step), 201)
    assert ok(await deal.prove())["status"] == "delivered"


async def test_a_repeated_report_is_one_event(world: World) -> None:
    """Same Idempotency-Key and body: the same answer, one event, one step."""
    deal = await covered(world)
    url, body = f"/v1/shipments/{deal.shipment_id}/events", event("arrived_at_pickup")
    headers = {"Idempotency-Key": "event-1"}
    first = await deal.carrier.http.post(url, json=body, headers=headers)
    again = await deal.carrier.http.post(url, json=body, headers=headers)
    assert (first.status_code, first.content) == (201, again.content)
    other = event("departed_pickup")
    refused(await deal.carrier.http.post(url, json=other, headers=headers), 422, "idempotency_key_reused")
    assert len((await deal.shipment())["events"]) == 1


async def test_the_proof_delivers(world: World) -> None:
    """at_dropoff → delivered, with signer and fingerprint; said again under its key, the same answer."""
    deal = await at_dropoff(world)
    url, headers = f"/v1/shipments/{deal.shipment_id}/proof-of-delivery", {"Idempotency-Key": "proof-1"}
    first = await deal.carrier.http.post(url, json=SIGNATURE, headers=headers)
    again = await deal.carrier.http.post(url, json=SIGNATURE, headers=headers)
    shipment = ok(first)
    assert (shipment["status"], first.content) == ("delivered", again.content)
    assert {name: shipment["proof_of_delivery"][name] for name in SIGNATURE} == SIGNATURE
    refused(await deal.prove(), 409, "wrong_state")
    assert await deal.states() == ("covered", "accepted")


async def test_no_proof_before_the_dropoff(world: World) -> None:
    """409 during the journey, with the state that comes next."""
    deal = await covered(world)
    for step in [*JOURNEY[:2], None]:
        problem = refused(await deal.prove(), 409, "wrong_state")
        assert "delivered" not in problem["details"]["allowed"]
        if step:
            ok(await deal.report(step), 201)
    assert (await deal.shipment())["proof_of_delivery"] is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"signed_by": ""}, "body.signed_by"),
        ({"signed_by": "x" * 201}, "body.signed_by"),
        ({"signed_by": "a\x00b"}, "body.signed_by"),
        ({"document_sha256": "0f" * 31}, "body.document_sha256"),
        ({"document_sha256": "0F" * 32}, "body.document_sha256"),
        ({"document_sha256": "0g" * 32}, "body.document_sha256"),
        ({"document_sha256": "0f" * 32 + "\n"}, "body.document_sha256"),
        ({"document": "0f"}, "body.document"),
    ],
)
async def test_a_wrong_proof_is_refused(shared: Deal, change: dict[str, Any], path: str) -> None:
    """422 with the field at fault, before the state is looked at."""
    url = f"/v1/shipments/{shared.shipment_id}/proof-of-delivery"
    problem = refused(await shared.carrier.http.post(url, json=SIGNATURE | change), 422, "invalid_input")
    assert [error["path"] for error in problem["errors"]] == [path]


async def test_a_late_event_is_taken(world: World) -> None:
    """What happened before the acceptance was typed in may be reported afterwards, in its order."""
    deal = await covered(world)
    ok(await deal.report("arrived_at_pickup", occurred_at=in_hours(-20)), 201)
    assert (await deal.shipment())["status"] == "at_pickup"
