"""A command that takes a step is killed, refused or broken off in its middle: the module is at one of two stages, the
same command again sets it right, and no trigger stays where nothing is rehearsed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import product

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.cutover import running_moves, triggers
from crossdock.cutover.direct import NAME
from crossdock.cutover.operating import Operations
from crossdock.errors import Busy, Conflict
from crossdock.registry import Registry
from crossdock.stages import Stage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads, BookingStore
from freight.tenancy import CompanyScope
from tests.acceptance.process import crossdock
from tests.cutover.scene import MODULE, booked, brought_to, opened
from tests.cutover.test_cli_move import GATE
from tests.stores.rows import booking_row
from tests.stores.test_bookings_store import history_row
from tests.waiting import until, until_they_wait
from tests.world import Server

LONG = {
    "CROSSDOCK_MIGRATIONS__LOCK_TIMEOUT_MS": "180000",
    "CROSSDOCK_MIGRATIONS__STATEMENT_TIMEOUT_MS": "240000",
}
"""A command waits for a lock until the test has seen it wait."""
TABLE = "LOCK TABLE bookings IN ROW EXCLUSIVE MODE"
ROW = "SELECT FROM module_states WHERE module = 'bookings' FOR UPDATE"
AT_WORK = f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{NAME}'"
END = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = '{NAME}'
"""


@dataclass(frozen=True)
class Taken:
    """A step, as the command that takes it, and what the same command says where it is taken already."""

    command: tuple[str, ...]
    before: Stage
    after: Stage
    again: str

    def __str__(self) -> str:
        return self.command[0]


STEPS = [
    Taken(("advance", MODULE), Stage.SHADOW, Stage.REHEARSE, "bookings stays at rehearse"),
    Taken(("back", MODULE, "--to", "shadow"), Stage.REHEARSE, Stage.SHADOW, "shadow is not before it"),
    Taken(("finish", MODULE), Stage.SQLALCHEMY, Stage.HANDED_OVER, "bookings is not moving"),
]


@pytest.fixture
async def eyes(server: Server, apart: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the database of the test."""
    connection = await server.connect(apart.direct.database)
    yield connection
    await connection.close()


@asynccontextmanager
async def holding(server: Server, settings: Settings, sql: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that holds what a statement locks. It goes on undisturbed, and commits."""
    holder = await server.connect(settings.direct.database)
    async with holder.transaction():
        await holder.execute(sql)
        yield holder
        await holder.execute("SELECT 1")
    await holder.close()


async def killed(settings: Settings, eyes: asyncpg.Connection, *command: str) -> None:
    """`crossdock move` dies by SIGKILL while it waits for a lock."""
    process = asyncio.create_task(crossdock("move", *command, settings=settings, **GATE, **LONG))
    await until_they_wait(eyes, 1)
    process.cancel()  # it sends the signal
    with suppress(asyncio.CancelledError):
        await process


async def nobody_at_work(eyes: asyncpg.Connection) -> bool:
    """PostgreSQL has noticed that the command is dead, and its locks are gone."""
    return not await eyes.fetchval(AT_WORK)


@pytest.mark.parametrize(("step", "lock", "is_cut"), product(STEPS, (TABLE, ROW), (False, True)), ids=str)
async def test_a_killed_step_is_taken_again(  # noqa: PLR0917  fixtures
    server: Server,
    moved: Database,
    operator: Operations,
    eyes: asyncpg.Connection,
    shipper: CompanyScope,
    step: Taken,
    lock: str,
    *,
    is_cut: bool,
) -> None:
    """Its statement is done by PostgreSQL when the lock is free, or is cut with it: the stage is that of before or of
    after, requests are served, and the same command takes the step or says that it was taken. It tidies up either way.
    """
    await brought_to(moved, step.before)
    await opened(moved.settings, MODULE)
    async with holding(server, moved.settings, lock):
        await killed(moved.settings, eyes, *step.command)
        if is_cut:
            await eyes.execute(END)
            await until(lambda: nobody_at_work(eyes))
    await until(lambda: nobody_at_work(eyes))
    changes_the_row_first = step.after is not Stage.REHEARSE
    is_taken = changes_the_row_first if lock is TABLE else not is_cut
    state = (await operator.states())[MODULE]
    assert state.stage is (step.after if is_taken else step.before)
    row = await booked(moved, shipper)
    async with moved.reading(shipper, BookingReads) as bookings:
        assert await bookings.get(row.id) == row
    ran = await crossdock("move", *step.command, settings=moved.settings, **GATE)
    assert ran.is_one_line(step.again) if is_taken else (ran.status, ran.errors) == (0, ""), ran
    state = (await operator.states())[MODULE]
    assert state.stage is step.after
    assert await triggers.there(eyes) == (set(moved.registry.owners()) if state.is_rehearsed else set())


async def test_another_command_tidies_up_as_well(
    moved: Database, operator: Operations, eyes: asyncpg.Connection
) -> None:
    """Also one that is refused, because there is no such step."""
    await brought_to(moved, Stage.REHEARSE)
    await brought_to(moved, Stage.SHADOW)
    assert await triggers.there(eyes)
    with pytest.raises(Conflict, match="bookings stays at shadow"):
        await operator.advance(MODULE)
    assert await triggers.there(eyes) == set()


@pytest.mark.parametrize(("lock", "error"), [(TABLE, Busy), (ROW, asyncpg.LockNotAvailableError)])
async def test_a_step_that_fails_leaves_nothing(  # noqa: PLR0917  fixtures
    server: Server,
    moved: Database,
    operator: Operations,
    eyes: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    lock: str,
    error: type[Exception],
) -> None:
    """A table or the module's row stays locked: the triggers that were made before are dropped again."""
    monkeypatch.setattr(triggers, "TRIES", 1)
    await brought_to(moved, Stage.SHADOW)
    await opened(moved.settings, MODULE)
    async with holding(server, moved.settings, lock):
        with pytest.raises(error):
            await operator.advance(MODULE)
    assert await triggers.there(eyes) == set()
    assert (await operator.states())[MODULE].stage is Stage.SHADOW


@pytest.mark.parametrize("lock", [TABLE, ROW])
async def test_a_step_that_is_broken_off_leaves_nothing(
    server: Server, moved: Database, registry: Registry, eyes: asyncpg.Connection, lock: str
) -> None:
    """By Ctrl-C, which cancels it: it drops what it has made before it ends."""
    patient = moved.settings.migrations.model_copy(update={"lock_timeout_ms": 180_000})
    operator = Operations(moved.settings.model_copy(update={"migrations": patient}), registry, by="the test")
    await brought_to(moved, Stage.SHADOW)
    await opened(moved.settings, MODULE)
    async with holding(server, moved.settings, lock):
        step = asyncio.create_task(operator.advance(MODULE))
        await until_they_wait(eyes, 1)
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        assert await triggers.there(eyes) == set()
    assert (await operator.states())[MODULE].stage is Stage.SHADOW


async def test_the_end_while_something_is_rehearsed(
    moved: Database, operator: Operations, eyes: asyncpg.Connection, shipper: CompanyScope
) -> None:
    """`finish` in the middle of a transaction that is compared: some of its tables have lost their triggers already,
    and what it writes is complete, is no mismatch, and delays the command alone."""
    await brought_to(moved, Stage.SQLALCHEMY)
    await opened(moved.settings, MODULE)
    row = booking_row(shipper)
    async with running_moves(moved) as moves:
        async with moved.transaction(shipper) as tx:
            await tx.store(BookingStore).add(row)
            end = asyncio.create_task(operator.finish(MODULE))
            await until_they_wait(eyes, 1)
            assert "booking_history" not in await triggers.there(eyes)
            assert "bookings" in await triggers.there(eyes)
            await tx.store(BookingStore).add_history([history_row(row)])
            assert await tx.store(BookingStore).get(row.id, lock=True) == row
            assert not end.done()
        assert (await end).stage is Stage.HANDED_OVER
        await booked(moved, shipper)
        await moves.settled()
    assert await triggers.there(eyes) == set()
    assert await operator.mismatches(MODULE) == []
    assert await eyes.fetchval("SELECT count(*) FROM booking_history WHERE booking_id = $1", row.id) == 1
