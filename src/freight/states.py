"""The states of a booking, a bid or a shipment: which may follow which, and how a row is moved to its next one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from crossdock.errors import ChangedMeanwhile, WrongState
from crossdock.events import Event
from crossdock.ids import new_id
from crossdock.transaction import Transaction

Row = TypeVar("Row")
Status = TypeVar("Status", bound=StrEnum)
History = TypeVar("History")
Made = TypeVar("Made")

Row_contra = TypeVar("Row_contra", contravariant=True)
Status_contra = TypeVar("Status_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Step(Generic[Status]):
    """One change of state: from which (None at the beginning), to which, by whom, why and when."""

    from_status: Status | None
    to_status: Status
    actor_id: UUID | None
    reason: str | None
    at: datetime

    def row(self, kind: Callable[..., Made], **keys: UUID) -> Made:
        """A history row of this step. `kind` is its class, and `keys` are the fields that only this class has."""
        return kind(
            id=new_id(),
            from_status=self.from_status,
            to_status=self.to_status,
            actor_id=self.actor_id,
            reason=self.reason,
            created_at=self.at,
            **keys,
        )

    def event(self, kind: Callable[..., Made], **keys: UUID) -> Made:
        """An event of this step. `kind` is its class, and `keys` are its subject and what else only this class has."""
        return kind(from_status=self.from_status, to_status=self.to_status, reason=self.reason, **keys)


class StatesStore(Protocol[Row_contra, Status_contra, History]):
    """The two methods that a store needs for its rows to have states."""

    async def move(self, row: Row_contra, *, from_status: Status_contra) -> bool:
        """Writes the row's state where the stored state still is `from_status`. False where it is not."""
        ...

    async def add_history(self, rows: list[History]) -> None:
        """Inserts history rows."""
        ...


@dataclass(frozen=True, slots=True)
class States(Generic[Row, Status, History]):
    """The states of one kind of row, a dataclass with `status`, `updated_at` and `version`.

    `thing` is its name in error messages. `following` has, for each state, those that may come next. `history` makes
    the history row of a step, and `event` the event of one; both are given the row as it was before the step.
    """

    thing: str
    store: type[StatesStore[Row, Status, History]]
    following: Mapping[Status, tuple[Status, ...]]
    history: Callable[[Row, Step[Status]], History]
    event: Callable[[Row, Step[Status]], Event]

    def check(self, row: Row, to: Status) -> None:
        """Raises WrongState, which names both states and the allowed ones, where `to` may not come next."""
        current = self._status(row)
        if to not in self.following[current]:
            raise WrongState(self.thing, current, to, tuple(self.following[current]))

    async def begin(self, tx: Transaction, row: Row) -> None:
        """Records the first state of a row that was just added. It has no event: the module emits one for the row."""
        step = Step(None, self._status(row), tx.actor_id, None, tx.clock.now())
        await tx.store(self.store).add_history([self.history(row, step)])

    async def move(self, tx: Transaction, row: Row, to: Status, *, reason: str | None = None, **changed: Any) -> Row:
        """Writes the next state, its history row and its event, in the caller's transaction. Returns the new row.

        `changed` are further fields of the row that the step sets. Raises WrongState; and ChangedMeanwhile where the
        stored row is no longer in the state that `row` has.
        """
        self.check(row, to)
        fresh: Any = row
        moved: Row = replace(fresh, **changed, status=to, updated_at=tx.clock.now(), version=fresh.version + 1)
        # Compare and swap: the UPDATE has the old state in its WHERE. Of two steps that were both checked against the
        # same row, the second one waits for the row's lock, finds another state, and writes nothing.
        if not await tx.store(self.store).move(moved, from_status=self._status(row)):
            raise ChangedMeanwhile
        await self.record(tx, [row], to, reason)
        return moved

    async def record(self, tx: Transaction, rows: Sequence[Row], to: Status, reason: str | None) -> None:
        """Adds the history rows and the events of rows that were moved to one state. `rows` are as they were before."""
        now = tx.clock.now()
        steps = [(row, Step(self._status(row), to, tx.actor_id, reason, now)) for row in rows]
        await tx.store(self.store).add_history([self.history(row, step) for row, step in steps])
        for row, step in steps:
            tx.emit(self.event(row, step))

    def _status(self, row: Row) -> Status:
        status: Status = row.status  # type: ignore[attr-defined]
        return status
