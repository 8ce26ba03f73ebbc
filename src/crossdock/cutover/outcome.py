"""What a method of a store did: what it returned or raised, in which time, with how many statements, rows and locks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel

from crossdock.cutover.exact import said, values_of
from crossdock.cutover.keys import Made
from crossdock.cutover.limit import NoAnswer, limited
from crossdock.documents import Document
from crossdock.errors import CrossdockError, StatementTooSlow, Unavailable
from crossdock.events import Event
from crossdock.transaction import Unit
from crossdock.transaction.faults import driver_error, translate, violated_constraint

MICROSECOND_NS = 1_000
RETURNED, RAISED, ROWS, LOCKS, EVENTS = "returned", "raised", "rows", "locks", "events"
SETTINGS, AFTER_COMMIT = "settings", "after_commit"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rows` are the rows that were written, table and key → before and after; None where that was not looked at.

    `error` is the exception itself, for whoever hands it on. `sent` are the statements of a write, without their
    values, and `locks` what they asked for beside the rows that they wrote: table → as in `FOR NO KEY UPDATE`. `events`
    are those that it emitted, `settings` the session's that it has left changed, `after_commit` how much work it has
    registered for after the commit. `made` replaces the keys that were made in it. `is_summed`: there were so many rows
    that `rows` are sums.
    """

    value: Any = None
    error: BaseException | None = None
    us: int = 0
    statements: int = 0
    rows: Any = None
    sent: tuple[str, ...] = ()
    locks: dict[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    after_commit: int = 0
    made: Made | None = None
    is_summed: bool = False

    @property
    def plain(self) -> dict[str, Any]:
        """In types that JSON knows, as it is compared and kept."""
        did = {RAISED: name_of(self.error)} if self.error is not None else {RETURNED: plain(self.value, named=True)}
        if self.rows is None or self.made is None:
            return did
        besides = {ROWS: self.rows, LOCKS: self.locks, EVENTS: self.made.answer(plain(self.events, named=True))}
        seldom = {SETTINGS: self.settings, AFTER_COMMIT: self.after_commit}
        if self.error is not None:
            # What it did before stays, where the caller goes on. Where PostgreSQL has refused it there is nothing.
            besides, seldom = {}, besides | seldom
        # Each by itself: a number that is the whole answer has no name, and may be a key.
        answered = {name: self.made.answer(each) for name, each in did.items()}
        return answered | besides | {name: each for name, each in seldom.items() if each}

    @property
    def is_late(self) -> bool:
        """It was ended because it took too long."""
        return isinstance(self.error, NoAnswer) or isinstance(self._ours, StatementTooSlow)

    @property
    def is_outage(self) -> bool:
        """It failed for what is no fault of the method: no connection, or a lock of another transaction."""
        return isinstance(self._ours, Unavailable) and not self.is_late

    @property
    def _ours(self) -> BaseException | None:
        return None if self.error is None else translate(self.error)

    def answer(self) -> Any:
        """As the method itself: returns or raises."""
        if self.error is not None:
            raise self.error
        return self.value


async def outcome_of(call: Callable[[], Awaitable[Any]], unit: Unit, *, limit_s: float | None = None) -> Outcome:
    """Never raises what the call raises, but for what ends a task. `limit_s` ends the call, as NoAnswer."""
    before, began = unit.statements, time.perf_counter_ns()
    value: Any = None
    error: BaseException | None = None
    try:
        async with nullcontext() if limit_s is None else limited(unit, limit_s):
            value = await call()
    except BaseException as raised:
        if _ends_task(raised):
            raise
        error = raised
    us = (time.perf_counter_ns() - began) // MICROSECOND_NS
    return Outcome(value, error, us, unit.statements - before)


def _ends_task(raised: BaseException) -> bool:
    """Whether somebody ends the task from outside. A store may raise a cancellation of its own, or SystemExit: that is
    its outcome, like any error."""
    if isinstance(raised, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(raised, KeyboardInterrupt | GeneratorExit)


def name_of(error: BaseException) -> str:
    """By what callers tell errors apart: the class of one of ours, PostgreSQL's own code of the driver's, and the name
    of the constraint that refused a row."""
    ours = translate(error)
    if isinstance(ours, CrossdockError):
        return type(ours).__name__
    cause = driver_error(error)
    code = str(getattr(cause, "sqlstate", None) or type(cause).__name__)
    return " ".join(filter(None, (code, violated_constraint(error))))


def plain(value: Any, *, named: bool = False) -> Any:
    """A value in types that JSON knows: equal values look equal, whichever ORM made them, and no others do.

    `named`: with the names of classes, so that the text of an enum is another value than its member. Without them it
    can be read back.
    """
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}" if named else plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if _is_container(value):
        return _of_several(value, named=named)
    found = _of_one(value)
    return found if named or not isinstance(found, str) else str(found)


def _is_container(value: Any) -> bool:
    is_row = is_dataclass(value) and not isinstance(value, type)
    return is_row or isinstance(value, dict | list | tuple | set | frozenset | BaseModel)


def _of_one(value: Any) -> Any:
    found = said(value)
    # 1.0 is not 1 here: a price in floats is a mismatch. What is not known is told by its type.
    return {type(value).__name__: repr(value)} if found is None else found


def _of_several(value: Any, *, named: bool) -> Any:
    if isinstance(value, Document):
        return {"body": values_of(value.body), "version": value.version}
    if isinstance(value, dict):
        return {str(plain(key)): plain(each, named=named) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(each, named=named) for each in value), key=repr)
    if is_dataclass(value) or isinstance(value, BaseModel):
        return ({"class": type(value).__name__} if named else {}) | plain(_fields(value), named=named)
    return [plain(each, named=named) for each in value]


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, BaseModel):
        return value.model_dump()
    return {field.name: getattr(value, field.name) for field in fields(value)}
