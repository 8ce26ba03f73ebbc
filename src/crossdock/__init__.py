"""Crossdock: Tortoise ORM and SQLAlchemy on one PostgreSQL, in one transaction, and the move from one to the other.

The names of `__all__` are the library's public ones (docs/library.md). Each is imported when it is first used, so
`import crossdock` loads neither ORM.
"""

from typing import TYPE_CHECKING

from crossdock.lazy import lazily

if TYPE_CHECKING:
    from crossdock.application import Application
    from crossdock.clock import Clock, FixedClock
    from crossdock.config import Settings
    from crossdock.documents import (
        AccessPath,
        Document,
        Fields,
        Listing,
        Page,
        Single,
        collection,
        decode_cursor,
        document,
        encode_cursor,
        money,
        part,
        published,
        row,
        rows,
    )
    from crossdock.errors import (
        ConfigurationError,
        Conflict,
        CrossdockError,
        Forbidden,
        Invalid,
        NotFound,
        OutcomeUnknown,
        ProgrammingError,
        Unauthenticated,
        Unavailable,
    )
    from crossdock.events import Event
    from crossdock.idempotency import StoredAnswer, find_answer, keep_answer
    from crossdock.ids import new_id
    from crossdock.migrations.run.runner import Runner
    from crossdock.models.base import Base
    from crossdock.models.foreign import foreign_table
    from crossdock.registry import Job, Lane, Module, Orm, Registry, load_settings
    from crossdock.tenancy import Guard, Platform, Tenancy, Tenant
    from crossdock.transaction import Database, Reading, Transaction
    from crossdock.transaction.faults import violated_constraint

__all__ = [
    "AccessPath",
    "Application",
    "Base",
    "Clock",
    "ConfigurationError",
    "Conflict",
    "CrossdockError",
    "Database",
    "Document",
    "Event",
    "Fields",
    "FixedClock",
    "Forbidden",
    "Guard",
    "Invalid",
    "Job",
    "Lane",
    "Listing",
    "Module",
    "NotFound",
    "Orm",
    "OutcomeUnknown",
    "Page",
    "Platform",
    "ProgrammingError",
    "Reading",
    "Registry",
    "Runner",
    "Settings",
    "Single",
    "StoredAnswer",
    "Tenancy",
    "Tenant",
    "Transaction",
    "Unauthenticated",
    "Unavailable",
    "collection",
    "decode_cursor",
    "document",
    "encode_cursor",
    "find_answer",
    "foreign_table",
    "keep_answer",
    "load_settings",
    "money",
    "new_id",
    "part",
    "published",
    "row",
    "rows",
    "violated_constraint",
]

_PLACES = {
    "application": "Application",
    "clock": "Clock FixedClock",
    "config": "Settings",
    "documents": "Document Fields Listing Page Single AccessPath collection decode_cursor document encode_cursor money"
    " part published row rows",
    "errors": "ConfigurationError Conflict CrossdockError Forbidden Invalid NotFound OutcomeUnknown ProgrammingError"
    " Unauthenticated Unavailable",
    "events": "Event",
    "idempotency": "StoredAnswer find_answer keep_answer",
    "ids": "new_id",
    "migrations.run.runner": "Runner",
    "models.base": "Base",
    "models.foreign": "foreign_table",
    "registry": "Job Lane Module Orm Registry load_settings",
    "tenancy": "Guard Platform Tenancy Tenant",
    "transaction": "Database Reading Transaction",
    "transaction.faults": "violated_constraint",
}

if not TYPE_CHECKING:  # a type checker would take every name for one
    __getattr__ = lazily(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
