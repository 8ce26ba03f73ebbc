"""The stage of a module is a row that every process hears of. One that cannot hear goes on with what it knows for a
while, and then answers as the manifests say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest
from pydantic import ValidationError
from structlog.testing import CapturingLogger

from crossdock.config.settings import Settings, StageSettings
from crossdock.cutover.operating import Operations
from crossdock.errors import DatabaseUnavailable, ReadOnly
from crossdock.registry import Orm, Registry
from crossdock.stages import EVERYTHING, Stage, Stages, watching
from crossdock.stages.watching import UnknownStage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads, BookingStore
from freight.tenancy import CompanyScope
from tests.cutover.scene import MODULE, before_the_move, brought_to, heard, until
from tests.stores.rows import PLATFORM
from tests.world import Server

END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE '%stages%'
"""
WORD = "UPDATE module_states SET stage = $1, version = version + 1 RETURNING version"
PATIENT = StageSettings(poll_s=60, deaf_max_s=3_600)
IMPATIENT = StageSettings(poll_s=0.005, deaf_max_s=0.01)


@pytest.fixture(scope="module")
def registry(registry: Registry) -> Registry:
    return before_the_move(registry)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    """What is logged about listening."""
    logged = CapturingLogger()
    monkeypatch.setattr(watching, "log", logged)
    return logged


def events(log: CapturingLogger) -> list[str]:
    return [call.args[0] for call in log.calls]


def answers(database: Database) -> Orm:
    """The ORM that answers the platform's reads of the module in this process."""
    return database.stores.choose(BookingReads, PLATFORM).orm


@asynccontextmanager
async def at_work(settings: Settings, registry: Registry, stages: StageSettings) -> AsyncIterator[Database]:
    async with Database(settings.model_copy(update={"stages": stages}), registry) as database:
        yield database


async def end_listeners(server: Server, database: Database) -> None:
    connection = await server.connect("postgres")
    assert await connection.fetch(END, database.settings.direct.database)
    await connection.close()


@asynccontextmanager
async def cut_off(server: Server, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Whoever listens loses the connection, and gets no other one until the block ends. It has one that stays."""
    name = database.settings.direct.database
    stays, outside = await server.connect(name), await server.connect("postgres")
    await outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await end_listeners(server, database)
    await until(lambda: not database.stages.is_listening)
    try:
        yield stays
    finally:
        await outside.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await stays.close()
        await outside.close()


async def test_every_process_hears_of_a_change(apart: Settings, registry: Registry, moved: Database) -> None:
    """By the notification: both would read the row by themselves only after a minute."""
    async with at_work(apart, registry, PATIENT) as other:
        for stage, orm in ((Stage.SQLALCHEMY, Orm.SQLALCHEMY), (Stage.SHADOW, Orm.TORTOISE)):
            state = await brought_to(moved, stage)
            await heard(other, state)
            assert (answers(moved), answers(other)) == (orm, orm)


async def test_without_a_notification_it_is_read_now_and_then(
    server: Server, apart: Settings, registry: Registry, operator: Operations
) -> None:
    """A connection may be dead and not know it."""
    async with at_work(apart, registry, StageSettings(poll_s=0.01, deaf_max_s=3_600)) as database:
        await operator.start(MODULE, sample=1)
        connection = await server.connect(apart.direct.database)
        await connection.execute("ALTER TABLE module_states DISABLE TRIGGER ALL")
        version = await connection.fetchval(WORD, "sqlalchemy")
        await connection.close()
        await until(lambda: database.stages.of(MODULE).version == version)
        assert answers(database) is Orm.SQLALCHEMY


async def test_a_lost_connection_is_made_again(server: Server, moved: Database, log: CapturingLogger) -> None:
    """And what changes from then on is heard."""
    await brought_to(moved, Stage.SHADOW)
    await end_listeners(server, moved)
    await until(lambda: events(log)[-1:] == ["stages_heard_again"])
    assert events(log) == ["stages_lost", "stages_heard_again"]
    await brought_to(moved, Stage.SQLALCHEMY)
    assert answers(moved) is Orm.SQLALCHEMY


async def test_what_changed_meanwhile_is_read(server: Server, moved: Database) -> None:
    """While the lane is lost the last known stage counts. Nothing notifies of what was changed then: it is read."""
    await brought_to(moved, Stage.SQLALCHEMY)
    async with cut_off(server, moved) as connection:
        version = await connection.fetchval(WORD, "tortoise")
        assert answers(moved) is Orm.SQLALCHEMY
    await until(lambda: moved.stages.of(MODULE).version == version)
    assert answers(moved) is Orm.TORTOISE


async def test_who_is_deaf_answers_as_the_manifest_says(
    server: Server, apart: Settings, registry: Registry, moved: Database, shipper: CompanyScope
) -> None:
    """Past the limit the last known stage does not count any more, but for the one thing that could do harm: what was
    read-only stays so."""
    state = await brought_to(moved, Stage.SQLALCHEMY)
    frozen = await Operations(apart, registry, by="the test").read_only(MODULE, on=True, reason="a fire drill")
    async with at_work(apart, registry, IMPATIENT) as database:
        await heard(database, replace(state, version=frozen.version))
        await until(lambda: answers(database) is Orm.SQLALCHEMY)
        async with database.transaction(shipper) as tx, cut_off(server, database):
            await until(lambda: database.stages.is_deaf)
            assert answers(database) is Orm.TORTOISE
            with pytest.raises(ReadOnly, match="Nothing of bookings is written for now: a fire drill"):
                tx.store(BookingStore)
        await until(lambda: answers(database) is Orm.SQLALCHEMY)


async def test_a_process_that_never_heard_does_not_start(apart: Settings, registry: Registry) -> None:
    """It could not know what is read-only. All that it had opened is closed."""
    nowhere = replace(apart.direct, database="nowhere")
    database = Database(apart.with_database(apart.pooled, nowhere, apart.platform), registry)
    with pytest.raises(DatabaseUnavailable, match="has no database 'nowhere'"):
        await database.__aenter__()
    assert not database.stages.is_listening


async def test_a_word_of_a_newer_release(
    server: Server, moved: Database, operator: Operations, log: CapturingLogger
) -> None:
    """Who does not know a stage answers as its manifest says, and hears on; its commands change nothing."""
    await brought_to(moved, Stage.SQLALCHEMY)
    connection = await server.connect(moved.settings.direct.database)
    version = await connection.fetchval(WORD, "teleported")
    await until(lambda: moved.stages.of(MODULE).version == version)
    assert "bookings is at teleported, which this release does not know" in str(log.calls)
    assert answers(moved) is Orm.TORTOISE
    with pytest.raises(UnknownStage, match="use the newer one"):
        await operator.back(MODULE)
    version = await connection.fetchval(WORD, "sqlalchemy")
    await connection.close()
    await until(lambda: answers(moved) is Orm.SQLALCHEMY)


async def test_before_the_migrations_nothing_moves(server: Server, moved: Database) -> None:
    """A service may be started before its database is migrated: each module answers as its manifest says."""
    await brought_to(moved, Stage.SQLALCHEMY)
    connection = await server.connect(moved.settings.direct.database)
    await connection.execute("DROP TABLE module_states; SELECT pg_notify($$crossdock_modules$$, $$all$$)")
    await connection.close()
    await until(lambda: answers(moved) is Orm.TORTOISE)
    assert moved.stages.is_listening


async def test_a_login_without_the_right(
    apart: Settings, registry: Registry, moved: Database, log: CapturingLogger
) -> None:
    """Where the direct lane's login may not read the stages, that is said, and the manifests count."""
    await brought_to(moved, Stage.SQLALCHEMY)
    stages = Stages(apart.pooled, poll_s=60, deaf_max_s=3_600)
    await stages.open()
    await stages.close()
    assert events(log) == ["stages_unreadable"]
    assert stages.of(MODULE).stage is None


async def test_everything_read_only(moved: Database, operator: Operations, shipper: CompanyScope) -> None:
    """No transaction begins, reads go on; and the way back."""
    await heard(moved, await operator.read_only(EVERYTHING, on=True, reason="moving house"))
    with pytest.raises(ReadOnly, match=r"^Nothing is written for now: moving house\. Everything can still be read"):
        moved.transaction(shipper)
    async with moved.reading(shipper, BookingReads) as bookings:
        assert await bookings.document(shipper.company_id) is None
    await heard(moved, await operator.read_only(EVERYTHING, on=False))
    async with moved.transaction(shipper) as tx:
        assert tx.store(BookingStore)


@pytest.mark.parametrize("poll_s", [5, 6])
def test_who_polls_is_not_deaf(poll_s: float) -> None:
    """Between two polls nothing may be heard for long: settings by which that is deafness are refused."""
    with pytest.raises(ValidationError, match="has to be above poll_s"):
        StageSettings(poll_s=poll_s, deaf_max_s=5)
