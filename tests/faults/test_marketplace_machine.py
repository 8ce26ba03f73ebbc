"""A machine does what it likes with a booking, its bids and its shipments, and a plain model says what must follow.

Each rule is tried in any state: the model foretells whether it is done or refused, and what becomes of everything.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from freight.modules.bids.jobs import expire_awards, expire_bookings
from tests.modules.deals import JOURNEY, Deal, Market, funds, own_market
from tests.world import Person, Server, in_hours, money, ok

T = TypeVar("T")

CARRIERS = 3
AMOUNT_MINOR = 1_000
LIVE = {"pending", "awarded", "accepted"}
AFTER = {
    "planned": "at_pickup",
    "at_pickup": "in_transit",
    "in_transit": "at_dropoff",
    "at_dropoff": "delivered",
    "delivered": "closed",
}
CHOICE = st.integers(0, CARRIERS - 1)
STEP_TO = dict(zip(JOURNEY, ("at_pickup", "in_transit", "at_dropoff"), strict=True))


@dataclass(slots=True)
class Stage:
    """What all runs share: the app on a database of its own, one shipper, some carriers."""

    runner: asyncio.Runner
    market: Market
    shipper: Person
    carriers: list[Person]
    known: set[str] = field(default_factory=set)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


BOUNDED = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Marketplace(RuleBasedStateMachine):
    """One booking. `bids` has each carrier's newest bid, `shipment` the newest shipment's state."""

    stage: Stage

    @initialize(head_start=st.integers(0, 8))
    def book(self, head_start: int) -> None:
        """Runs begin anywhere on the straight way to a closed shipment: by chance alone few would get far."""
        self.booking = self.run(self.stage.market.world.draft(self.stage.shipper))
        self.status = "draft"
        self.bids: dict[int, Deal] = {}
        self.states: dict[int, str] = {}
        self.winner: int | None = None
        self.shipment = ""
        self.free, self.held_before = self.run(funds(self.stage.shipper))
        way = [self.publish, partial(self.bid, 0), partial(self.award, 0), partial(self.accept, 0)]
        for step in [*way, *[self.report_next_step] * 4][:head_start]:
            step()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.stage.run(work)

    def tell(self, answer: httpx.Response, foretold: bool, done: int = 200, refused: int = 409) -> bool:
        """Whether it was done, after a check that this is what the model said."""
        assert answer.status_code == (done if foretold else refused), answer.text
        return foretold

    @rule()
    def publish(self) -> None:
        url = f"/v1/bookings/{self.booking['id']}/publish"
        if self.tell(self.run(self.stage.shipper.http.post(url)), self.status == "draft"):
            self.status = "open"

    @rule(number=CHOICE)
    def bid(self, number: int) -> None:
        carrier, url = self.stage.carriers[number], f"/v1/bookings/{self.booking['id']}/bids"
        body = {"amount": money(AMOUNT_MINOR), "pickup_eta": in_hours(24)}
        answer = self.run(carrier.http.post(url, json=body))
        sees = self.status == "open" or (self.winner == number and self.status in {"awarded", "covered", "delivered"})
        fits = self.status == "open" and self.states.get(number) not in LIVE
        if self.tell(answer, fits, done=201, refused=409 if sees else 404):
            self.bids[number] = Deal(self.stage.shipper, carrier, self.booking["id"], answer.json()["id"])
            self.states[number] = "pending"

    @precondition(lambda self: self.bids)
    @rule(choice=CHOICE)
    def withdraw(self, choice: int) -> None:
        number = self.any_bid(choice)
        if self.tell(self.run(self.bids[number].withdraw()), self.states[number] == "pending"):
            self.states[number] = "withdrawn"

    @precondition(lambda self: self.bids)
    @rule(choice=CHOICE)
    def award(self, choice: int) -> None:
        number = self.any_bid(choice)
        fits = self.status == "open" and self.states[number] == "pending"
        if self.tell(self.run(self.bids[number].award()), fits):
            self.status, self.winner, self.states[number] = "awarded", number, "awarded"

    @precondition(lambda self: self.bids)
    @rule(choice=CHOICE)
    def accept(self, choice: int) -> None:
        number = self.any_bid(choice)
        if self.tell(self.run(self.bids[number].accept()), self.states[number] == "awarded"):
            self.reject_pending()
            self.status, self.shipment, self.states[number] = "covered", "planned", "accepted"
            query = {"booking_id": self.booking["id"], "limit": 1}
            page = ok(self.run(self.stage.shipper.http.get("/v1/shipments", params=query)))
            self.shipped = self.bids[number]
            self.shipped.shipment_id = page["items"][0]["id"]

    @precondition(lambda self: self.bids)
    @rule(choice=CHOICE)
    def decline(self, choice: int) -> None:
        number = self.any_bid(choice)
        if self.tell(self.run(self.bids[number].decline()), self.states[number] == "awarded"):
            self.reopen("declined")

    @precondition(lambda self: self.status == "awarded")
    @rule()
    def let_the_award_expire(self) -> None:
        assert self.winner is not None
        self.run(self.stage.market.overdue(self.bids[self.winner]))
        self.run(expire_awards(self.stage.market.database))  # or the app's own job, which may come first
        self.reopen("expired")

    @precondition(lambda self: self.status == "open" and len(self.bids) == CARRIERS)
    @rule()
    def let_the_booking_expire(self) -> None:
        past = datetime.now(UTC) - timedelta(seconds=1)
        sql = "UPDATE bookings SET pickup_ready_at = $2 WHERE id = $1"
        self.run(self.stage.market.ask(sql, self.booking["id"], past))
        self.run(expire_bookings(self.stage.market.database))
        self.reject_pending()
        self.status = "expired"

    @precondition(lambda self: self.status not in {"draft", "open"} or len(self.bids) == CARRIERS)
    @rule()
    def cancel_booking(self) -> None:
        answer = self.run(self.stage.shipper.http.post(f"/v1/bookings/{self.booking['id']}/cancel"))
        if self.tell(answer, self.status in {"draft", "open", "awarded"}):
            if self.winner is not None:
                self.states[self.winner] = "rejected"
            self.reject_pending()
            self.status, self.winner = "cancelled", None

    @precondition(lambda self: self.shipment)
    @rule(type_=st.sampled_from(JOURNEY))
    def report_step(self, type_: str) -> None:
        if self.tell(self.run(self.shipped.report(type_)), AFTER.get(self.shipment) == STEP_TO[type_], done=201):
            self.shipment = STEP_TO[type_]

    @precondition(lambda self: self.shipment in STEP_TO.values() or self.shipment == "planned")
    @rule()
    def report_next_step(self) -> None:
        """So that runs get far: any order of steps seldom is the right one."""
        to = AFTER[self.shipment]
        if to == "delivered":
            self.prove()
        else:
            ok(self.run(self.shipped.report(JOURNEY[list(STEP_TO.values()).index(to)])), 201)
            self.shipment = to

    @precondition(lambda self: self.shipment)
    @rule()
    def report_incident(self) -> None:
        self.tell(self.run(self.shipped.report("detention")), self.shipment not in {"closed", "cancelled"}, done=201)

    @precondition(lambda self: self.shipment)
    @rule()
    def prove(self) -> None:
        if self.tell(self.run(self.shipped.prove()), self.shipment == "at_dropoff"):
            self.shipment = "delivered"

    @precondition(lambda self: self.shipment)
    @rule()
    def accept_delivery(self) -> None:
        if self.tell(self.run(self.shipped.accept_delivery()), self.shipment == "delivered"):
            self.shipment, self.status = "closed", "delivered"

    @precondition(lambda self: self.shipment)
    @rule(by_carrier=st.booleans())
    def cancel_shipment(self, by_carrier: bool) -> None:
        answer = self.run(self.shipped.cancel_shipment(self.shipped.carrier if by_carrier else None))
        if self.tell(answer, self.shipment in {"planned", *STEP_TO.values()}):
            self.shipment = "cancelled"
            self.reopen("declined")

    def any_bid(self, choice: int) -> int:
        """The number of a carrier that has bid."""
        return sorted(self.bids)[choice % len(self.bids)]

    def reopen(self, winner_becomes: str) -> None:
        assert self.winner is not None
        self.states[self.winner] = winner_becomes
        self.status, self.winner = "open", None

    def reject_pending(self) -> None:
        self.states |= {number: "rejected" for number, state in self.states.items() if state == "pending"}

    @invariant()
    def the_service_agrees(self) -> None:
        """Booking, bids, shipment and the shipper's money are what the model says."""
        read = ok(self.run(self.stage.shipper.http.get(f"/v1/bookings/{self.booking['id']}")))
        winner = None if self.winner is None else self.bids[self.winner].bid_id
        assert (read["status"], read["awarded_bid_id"]) == (self.status, winner)
        page = ok(self.run(self.stage.shipper.http.get(f"/v1/bookings/{self.booking['id']}/bids")))
        found = {item["id"]: item["status"] for item in page["items"]}
        assert {number: found[deal.bid_id] for number, deal in self.bids.items()} == self.states
        if self.shipment:
            assert self.run(self.shipped.shipment())["status"] == self.shipment
        held = AMOUNT_MINOR if self.status in {"awarded", "covered"} else 0
        paid = AMOUNT_MINOR if self.status == "delivered" else 0
        assert self.run(funds(self.stage.shipper)) == (self.free - held - paid, self.held_before + held)

    def teardown(self) -> None:
        """At the end of a run every invariant of the marketplace holds; what an earlier run broke is not told again."""
        broken = set(self.run(self.stage.market.violations()))
        new, self.stage.known = broken - self.stage.known, broken
        assert not new


async def people(market: Market) -> tuple[Person, list[Person]]:
    return await market.world.shipper(), [await market.world.carrier() for _ in range(CARRIERS)]


@pytest.fixture
def stage(server: Server, template: str) -> Iterator[Stage]:
    """On an event loop of its own: hypothesis calls plain functions, which cannot await."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        opened = AsyncExitStack()
        market = runner.run(opened.enter_async_context(own_market(server, template, "machine")))
        try:
            yield Stage(runner, market, *runner.run(people(market)))
        finally:
            runner.run(opened.aclose())


def test_the_marketplace_follows_its_model(stage: Stage) -> None:
    """Whatever is done in whatever order: what the model allows is done, all else is refused, and order is kept."""
    Marketplace.stage = stage
    run_state_machine_as_test(Marketplace, settings=BOUNDED)
