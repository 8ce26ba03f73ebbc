"""A candidate that hangs, leaks or crashes: requests get their answers, and the counts say what is wrong."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from crossdock.config.settings import Settings
from crossdock.cutover import running_moves
from crossdock.cutover.operating import GateShut, Operations
from crossdock.cutover.tally import Counts
from crossdock.errors import ConnectionRevoked
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.stages import Stage
from crossdock.transaction import Database
from freight.modules.bookings.columns import all_of
from freight.modules.bookings.models_sqlalchemy import Booking
from freight.modules.bookings.store import BookingReads, BookingRow, BookingStore
from freight.modules.bookings.store_sqlalchemy import SqlAlchemyBookingReads, SqlAlchemyBookingStore
from freight.tenancy import CompanyScope
from tests.cutover.conftest import QUICK
from tests.cutover.scene import MODULE, brought_to, counted
from tests.stores.rows import booking_row, tenant
from tests.stores.test_bookings_store import history_row

SHORT = QUICK.model_copy(update={"timeout_s": 0.5, "mismatches_max": 1_000})
CALLS = 4


class Ending(BaseException):
    """What no `except Exception` catches."""


@pytest.fixture
async def hurried(apart: Settings, registry: Registry) -> AsyncIterator[Database]:
    """A candidate has half a second for an answer."""
    async with Database(apart.model_copy(update={"moves": SHORT}), registry) as opened:
        yield opened


@pytest.fixture
def careful(apart: Settings, registry: Registry) -> Operations:
    return Operations(apart.model_copy(update={"moves": SHORT}), registry, by="the test")


async def for_ever(*_: Any) -> None:
    await asyncio.Event().wait()


async def an_endless_statement(self: Any, *_: Any) -> None:
    await self._unit.sql.execute(text("SELECT pg_sleep(600)"))


def raising(error: BaseException) -> Callable[..., Awaitable[None]]:
    async def method(*_: Any) -> None:
        raise error

    return method


HARM = {
    "waits for ever": for_ever,
    "sends a statement that never ends": an_endless_statement,
    "raises": raising(RuntimeError("planted")),
    "recurses": raising(RecursionError()),
    "cancels itself": raising(asyncio.CancelledError()),
    "ends the process": raising(SystemExit(1)),
    "raises what nobody catches": raising(Ending()),
}
EACH = pytest.mark.parametrize("harm", HARM.values(), ids=HARM)


async def add(database: Database, shipper: CompanyScope, row: BookingRow) -> None:
    async with database.transaction(shipper) as tx:
        await tx.store(BookingStore).add(row)


async def get(database: Database, shipper: CompanyScope, key: UUID) -> BookingRow | None:
    async with database.reading(shipper, BookingReads) as bookings:
        return await bookings.get(key)


async def need_shut(operator: Operations, method: str) -> None:
    with pytest.raises(GateShut, match=rf" {method}: "):
        await operator.advance(MODULE)


@EACH
async def test_reads_are_answered(
    hurried: Database, careful: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch, harm: Any
) -> None:
    """Every one; none of them agrees, and once the candidate is right again, they do."""
    row = booking_row(shipper)
    await add(hurried, shipper, row)
    await brought_to(hurried, Stage.SHADOW)
    async with running_moves(hurried) as moves:
        with monkeypatch.context() as planted:
            planted.setattr(SqlAlchemyBookingReads, "get", harm)
            for _ in range(CALLS):
                assert await get(hurried, shipper, row.id) == row
            await moves.settled()
        wrong = (await counted(careful))["get"]
        assert (wrong.same, wrong.different + wrong.dropped) == (0, CALLS)
        await need_shut(careful, "get")
        await agreeing(hurried, careful, shipper, row, moves)


async def agreeing(
    database: Database, operator: Operations, shipper: CompanyScope, row: BookingRow, moves: Any
) -> None:
    """Reads until one is compared, and agrees: the connections of comparisons are there again."""
    while not (await counted(operator))["get"].same:
        assert await get(database, shipper, row.id) == row
        await moves.settled()


@EACH
async def test_writes_are_done(
    hurried: Database, careful: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch, harm: Any
) -> None:
    """Each once, as the control does it."""
    rows = [booking_row(shipper) for _ in range(CALLS)]
    await brought_to(hurried, Stage.REHEARSE)
    monkeypatch.setattr(SqlAlchemyBookingStore, "add", harm)
    async with running_moves(hurried) as moves:
        for row in rows:
            await add(hurried, shipper, row)
        await moves.settled()
    for row in rows:
        assert await get(hurried, shipper, row.id) == row
    wrong = (await counted(careful))["add"]
    assert (wrong.same, wrong.different + wrong.unclear + wrong.dropped) == (0, CALLS)
    await need_shut(careful, "add")


async def test_a_method_that_hangs_is_given_up(
    hurried: Database, careful: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few calls in a row it is a mismatch, and costs requests no more time."""
    called = 0

    async def hang(*_: Any) -> None:
        nonlocal called
        called += 1
        await for_ever()

    await brought_to(hurried, Stage.REHEARSE)
    monkeypatch.setattr(SqlAlchemyBookingStore, "add", hang)
    async with running_moves(hurried) as moves:
        while not await different(careful, "add"):
            await add(hurried, shipper, booking_row(shipper))
            await moves.settled()
        before = called
        for _ in range(CALLS):
            await add(hurried, shipper, booking_row(shipper))
        await moves.settled()
    assert called == before
    assert (await counted(careful))["add"].dropped == CALLS


async def different(operator: Operations, method: str) -> int:
    return (await counted(operator)).get(method, Counts()).different


async def test_what_has_no_room_is_dropped(
    apart: Settings, registry: Registry, operator: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a candidate hangs, no more calls wait than may, and all of them are answered."""
    few = QUICK.model_copy(update={"waiting_max": 2, "timeout_s": 60})
    async with Database(apart.model_copy(update={"moves": few}), registry) as database:
        shipper = await tenant(database, "shipper")
        row = booking_row(shipper)
        await add(database, shipper, row)
        await brought_to(database, Stage.SHADOW)
        monkeypatch.setattr(SqlAlchemyBookingReads, "get", for_ever)
        async with running_moves(database) as moves:
            for _ in range(10):
                assert await get(database, shipper, row.id) == row
            await moves.write()
            assert (await counted(operator))["get"].dropped >= 10 - 2 - 1  # one is being compared


async def test_a_task_that_is_left_writes_nothing(
    moved: Database, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would write after the savepoint is undone, into the transaction that is kept."""
    undone, tasks = asyncio.Event(), list[asyncio.Task[None]]()
    left = [booking_row(shipper), booking_row(shipper)]

    async def write_later(store: Any) -> None:
        await undone.wait()
        with pytest.raises(ConnectionRevoked):
            store._tx.session.add(Booking(**all_of(left[0])))
        await right(store, left[1])

    async def add_and_leave(store: Any, row: BookingRow) -> None:
        tasks.append(asyncio.create_task(write_later(store)))
        await right(store, row)

    right = SqlAlchemyBookingStore.add
    monkeypatch.setattr(SqlAlchemyBookingStore, "add", add_and_leave)
    await brought_to(moved, Stage.REHEARSE)
    row = booking_row(shipper)
    async with running_moves(moved), moved.transaction(shipper) as tx:
        await tx.store(BookingStore).add(row)
        undone.set()
        await asyncio.wait(tasks)
    assert [type(task.exception()) for task in tasks] == [ConnectionRevoked]
    assert await get(moved, shipper, row.id) == row
    assert [await get(moved, shipper, each.id) for each in left] == [None, None]


async def test_what_cannot_be_kept_is_counted(
    moved: Database, operator: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mismatch with a value that JSON in PostgreSQL cannot hold."""

    async def get(store: Any, key: UUID) -> str:
        return "a NUL \0 byte"

    await brought_to(moved, Stage.SHADOW)
    monkeypatch.setattr(SqlAlchemyBookingReads, "get", get)
    async with running_moves(moved) as moves:
        async with moved.reading(shipper, BookingReads) as bookings:
            await bookings.get(new_id())
        await moves.settled()
    assert (await counted(operator))["get"].different == 1
    assert await operator.mismatches(MODULE) == []


@pytest.mark.parametrize("end", ["commit", "rollback"])
async def test_an_end_of_its_own_ends_nothing(
    moved: Database, operator: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """A candidate that commits or rolls back: the transaction is the block's to end, and its write is undone."""
    other = booking_row(shipper)

    async def add_and_end(store: Any, row: BookingRow) -> None:
        store._tx.session.add(Booking(**all_of(replace(row, id=other.id))))
        await store._tx.session.flush()
        await getattr(store._tx.session, end)()

    monkeypatch.setattr(SqlAlchemyBookingStore, "add", add_and_end)
    await brought_to(moved, Stage.REHEARSE)
    row = booking_row(shipper)
    async with running_moves(moved) as moves:
        await add(moved, shipper, row)
        await moves.settled()
    assert await get(moved, shipper, row.id) == row
    assert await get(moved, shipper, other.id) is None
    assert (await counted(operator))["add"].different == 1


async def test_what_cannot_be_copied_is_not_compared(
    moved: Database, operator: Operations, shipper: CompanyScope
) -> None:
    """The candidate would use up what the control is to write."""
    await brought_to(moved, Stage.REHEARSE)
    row = booking_row(shipper)
    await add(moved, shipper, row)
    histories = [history_row(row), history_row(row)]
    async with running_moves(moved) as moves:
        async with moved.transaction(shipper) as tx:
            await tx.store(BookingStore).add_history(each for each in histories)  # type: ignore[arg-type]
        await moves.settled()
        async with moved.transaction(shipper) as tx:
            found = await tx.first("SELECT count(*) AS n FROM booking_history WHERE booking_id = $1", (row.id,))
    assert found["n"] == len(histories)
    assert (await counted(operator))["add_history"].dropped == 1
