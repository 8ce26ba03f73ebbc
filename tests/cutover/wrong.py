"""Methods of the bookings store that are wrong, made of right ones."""

import asyncio
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crossdock.documents import Document, Listing, Page
from crossdock.errors import Conflict
from freight.modules.bookings.columns import all_of, booking_of
from freight.modules.bookings.documents import BOOKING, FILTERS
from freight.modules.bookings.events import BookingCreated
from freight.modules.bookings.models_sqlalchemy import Booking
from freight.modules.bookings.schemas import BookingPage
from freight.modules.bookings.store import BookingRow, BookingStatus, Pickup
from freight.money import Money
from tests.stores.test_bookings_store import history_row

EVERYBODYS = Listing(BookingPage, Booking, BOOKING, order_by=Booking.id.desc(), filters=FILTERS)
Method = Callable[..., Awaitable[Any]]
Wrong = Callable[[Method], Method]
TIMES_SLOWER = 50


def asked(change: Callable[..., tuple[Any, ...]]) -> Wrong:
    """The method with other arguments, by position."""

    def wrong(right: Method) -> Method:
        async def method(self: Any, *arguments: Any, **named: Any) -> Any:
            return await right(self, *change(*arguments), **named)

        return method

    return wrong


def called_with(**changes: Any) -> Wrong:
    """The method with other arguments, by name."""

    def wrong(right: Method) -> Method:
        async def method(self: Any, *arguments: Any, **named: Any) -> Any:
            return await right(self, *arguments, **named | changes)

        return method

    return wrong


def answered(change: Callable[[Any], Any]) -> Wrong:
    """The method with another answer, where it has one."""

    def wrong(right: Method) -> Method:
        async def method(self: Any, *arguments: Any, **named: Any) -> Any:
            answer = await right(self, *arguments, **named)
            return None if answer is None else change(answer)

        return method

    return wrong


def written(change: Callable[[BookingRow], BookingRow]) -> Wrong:
    """The method with another row to write."""
    return asked(lambda row, *others: (change(row), *others))


def instead(method: Method) -> Wrong:
    """Another method in its place."""
    return lambda right: method


def body(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], Document]:
    """A document with something changed in it."""

    def changed(document: Document) -> Document:
        content = orjson.loads(document.body)
        change(content)
        return replace(document, body=orjson.dumps(content))

    return changed


def broken(document: Document) -> Document:
    """No JSON any more."""
    return replace(document, body=document.body[:-1])


def upper_status(content: dict[str, Any]) -> None:
    content["status"] = content["status"].upper()


def priced(amount_minor: Any, currency: str) -> Callable[[BookingRow], BookingRow]:
    """A row with another price."""
    return lambda row: replace(row, price_ceiling=Money(amount_minor, currency))


def naive(row: BookingRow) -> datetime:
    return row.created_at.replace(tzinfo=None)


def an_hour_later(row: BookingRow) -> datetime:
    return row.created_at + timedelta(hours=1)


def rounded(pickup: Pickup) -> Pickup:
    return replace(pickup, lat=struct.unpack("f", struct.pack("f", pickup.lat))[0])


def amount(change: Callable[[int], Any]) -> Callable[[Any], Document]:
    """A document with another price."""
    return body(
        lambda content: content["price_ceiling"].update(amount_minor=change(content["price_ceiling"]["amount_minor"]))
    )


def created(change: Callable[[str], str]) -> Callable[[Any], Document]:
    """A document with another time in it."""
    return body(lambda content: content.update(created_at=change(content["created_at"])))


def nulls_first(content: dict[str, Any]) -> None:
    content["items"].sort(key=lambda item: item["carrier_id"] is not None)


def row_by_row(right: Method) -> Method:
    async def page(self: Any, page: Page, *arguments: Any, **named: Any) -> Any:
        found = await right(self, page, *arguments, **named)
        for item in orjson.loads(found.body)["items"]:
            await self.get(UUID(item["id"]))
        return found

    return page


def slow(right: Method) -> Method:
    """By what it takes itself, so that no machine is too slow or too fast for it."""

    async def method(self: Any, *arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        answer = await right(self, *arguments, **named)
        await asyncio.sleep(min(1.0, TIMES_SLOWER * (time.perf_counter() - began)))
        return answer

    return method


def as_platform(right: Method) -> Method:
    """It takes on the role that sees the rows of all tenants, since the login of comparisons may."""

    async def method(self: Any, *arguments: Any, **named: Any) -> Any:
        await self._unit.sql.execute(text("SET LOCAL ROLE crossdock_platform"))
        return await right(self, *arguments, **named)

    return method


async def unscoped(self: Any, page: Page, status: BookingStatus | None, **_: Any) -> Document:
    """Without a word of the tenant."""
    return await EVERYBODYS.read(self._unit, page, status=status)


def raising(error: type[Exception]) -> Wrong:
    """An error in the place of None."""

    def wrong(right: Method) -> Method:
        async def method(self: Any, *arguments: Any, **named: Any) -> Any:
            answer = await right(self, *arguments, **named)
            if answer is None:
                raise error
            return answer

        return method

    return wrong


def renaming(right: Method) -> Method:
    """What PostgreSQL refuses comes as an error that says nothing of the constraint."""

    async def add(self: Any, row: BookingRow) -> None:
        try:
            await right(self, row)
            await self._tx.flush()
        except Exception as error:
            raise Conflict from error

    return add


def swallowing(right: Method) -> Method:
    """What PostgreSQL refuses is undone, and nobody hears of it."""

    async def add(self: Any, row: BookingRow) -> None:
        with suppress(Exception):
            async with self._tx.savepoint():
                await right(self, row)

    return add


async def unflushed(self: Any, row: BookingRow) -> None:
    """In a session of its own, which nobody flushes."""
    AsyncSession(self._tx.sql).add(Booking(**all_of(row)))


async def unguarded(self: Any, row: BookingRow, **_: Any) -> bool:
    """Without the condition that nobody else has changed it."""
    values = all_of(row)
    await self._tx.sql.execute(update(Booking).where(Booking.id == values.pop("id")).values(values))
    return True


def everything(right: Method) -> Method:
    """It changes a row more than it should."""

    async def change(self: Any, row: BookingRow, *, version: int) -> bool:
        others = update(Booking).where(Booking.status == "draft", Booking.id != row.id)
        await self._tx.sql.execute(others.values(weight_kg=Booking.weight_kg + 1))
        return bool(await right(self, row, version=version))

    return change


def short(right: Method) -> Method:
    """The last row is forgotten, as where a range ends too early."""

    async def add_history(self: Any, rows: list[Any]) -> None:
        await right(self, rows[:-1])

    return add_history


def hasty(right: Method) -> Method:
    """It says yes, whatever was written."""

    async def method(self: Any, *arguments: Any, **named: Any) -> bool:
        await right(self, *arguments, **named)
        return True

    return method


def with_history(right: Method) -> Method:
    """It writes into another table than it should."""

    async def add(self: Any, row: BookingRow) -> None:
        await right(self, row)
        await self.add_history([history_row(row)])

    return add


def emitting(right: Method) -> Method:
    """An event that the control does not emit."""

    async def add(self: Any, row: BookingRow) -> None:
        await right(self, row)
        self._tx.emit(BookingCreated(subject_id=row.id))

    return add


async def waiting_for_locks(self: Any, at: Any, limit: int, besides: Any = ()) -> list[BookingRow]:
    """Without SKIP LOCKED: two workers wait for each other."""
    due = select(Booking.__table__).where(Booking.status == "open", Booking.pickup_ready_at <= at)
    due = due.where(Booking.id.not_in(list(besides))).order_by(Booking.pickup_ready_at).limit(limit)
    found = await self._tx.sql.execute(due.with_for_update(key_share=True))
    return [booking_of(row) for row in found.mappings()]


async def locked_too_much(self: Any, key: UUID, *, lock: bool = False) -> BookingRow | None:
    """FOR UPDATE: whoever adds a bid waits."""
    one = select(Booking.__table__).where(Booking.id == key)
    found = (await self._tx.sql.execute(one.with_for_update() if lock else one)).mappings().first()
    return None if found is None else booking_of(found)
