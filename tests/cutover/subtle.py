"""Methods of the bookings store that are wrong for some values, or beside their answer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crossdock.documents import Page
from crossdock.transaction import Reading
from freight.modules.bookings.models_sqlalchemy import Booking
from freight.modules.bookings.store import BookingHistoryRow, BookingRow, Pickup
from tests.cutover.use import SUMMER

Method = Callable[..., Awaitable[Any]]


def as_float(minor: int) -> int:
    """Exact for all amounts but the largest ones."""
    return int(float(minor))


def trimmed(pickup: Pickup) -> Pickup:
    return replace(pickup, address=pickup.address.strip())


def small(pickup: Pickup) -> Pickup:
    return replace(pickup, address=pickup.address.lower())


def cut(pickup: Pickup) -> Pickup:
    whole = pickup.ready_at.microsecond // 1_000 * 1_000
    return replace(pickup, ready_at=pickup.ready_at.replace(microsecond=whole))


def summer(pickup: Pickup) -> Pickup:
    """As where a time of the wall is taken for one in winter."""
    is_summer = pickup.ready_at.month == SUMMER.month
    return replace(pickup, ready_at=pickup.ready_at.replace(hour=pickup.ready_at.hour + 1)) if is_summer else pickup


def from_the_cursor_on(page: Page, *others: Any) -> tuple[Any, ...]:
    """The first row of a page is the last one of the page before."""
    return (page if page.after is None else replace(page, after=UUID(int=page.after.int + 1)), *others)  # type: ignore[union-attr]


def always_more(content: dict[str, Any]) -> None:
    """Where a page is full, another one is promised, though it may be empty."""
    if content["items"]:
        content["next_cursor"] = content["next_cursor"] or content["items"][-1]["id"]


def empty_for_null(content: dict[str, Any]) -> None:
    content["carrier_id"] = content["carrier_id"] or ""


async def an_orm_object(self: Any, key: UUID, **_: Any) -> Any:
    """Its columns may be read later, or never."""
    async with AsyncSession(self._unit.sql) as session:
        return await session.get(Booking, key)


def writing(right: Method) -> Method:
    async def get(self: Any, key: UUID, **named: Any) -> Any:
        await self._unit.sql.execute(text("UPDATE bookings SET version = version + 1"))
        return await right(self, key, **named)

    return get


def touching(right: Method) -> Method:
    """It notes that somebody has looked."""

    async def get(self: Any, key: UUID, **named: Any) -> Any:
        row = await right(self, key, **named)
        await self._tx.sql.execute(text("UPDATE bookings SET updated_at = now() WHERE id = :id"), {"id": key})
        return row

    return get


def remembering(right: Method) -> Method:
    """What it has once read is never read again."""
    known: dict[UUID, Any] = {}

    async def get(self: Any, key: UUID, **named: Any) -> Any:
        if key not in known:
            known[key] = await right(self, key, **named)
        return known[key]

    return get


def beside(right: Method) -> Method:
    """By a unit of work of its own, which does not see what the one that it is asked in sees."""

    async def get(self: Any, key: UUID, **named: Any) -> Any:
        unit = self._unit
        async with Reading(unit._environment, unit.scope, unit._pool) as other:
            return await right(type(self)(other), key, **named)

    return get


def locking_late(right: Method) -> Method:
    """The row is read first, and held only then: somebody else may change it in between."""

    async def get(self: Any, key: UUID, *, lock: bool = False) -> Any:
        row = await right(self, key)
        if lock:
            one = select(Booking.id).where(Booking.id == key)
            await self._tx.sql.execute(one.with_for_update(key_share=True))
        return row

    return get


def leaving(statement: str) -> Callable[[Method], Method]:
    """It sends that before, and does not take it back."""

    def wrong(right: Method) -> Method:
        async def method(self: Any, *arguments: Any, **named: Any) -> Any:
            await self._tx.sql.execute(text(statement))
            return await right(self, *arguments, **named)

        return method

    return wrong


def working_later(right: Method) -> Method:
    async def add(self: Any, row: BookingRow) -> None:
        async def nothing() -> None: ...

        await right(self, row)
        self._tx.after_commit(nothing)

    return add


def twice(right: Method) -> Method:
    """The last row once more, with a key of its own, as where a batch begins one row too early."""

    async def add_history(self: Any, rows: list[BookingHistoryRow]) -> None:
        await right(self, [*rows, replace(rows[-1], id=uuid4())])

    return add_history


def empty_reasons(right: Method) -> Method:
    async def add_history(self: Any, rows: list[BookingHistoryRow]) -> None:
        await right(self, [replace(row, reason=row.reason or "") for row in rows])

    return add_history


def trying_again(right: Method) -> Method:
    """Whoever comes too late overwrites what the other one has written."""

    async def change(self: Any, row: BookingRow, *, version: int) -> bool:
        return bool(await right(self, row, version=version) or await right(self, row, version=version + 1))

    return change


def retrying(right: Method) -> Method:
    """A key that is taken is replaced by another one."""

    async def add(self: Any, row: BookingRow) -> None:
        try:
            async with self._tx.savepoint():
                await right(self, row)
        except Exception:
            await right(self, replace(row, id=uuid4()))

    return add
