"""The errors of an operation are read from its code: each way that a function has to come to one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import pytest

from crossdock.errors import Conflict, Forbidden, Invalid, NotFound, ProgrammingError, Unavailable
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.web.document.raised import Raised
from freight.modules.bids import routes
from freight.modules.bids.service import offers
from freight.modules.bookings.store import BookingReads
from tests.application import application
from tests.documented import document
from tests.requests import operations


class Broken(Invalid):
    """It is broken."""


class OurFault(ProgrammingError):
    """A rule of ours was broken."""


class Crate:
    """What may be broken."""

    def __post_init__(self) -> None:
        raise Conflict

    @property
    def weight_kg(self) -> int:
        raise Forbidden

    def open(self) -> None:
        raise Broken(field="body.crate")


CRATE = Crate()


@asynccontextmanager
async def around(error: Invalid) -> AsyncIterator[None]:
    yield
    raise error


async def named() -> None:
    raise NotFound


async def called() -> None:
    await named()


async def handed_over() -> None:
    await twice(named)


async def twice(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def inside() -> None:
    async def work() -> None:
        raise NotFound

    await twice(work)


async def put_around() -> None:
    async with around(Broken(field="body.crate")):
        pass


def by_a_parameter(crate: Annotated[Crate, "a crate"]) -> None:
    crate.open()


def by_a_global() -> None:
    CRATE.open()


def by_a_property(crate: Crate | None) -> int:
    return crate.weight_kg if crate else 0


def by_making_one() -> None:
    Crate()


async def caught() -> None:
    try:
        by_a_parameter(CRATE)
    except NotFound:
        raise OurFault from None


FOUND = {
    named: {NotFound: None},
    called: {NotFound: None},
    handed_over: {NotFound: None},
    inside: {NotFound: None},
    put_around: {Broken: "body.crate"},
    by_a_parameter: {Broken: "body.crate"},
    by_a_global: {Broken: "body.crate"},
    by_a_property: {Forbidden: None},
    by_making_one: {Conflict: None},
    caught: {Broken: "body.crate"},
}


@pytest.fixture(scope="module")
def raised() -> Raised:
    """As if this file were a module of the application."""
    return Raised(Registry(application("tests.web"), {}))


@pytest.mark.parametrize("function", FOUND, ids=lambda function: function.__name__)
def test_an_error_is_found_however_it_is_reached(raised: Raised, function: Callable[..., object]) -> None:
    """Named, called, handed over, by a method, a property or a class; not where it ends, and no fault of our own."""
    assert raised.of(function) == FOUND[function]


async def reads(database: Database, booking_id: UUID) -> None:
    async with database.reading(None, BookingReads) as store:  # type: ignore[arg-type]
        await store.get(booking_id)


async def writes(database: Database) -> Transaction:
    async with database.transaction(None) as tx:  # type: ignore[arg-type]
        return tx


def test_a_write_may_be_refused_or_end_in_doubt_and_a_read_may_not(raised: Raised) -> None:
    """What a unit of work raises of itself, by what it is."""
    codes = [{kind.__name__ for kind in raised.of(function)} for function in (reads, writes)]
    assert {"Busy", "PoolExhausted", "DatabaseUnavailable"} < codes[0]
    assert codes[1] - codes[0] == {"OutcomeUnknown", "ReadOnly"}
    assert all(issubclass(kind, Unavailable) for kind in raised.of(writes))


def test_a_rule_of_the_business_is_told_at_its_operation(registry: Registry) -> None:
    """All of a bid's own, with the field that each names, and those of nobody else."""
    found = Raised(registry).of(routes.offers.place_bid)
    own = {kind for kind in vars(offers).values() if isinstance(kind, type) and kind.__module__ == offers.__name__}
    assert own <= found.keys()
    assert found[offers.EtaInThePast] == "body.pickup_eta"
    (told,) = (each.told["responses"] for each in operations(document()) if each.name == "bids_place")
    assert set(told["403"]["content"]["application/problem+json"]["examples"]) == {
        "not_a_carrier",
        "not_for_operators",
    }
    assert "too_heavy" not in told["422"]["content"]["application/problem+json"]["examples"]
