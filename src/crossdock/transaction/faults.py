"""Driver errors of both ORMs, translated into errors of this library."""

import traceback
from typing import NoReturn

import asyncpg
from asyncpg import exceptions as pg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SqlAlchemyTimeout
from tortoise.exceptions import ValidationError

from crossdock.errors import (
    Busy,
    CrossdockError,
    DatabaseUnavailable,
    Forbidden,
    Invalid,
    StatementTooSlow,
    TransactionAborted,
    Unauthenticated,
    WriteInReading,
)
from crossdock.tenancy.guard import REFUSED

UNAVAILABLE = (
    pg.PostgresConnectionError,
    pg.AdminShutdownError,
    pg.CrashShutdownError,
    pg.CannotConnectNowError,
    pg.TooManyConnectionsError,
    pg.InvalidAuthorizationSpecificationError,
    pg.InvalidCatalogNameError,
    pg.IdleInTransactionSessionTimeoutError,
    pg.IdleSessionTimeoutError,
    pg.TransactionTimeoutError,
    asyncpg.InternalClientError,  # the driver's own state is broken: seen when a backend is ended between two messages
    SqlAlchemyTimeout,
)
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
BUSY = (pg.DeadlockDetectedError, pg.SerializationError, pg.LockNotAvailableError)
TRANSLATED: tuple[tuple[tuple[type[BaseException], ...], type[CrossdockError]], ...] = (
    (UNAVAILABLE, DatabaseUnavailable),
    (BUSY, Busy),
    ((pg.QueryCanceledError,), StatementTooSlow),
    ((pg.InsufficientPrivilegeError,), Forbidden),
    ((pg.InFailedSQLTransactionError,), TransactionAborted),
    ((pg.ReadOnlySQLTransactionError,), WriteInReading),
    ((pg.DataError, ValidationError), Invalid),  # Tortoise measures a text before PostgreSQL would refuse it
)


def driver_error(error: BaseException) -> BaseException:
    """The driver's own error under what SQLAlchemy or Tortoise wrapped around it."""
    if isinstance(error, DBAPIError) and error.driver_exception is not None:
        return error.driver_exception
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, DRIVER_ERRORS):
        seen = seen.__cause__
    return seen or error


def translate(error: BaseException) -> BaseException:
    """An error of ours for what PostgreSQL or the connection said, or `error` itself when it is none of theirs."""
    if isinstance(error, CrossdockError):
        return error
    cause = driver_error(error)
    if isinstance(cause, asyncpg.InterfaceError) and "clos" in str(cause):  # "connection is closed", "was closed"
        return DatabaseUnavailable()
    if is_of_the_socket(cause):
        return DatabaseUnavailable()
    if was_refused_by_guard(error):
        return Unauthenticated()
    for kinds, our_error in TRANSLATED:
        if isinstance(cause, kinds):
            return our_error()
    return error


def is_of_the_socket(error: BaseException) -> bool:
    """Whether the driver could not reach the server, or had no answer from it in time.

    It says so with Python's own OSError and TimeoutError, and so does whatever else a unit of work does: a file, a call
    to somebody else. Only what was raised inside of the driver is about the database.
    """
    return isinstance(error, OSError) and any(  # a TimeoutError is one
        frame.f_globals.get("__name__", "").partition(".")[0] == "asyncpg"
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )


def was_refused_by_guard(error: BaseException) -> bool:
    """The question that a unit of work begins with was answered with no."""
    return getattr(driver_error(error), "sqlstate", None) == REFUSED


def fail(error: BaseException) -> NoReturn:
    """Raises what `translate` returns. Never `raise error from error`: walking up to its first cause would not end."""
    translated = translate(error)
    if translated is error:
        raise error
    raise translated from error


def is_lost(error: BaseException) -> bool:
    """The connection is gone, or its backend is. One that is late with its answer is not: it may answer yet."""
    return isinstance(translate(error), DatabaseUnavailable) and not _is_late(error)


def _is_late(error: BaseException | None) -> bool:
    """Whether the driver gave up waiting, whatever was made of its TimeoutError since."""
    while error is not None and not isinstance(error, TimeoutError):
        error = error.__cause__
    return error is not None


def was_refused(error: BaseException) -> bool:
    """PostgreSQL answered, and the answer was no."""
    return isinstance(error, asyncpg.PostgresError) and not isinstance(error, UNAVAILABLE)


def violated_constraint(error: BaseException) -> str | None:
    """The name of the constraint or unique index that refused a row, or None when it was something else."""
    cause = driver_error(error)
    if isinstance(cause, asyncpg.IntegrityConstraintViolationError):
        return str(cause.constraint_name)
    return None
