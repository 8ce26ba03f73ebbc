"""A run that is killed: what was begun is finished, turned round or refused, and nothing is there by halves."""

import asyncio
import os
import sys

import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.run.runner import Runner
from tests.migrations.catalogue import Catalogue, look
from tests.migrations.killing import Killer, Way
from tests.migrations.scene import INVALID, Scene
from tests.migrations.test_failures import CHAINS, add, at_work, traffic
from tests.world import Server

RUN = """
import asyncio
from crossdock.registry import load_settings as load
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
settings = load()
runner = Runner(settings, Registry.found())
asyncio.run(runner.up(lambda step: print(step, flush=True)))
"""


@pytest.mark.parametrize("moment", [("aerich", 0), ("aerich", 0.1), ("alembic", 0), ("alembic", 0.05)])
async def test_a_killed_run_is_run_again(
    server: Server, empty: Settings, runner: Runner, migrated: Catalogue, moment: tuple[str, float]
) -> None:
    """SIGKILL at the beginning or in the middle of a chain: its lock goes with it, and the next run goes on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RUN,
        env=os.environ
        | {
            "DATABASE_URL": empty.pooled.url,
            "DIRECT_URL": empty.direct.url,
            "CROSSDOCK_PLATFORM_URL": empty.platform.url,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    step, after_s = moment
    while not (await process.stdout.readline()).decode().startswith(step):
        assert process.returncode is None
    await asyncio.sleep(after_s)
    process.kill()
    await process.wait()
    await runner.up()
    assert await look(server, empty.direct.database) == migrated


async def die_in(scene: Scene, deadly: Killer, key: str, *, down: bool = False) -> None:
    """SIGKILL after the first statement of a revision."""
    (revision,) = [each for each in scene.runner.chains.revisions if each.key == key]
    way = Way(revision, "down" if down else "up", "aerich:1" if down else None)
    assert ("i_second" if down else "i_first") in await deadly.run(scene, way, 1)


BOTH = (
    "CREATE INDEX CONCURRENTLY i_first ON bids (created_at); CREATE INDEX CONCURRENTLY i_second ON bids (version);",
    "DROP INDEX CONCURRENTLY i_second; DROP INDEX CONCURRENTLY i_first;",
)
SLOW = ("CREATE INDEX CONCURRENTLY i_slow ON bids (created_at);", "DROP INDEX CONCURRENTLY i_slow;")
LATE = "SELECT gen_random_uuid(), now(), now(), 1, 'late', 'both' FROM pg_sleep(3)"


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_killed_one_whose_file_then_changes(scene: Scene, deadly: Killer, chain: str) -> None:
    """Nobody can tell how much of which version was done: refused until the file is back."""
    key = add(scene, chain, *BOTH, alone=True)
    await die_in(scene, deadly, key)
    path = scene.project.files(chain)[-1]
    content = path.read_text()
    path.write_text(content.replace("i_second", "i_other"))
    await scene.refused(
        f"A run came to an end in the midst of {key}", "its file has changed since", "Put the file back"
    )
    path.write_text(content)
    await scene.runner.up()
    assert await scene.is_current()


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("down", [False, True])
async def test_a_killed_one_turned_round(scene: Scene, deadly: Killer, chain: str, down: bool) -> None:
    """What was begun is finished the way it went; then it may be turned round."""
    key = add(scene, chain, *BOTH, alone=True)
    if down:
        await scene.runner.up()
    await die_in(scene, deadly, key, down=down)
    runner = scene.runner
    way, back = ("down", "up") if down else ("up", "down")
    with pytest.raises(MigrationsRefused, match=f"came to an end on its way {way} in {key}.*crossdock migrate {way}"):
        await (runner.up() if down else runner.down(target="aerich:1"))
    await scene.told(
        f"came to an end on its way {way}", arguments=(back, "aerich:1", *(["--yes"] if back == "down" else []))
    )
    await (runner.down(target="aerich:1") if down else runner.up())
    await runner.up()
    assert await scene.is_current()
    assert await scene.sql(INVALID) == []


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_runner_that_is_killed_while_an_index_is_built(scene: Scene, chain: str) -> None:
    """SIGKILL in the middle of CREATE INDEX CONCURRENTLY, which waits for a transaction: the backend notices and goes,
    and the next run finds the INVALID index and makes it again."""
    add(scene, chain, *SLOW, alone=True)
    async with traffic(
        scene, "UPDATE bids SET version = version; INSERT INTO companies SELECT * FROM companies LIMIT 0"
    ):
        await killed_while(scene, "%CREATE INDEX CONCURRENTLY i_slow%")
        running = asyncio.create_task(scene.runner.up())
        await asyncio.sleep(1)
        assert not running.done()
    await running
    assert await scene.sql(INVALID) == []
    assert await scene.is_current()


async def killed_while(scene: Scene, query: str) -> None:
    """Starts `migrate up` and kills it as soon as PostgreSQL works at a query."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from crossdock.cli.main import main; main()",
        "migrate",
        "up",
        cwd=scene.project.root,
        env=scene.project.environment(scene.settings),
    )
    await at_work(scene, query)
    process.kill()
    await process.wait()


async def test_a_slow_statement_of_a_killed_runner_is_outlived(scene: Scene) -> None:
    """PostgreSQL goes on with a statement whose client was killed: it is noticed, and rows are there once."""
    add(scene, "alembic", f"INSERT INTO companies {LATE};", "DELETE FROM companies WHERE name = 'late';")
    await killed_while(scene, "%pg_sleep(3)%")
    await scene.runner.up()
    assert (await scene.sql("SELECT count(*) FROM companies WHERE name = 'late'"))[0][0] == 1
    assert await scene.is_current()
