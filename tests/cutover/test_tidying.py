"""After a step back that a module takes by itself its triggers go too, without an operator, wherever they may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest
from structlog.testing import CapturingLogger

from crossdock.config.settings import Settings
from crossdock.cutover import running, running_moves, tidying, triggers
from crossdock.cutover.changes import change, look
from crossdock.cutover.stepping import BY
from crossdock.cutover.tidying import Tidying
from crossdock.registry import Registry
from crossdock.stages import Stage
from crossdock.transaction import Database
from tests.cutover.scene import MODULE, booked, brought_to, heard, make_heavier
from tests.stores.rows import tenant
from tests.waiting import until
from tests.world import Server


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    logged = CapturingLogger()
    monkeypatch.setattr(tidying, "log", logged)
    return logged


@pytest.fixture
async def eyes(server: Server, apart: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the database of the test."""
    connection = await server.connect(apart.direct.database)
    yield connection
    await connection.close()


def of(database: Database) -> Tidying:
    """That of a process."""
    return Tidying(database.settings, database.registry, database.stages)


async def left_by(database: Database, eyes: asyncpg.Connection, by: str) -> None:
    """The module has left `rehearse` with its triggers in place, by a step of somebody's."""
    await brought_to(database, Stage.REHEARSE)
    before = await look(eyes.fetchrow, MODULE)
    await heard(database, await change(eyes.fetchrow, before, replace(before, stage=Stage.SHADOW, changed_by=by)))


@asynccontextmanager
async def held(server: Server, settings: Settings) -> AsyncIterator[None]:
    """A transaction writes to bookings."""
    writer = await server.connect(settings.direct.database)
    async with writer.transaction():
        await writer.execute("LOCK TABLE bookings IN ROW EXCLUSIVE MODE")
        yield
    await writer.close()


async def test_the_triggers_go(
    apart: Settings, registry: Registry, eyes: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process that serves, once the module is back."""
    make_heavier(monkeypatch)
    monkeypatch.setattr(running, "WRITE_EVERY_S", 0.05)
    moves = apart.moves.model_copy(update={"mismatches_max": 0})
    async with Database(apart.model_copy(update={"moves": moves}), registry) as database:
        await brought_to(database, Stage.REHEARSE)
        async with running_moves(database):
            await booked(database, await tenant(database, "shipper"))
            await until(lambda: there_are_none(eyes))
            assert (await look(eyes.fetchrow, MODULE)).stage is Stage.SHADOW


async def there_are_none(eyes: asyncpg.Connection) -> bool:
    return not await triggers.there(eyes)


async def test_whoever_begins_later(moved: Database, eyes: asyncpg.Connection) -> None:
    """The process that took the step may be gone: another one finds what is left by the state alone."""
    await left_by(moved, eyes, BY)
    await of(moved).tick()
    assert await triggers.there(eyes) == set()


async def test_a_step_of_somebody(moved: Database, eyes: asyncpg.Connection) -> None:
    """Whoever took the step drops them as part of it: nobody else is in the way."""
    await left_by(moved, eyes, "ada")
    await of(moved).tick()
    assert await triggers.there(eyes)


async def test_another_module_needs_them(moved: Database, registry: Registry, eyes: asyncpg.Connection) -> None:
    """They stay while any module is rehearsed, also where this process has not heard of it yet."""
    await left_by(moved, eyes, BY)
    await moved.stages.close()
    await eyes.execute(
        "INSERT INTO module_states SELECT gen_random_uuid(), 'companies', control, 'rehearse', share, sample, since,"
        " read_only, reason, changed_by, changed_at, 1 FROM module_states"
    )
    await of(moved).tick()
    assert await triggers.there(eyes) == set(registry.owners())


async def test_a_login_that_may_not(moved: Database, eyes: asyncpg.Connection, log: CapturingLogger) -> None:
    """It says so once, and what it has left does nothing: no write notes its rows."""
    await left_by(moved, eyes, BY)
    settings = moved.settings
    cannot = Tidying(settings.with_database(settings.pooled, settings.pooled), moved.registry, moved.stages)
    await cannot.tick()
    await cannot.tick()
    assert [call.args for call in log.calls] == [("triggers_left",)]
    assert "permission denied" in log.calls[0].kwargs["why"]
    assert await triggers.there(eyes)
    async with eyes.transaction():
        await eyes.execute("SELECT set_config('crossdock.captured', '', true)")
        await eyes.execute("UPDATE module_states SET version = version")
        assert await eyes.fetchval("SELECT current_setting('crossdock.captured')") == ""


@pytest.mark.parametrize(("retry_s", "is_tried"), [(3_600, False), (0, True)])
async def test_a_table_that_is_held(  # noqa: PLR0917  fixtures
    server: Server,
    moved: Database,
    eyes: asyncpg.Connection,
    log: CapturingLogger,
    monkeypatch: pytest.MonkeyPatch,
    retry_s: float,
    *,
    is_tried: bool,
) -> None:
    """Traffic goes on: it is tried again after a time, and not before."""
    monkeypatch.setattr(triggers, "TRIES", 1)
    monkeypatch.setattr(tidying, "RETRY_S", retry_s)
    await left_by(moved, eyes, BY)
    one = of(moved)
    async with held(server, moved.settings):
        await one.tick()
    assert "The table bookings could not be locked in 1 tries" in log.calls[0].kwargs["why"]
    await one.tick()
    assert ("bookings" not in await triggers.there(eyes)) is is_tried


async def test_two_processes(moved: Database, eyes: asyncpg.Connection, log: CapturingLogger) -> None:
    """The second one waits for nobody, and says nothing."""
    await left_by(moved, eyes, BY)
    async with triggers.alone(eyes):
        await of(moved).tick()
    assert await triggers.there(eyes)
    assert log.calls == []
