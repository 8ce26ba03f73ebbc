"""A revision that fails in the middle: what stays, what is told, and that the next run goes on.

Those that are killed are in tests/faults.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from crossdock.config.settings import MigrationSettings, Settings
from crossdock.migrations.plan import Step
from crossdock.migrations.run.failure import StepFailed
from crossdock.migrations.run.watch import Unwatched
from tests.migrations.scene import INVALID, Scene
from tests.waiting import until

CHAINS = ("aerich", "alembic")
WAITING = """
SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database() AND a.application_name LIKE 'crossdock migrate%'
"""
BUILDING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE $1 AND state = 'active'"


def impatient(settings: Settings, **changes: int) -> Settings:
    limits = MigrationSettings(**({"lock_timeout_ms": 100, "lock_tries": 2} | changes))
    return settings.model_copy(update={"migrations": limits})


@asynccontextmanager
async def traffic(scene: Scene, query: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction of the service that stays open."""
    connection = await asyncpg.connect(
        **scene.settings.platform.asyncpg(), server_settings={"application_name": "crossdock serve"}
    )
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL ROLE crossdock_platform")
            await connection.execute(query)
            yield connection
    finally:
        await connection.close()


async def at_work(scene: Scene, query: str) -> None:
    """Until PostgreSQL is at work on a query."""

    async def is_at_work() -> object:
        await asyncio.sleep(0.01)  # each look is a connection
        return await scene.sql(BUILDING, query)

    await until(is_at_work)


def add(scene: Scene, chain: str, up: str, down: str, *, alone: bool = False) -> str:
    """One more revision; its key."""
    (scene.project.add_aerich if chain == "aerich" else scene.project.add_alembic)(up, down, alone=alone)
    return [key for key in scene.project.revision_keys() if key.startswith(chain)][-1]


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_lock_that_traffic_holds(scene: Scene, chain: str) -> None:
    """It is asked for shortly, again and again; then the holder is named, and nothing stays. Later it goes through."""
    key = add(scene, chain, "CREATE TABLE more (id int); ALTER TABLE bids ADD COLUMN more int;", "SELECT 1;")
    before = await scene.state()
    runner = scene.project.runner(impatient(scene.settings))
    async with traffic(scene, "SELECT count(*) FROM bids") as holder:
        with pytest.raises(StepFailed) as caught:
            await runner.up()
        pid = holder.get_server_pid()
        ran = await scene.migrate(
            "up", CROSSDOCK_MIGRATIONS__LOCK_TIMEOUT_MS="100", CROSSDOCK_MIGRATIONS__LOCK_TRIES="1"
        )
    assert f'{key}, before its first statement (LOCK TABLE ONLY "bids" IN ACCESS EXCLUSIVE MODE)' in str(caught.value)
    assert f"{key}, statement 2 (ALTER TABLE bids ADD COLUMN more int)" in ran.errors
    for told in (str(caught.value), ran.errors):
        assert f"pid {pid} (crossdock_service, crossdock serve" in told
        assert "lock timeout" in told
        assert "Nothing of this revision stays" in told
    assert " in 2 tries" in str(caught.value)
    assert ran.is_one_line("In the way")
    assert (await scene.state()).catalogue == before.catalogue
    await runner.up()
    assert await scene.is_current()


async def test_a_lock_that_is_freed_meanwhile(scene: Scene) -> None:
    """Another try goes through, without a word."""
    add(scene, "aerich", "ALTER TABLE bids ADD COLUMN more int", "ALTER TABLE bids DROP COLUMN more")
    runner = scene.project.runner(impatient(scene.settings, lock_tries=1000))
    async with traffic(scene, "SELECT count(*) FROM bids"):
        running = asyncio.create_task(runner.up())
        await until(lambda: scene.sql("SELECT FROM crossdock_journal WHERE event = 'failed'"))
        assert not running.done()
    await running
    assert await scene.is_current()
    failed = await scene.sql("SELECT detail FROM crossdock_journal WHERE event = 'failed'")
    assert failed
    assert all("lock timeout" in row[0] for row in failed)


async def test_a_request_that_waits_for_it_in_turn(scene: Scene) -> None:
    """Each holds what the other wants: the revision gives way, not the request, and goes through when that is done."""
    add(
        scene, "aerich", "ALTER TABLE bids ADD COLUMN more int; ALTER TABLE companies ADD COLUMN more int;", "SELECT 1;"
    )
    async with traffic(scene, "SELECT count(*) FROM companies") as request:
        running = asyncio.create_task(scene.runner.up())
        await at_work(scene, "ALTER TABLE companies%")
        await request.execute("SELECT count(*) FROM bids")
    await running
    assert await scene.is_current()


@pytest.mark.parametrize("chain", CHAINS)
async def test_traffic_that_locks_in_another_order(scene: Scene, chain: str) -> None:
    """At every try a request has read one table and wants another, which the revision has locked by then. A revision
    that always locked in the order of its statements would wait each time; this one learns, and goes through."""
    add(scene, chain, "ALTER TABLE bids ADD COLUMN more int; ALTER TABLE teams ADD COLUMN more int;", "SELECT 1;")
    requests = Crossing(scene)
    await scene.runner.up(watch=requests)
    await asyncio.gather(*requests.running)
    assert len(requests.running) > 1
    assert await scene.is_current()


async def test_a_table_that_somebody_has_shut(scene: Scene) -> None:
    """The runner cannot even ask for its size between two tries. It learns nothing then, and tries again."""
    add(scene, "aerich", "ALTER TABLE bids ADD COLUMN more int;", "SELECT 1;")
    other = await scene.server.connect(scene.settings.direct.database)
    async with other.transaction():
        await other.execute("LOCK TABLE bids")
        running = asyncio.create_task(scene.project.runner(impatient(scene.settings, lock_tries=1000)).up())
        await until(lambda: running.done() or _tries(scene, 2))
        assert not running.done()
    await other.close()
    await running
    assert await scene.is_current()


async def _tries(scene: Scene, least: int) -> bool:
    return len(await scene.sql("SELECT FROM crossdock_journal WHERE event = 'failed'")) >= least


async def test_a_view_that_cannot_be_locked_first(scene: Scene) -> None:
    """PostgreSQL refuses to LOCK a materialised view: the next try is as the first one was."""
    await scene.sql("CREATE MATERIALIZED VIEW rates AS SELECT 1 AS id; GRANT SELECT ON rates TO PUBLIC")
    await scene.sql(f"ALTER MATERIALIZED VIEW rates OWNER TO {scene.settings.direct.user}")
    add(scene, "alembic", "REFRESH MATERIALIZED VIEW rates;", "SELECT 1;")
    async with traffic(scene, "SELECT count(*) FROM rates"):
        running = asyncio.create_task(scene.project.runner(impatient(scene.settings, lock_tries=1000)).up())
        await until(lambda: running.done() or _tries(scene, 2))
        assert not running.done()
    await running
    assert await scene.is_current()


class Crossing(Unwatched):
    """One request at each try of a revision. It has read teams before the revision's first statement is sent, and goes
    on to bids when the revision waits."""

    def __init__(self, scene: Scene) -> None:
        self.running: list[asyncio.Task[None]] = []
        self._scene = scene

    async def step(self, step: Step) -> None:
        has_begun = asyncio.Event()
        self.running.append(asyncio.create_task(self._request(has_begun)))
        await has_begun.wait()

    async def _request(self, has_begun: asyncio.Event) -> None:
        async with traffic(self._scene, "SELECT count(*) FROM teams") as connection:
            has_begun.set()
            await until(lambda: self._scene.sql(WAITING))
            await connection.execute("SELECT count(*) FROM bids")


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_statement_that_takes_too_long(scene: Scene, chain: str) -> None:
    """It is ended by PostgreSQL, named, and nothing of its revision stays; it is not tried again."""
    key = add(scene, chain, "CREATE TABLE more (id int); SELECT pg_sleep(30);", "SELECT 1;")
    before = await scene.state()
    with pytest.raises(StepFailed, match=f"{key}, statement 2 .*pg_sleep.* up failed: .*statement timeout"):
        await scene.project.runner(impatient(scene.settings, statement_timeout_ms=1000)).up()
    assert (await scene.state()).catalogue == before.catalogue


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_statement_that_fails(scene: Scene, chain: str) -> None:
    """In the middle: nothing of the revision stays, what ran before it does, and the statement is named."""
    add(scene, chain, "CREATE TABLE kept (id int);", "DROP TABLE kept;")
    key = add(scene, chain, "CREATE TABLE gone (id int); SELECT 1 / 0; SELECT 2;", "SELECT 1;")
    ran = await scene.migrate("up")
    assert ran.is_one_line(f"{key}, statement 2 (SELECT 1 / 0) up failed: division by zero", "the ones before it do")
    tables = [row[0] for row in await scene.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert ("kept" in tables, "gone" in tables) == (True, False)
    path = scene.project.files(chain)[-1]
    path.write_text(path.read_text().replace("1 / 0", "1 / 1").replace("DROP", "SELECT"))
    await scene.runner.up()
    assert await scene.is_current()


@pytest.mark.parametrize("chain", CHAINS)
async def test_one_that_fails_where_each_statement_commits(scene: Scene, chain: str) -> None:
    """The statements before it stay; with the cause mended the next run leaves them out and goes on."""
    await scene.sql(
        "CREATE TABLE doubles (id int); INSERT INTO doubles VALUES (1), (1); GRANT ALL ON doubles TO PUBLIC;"
    )
    await scene.sql(f"ALTER TABLE doubles OWNER TO {scene.settings.direct.user}")
    key = add(
        scene,
        chain,
        "CREATE INDEX CONCURRENTLY i_first ON doubles (id); CREATE UNIQUE INDEX CONCURRENTLY i_second ON doubles (id);",
        "DROP INDEX CONCURRENTLY i_second; DROP INDEX CONCURRENTLY i_first;",
        alone=True,
    )
    with pytest.raises(StepFailed, match=f"{key}, statement 2 .*could not create unique index") as caught:
        await scene.runner.up()
    assert "The statements before it stay" in str(caught.value)
    assert [row[0] for row in await scene.sql(INVALID)] == ["i_second"]
    (planned,) = await scene.runner.plan()
    assert planned.step.is_resumed
    await scene.sql("DELETE FROM doubles WHERE ctid = '(0,1)'")
    await scene.runner.up()
    assert await scene.sql(INVALID) == []
    assert await scene.is_current()
    await scene.runner.down(target="aerich:1")
    await scene.runner.up()
