"""Errors: a class is a kind, its docstring the message, its name the code that clients match on."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from asyncpg import exceptions as pg
from sqlalchemy import text
from tortoise.exceptions import OperationalError

from crossdock.errors import (
    Busy,
    CrossdockError,
    DatabaseUnavailable,
    Forbidden,
    Invalid,
    NotFound,
    ReadOnly,
    StatementTooSlow,
    TooManyRequests,
    TransactionAborted,
    Unavailable,
    WriteInReading,
    WrongState,
)
from crossdock.transaction import Database
from crossdock.transaction.faults import fail, translate, violated_constraint
from tests.library.scene import PLATFORM, new_tenant, write_tortoise


def every(kind: type[CrossdockError]) -> Iterator[type[CrossdockError]]:
    """A class and all below it that the library has."""
    yield kind
    for below in kind.__subclasses__():
        if below.__module__.startswith("crossdock"):
            yield from every(below)


def test_every_error_has_a_message_and_a_code_of_its_own() -> None:
    """One sentence, and no two with the same code."""
    kinds = list(every(CrossdockError))
    assert len({kind.code.fget(kind.__new__(kind)) for kind in kinds}) == len(kinds)  # type: ignore[attr-defined]
    for kind in kinds:
        first = (kind.__doc__ or "").splitlines()[0]
        assert first.endswith("."), kind


def test_message_code_and_details() -> None:
    """The docstring unless something more exact is said; details are what the caller may see."""

    class BidOverCeiling(Invalid):
        """The bid is over the ceiling.

        More about it, for those who read the code.
        """

    error = BidOverCeiling(field="body.amount", ceiling_minor=5)
    assert (str(error), error.code) == ("The bid is over the ceiling.", "bid_over_ceiling")
    assert (error.field, error.details) == ("body.amount", {"ceiling_minor": 5})
    assert str(BidOverCeiling("Over 5.00 EUR.")) == "Over 5.00 EUR."


def test_a_wrong_state_names_both_states_and_the_allowed_ones() -> None:
    """In words for people, and in details for programs."""
    error = WrongState("booking", "draft", "covered", ("open", "cancelled"))
    assert str(error) == (
        "The booking is draft, so it cannot become covered; from draft it can become open, cancelled."
    )
    assert error.details == {"current": "draft", "wanted": "covered", "allowed": ["open", "cancelled"]}
    assert str(WrongState("bid", "rejected", "awarded")).endswith("it cannot become awarded.")


def test_what_passes_says_when_to_try_again() -> None:
    """Every kind of Unavailable, and TooManyRequests with a time of its own; nothing else does."""
    for kind in every(CrossdockError):
        if issubclass(kind, Unavailable):
            assert kind().retry_after_s == (30 if kind is ReadOnly else 1)
        elif kind is not TooManyRequests:
            assert kind.retry_after_s is None
    assert TooManyRequests(retry_after_s=30).retry_after_s == 30


DRIVER_ERRORS = [
    (pg.AdminShutdownError("x"), DatabaseUnavailable),
    (pg.ConnectionDoesNotExistError("x"), DatabaseUnavailable),
    (pg.TooManyConnectionsError("x"), DatabaseUnavailable),
    (asyncpg.InterfaceError("connection is closed"), DatabaseUnavailable),
    (pg.IdleSessionTimeoutError("x"), DatabaseUnavailable),
    (pg.TransactionTimeoutError("x"), DatabaseUnavailable),
    (pg.DeadlockDetectedError("x"), Busy),
    (pg.LockNotAvailableError("x"), Busy),
    (pg.QueryCanceledError("x"), StatementTooSlow),
    (pg.SerializationError("x"), Busy),
    (pg.InsufficientPrivilegeError("x"), Forbidden),
    (pg.NumericValueOutOfRangeError("x"), Invalid),
    (pg.UntranslatableCharacterError("x"), Invalid),
    (pg.InFailedSQLTransactionError("x"), TransactionAborted),
    (pg.ReadOnlySQLTransactionError("x"), WriteInReading),
]


@pytest.mark.parametrize(("error", "kind"), DRIVER_ERRORS, ids=[type(error).__name__ for error, _ in DRIVER_ERRORS])
def test_the_drivers_errors_in_the_kernels_words(error: Exception, kind: type[CrossdockError]) -> None:
    """As they are, and PostgreSQL's as Tortoise wraps them."""
    assert type(translate(error)) is kind
    if isinstance(error, asyncpg.PostgresError):
        wrapped = OperationalError(error)
        wrapped.__cause__ = error
        assert type(translate(wrapped)) is kind


def test_other_errors_stay_what_they_are() -> None:
    """A bug is not told as an outage, a constraint is not told at all, and one of ours is not told twice."""
    for error in (
        KeyError("x"),
        asyncio.CancelledError(),
        ConnectionRefusedError(),
        TimeoutError(),
        asyncpg.InterfaceError("another operation is in progress"),
        pg.UniqueViolationError("x"),
        pg.UndefinedTableError("x"),
        NotFound(),
    ):
        assert translate(error) is error
        with pytest.raises(type(error)) as caught:
            fail(error)
        assert caught.value is error
        assert caught.value.__cause__ is None


async def test_the_constraint_that_refused_a_row(database: Database) -> None:
    """Its name, through either ORM; None for any other error."""
    tenant = await new_tenant(database)
    duplicate = f"INSERT INTO companies SELECT * FROM companies WHERE id = '{tenant.company_id}'"
    async with database.transaction(PLATFORM) as tx:
        for execute in (lambda: tx.sql.execute(text(duplicate)), lambda: write_tortoise(tx, tenant.company_id)):
            with pytest.raises(Exception, match="duplicate key") as caught:
                async with tx.savepoint():
                    await execute()
            assert violated_constraint(caught.value) == "companies_pkey"
    assert violated_constraint(KeyError()) is None
    assert violated_constraint(pg.DeadlockDetectedError("x")) is None
