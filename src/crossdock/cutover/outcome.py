"""What a method of a store did: what it returned or raised, in which time, with how many statements and rows."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel

from crossdock.documents import Document
from crossdock.errors import CrossdockError
from crossdock.transaction.faults import driver_error, translate

MICROSECOND_NS = 1_000
RETURNED, RAISED, ROWS = "returned", "raised", "rows"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rows` are the rows that were written, table and key → before and after; empty for a read.

    `error` is the exception itself, for whoever hands it on.
    """

    value: Any = None
    error: BaseException | None = None
    us: int = 0
    statements: int = 0
    rows: Any = None

    @property
    def plain(self) -> dict[str, Any]:
        """In types that JSON knows, as it is compared and kept."""
        said = {RAISED: name_of(self.error)} if self.error is not None else {RETURNED: plain(self.value)}
        return said | ({ROWS: self.rows} if self.rows else {})

    def answer(self) -> Any:
        """As the method itself: returns or raises."""
        if self.error is not None:
            raise self.error
        return self.value


async def outcome_of(
    call: Callable[[], Awaitable[Any]],
    statements: Callable[[], int],
    finish: Callable[[], Awaitable[None]] | None = None,
) -> Outcome:
    """Never raises what the call raises, but for what ends a task. `finish` sends what the call has left pending: it
    is a part of the call's work, and what is refused then counts as raised by it."""
    before, began = statements(), time.perf_counter_ns()
    value: Any = None
    error: Exception | None = None
    try:
        value = await call()
        if finish is not None:
            await finish()
    except Exception as raised:
        error = raised
    us = (time.perf_counter_ns() - began) // MICROSECOND_NS
    return Outcome(value, error, us, statements() - before)


def name_of(error: BaseException) -> str:
    """By what callers tell errors apart: the class of one of ours, PostgreSQL's own code of the driver's."""
    ours = translate(error)
    if isinstance(ours, CrossdockError):
        return type(ours).__name__
    cause = driver_error(error)
    return str(getattr(cause, "sqlstate", None) or type(cause).__name__)


def plain(value: Any) -> Any:
    """A value in types that JSON knows: equal values look equal, whichever ORM made them, and no others do."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return _of_several(value) if is_dataclass(value) or _is_container(value) else _of_one(value)


def _is_container(value: Any) -> bool:
    return isinstance(value, dict | list | tuple | set | frozenset | BaseModel)


def _of_one(value: Any) -> Any:
    match value:
        case datetime():
            # A time without a zone is another value than the same time in UTC, and is written otherwise.
            return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
        case Decimal() | UUID() | date() | clock_time():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            # 1.0 is not 1 here: a price in floats is a mismatch. What is not known is told by its type.
            return {type(value).__name__: repr(value)}


def _json(value: Any) -> Any:
    """A document's: JSON has one kind of number, and PostgreSQL writes 52 where Python writes 52.0."""
    if isinstance(value, dict):
        return {key: _json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_json(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _of_several(value: Any) -> Any:
    if isinstance(value, Document):
        return {"body": _json(orjson.loads(value.body)), "version": value.version}
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, dict):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=repr)
    return [plain(each) for each in value]
