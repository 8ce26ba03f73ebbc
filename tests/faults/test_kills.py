"""SIGKILL of the runner at every point of every revision, up and down, and then the same again: nothing is lost, and
nothing is there twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.plan import downward, ordered
from crossdock.migrations.revision import Revision
from tests.migrations.catalogue import BOOKKEEPING
from tests.migrations.copies import Project, copied
from tests.migrations.killing import Killer, Way
from tests.migrations.scene import INVALID, Scene, State
from tests.world import Server, database_name

ROWS = """
INSERT INTO companies (id, created_at, updated_at, version, name, kind)
SELECT gen_random_uuid(), now(), now(), 1, 'company ' || n, 'both' FROM generate_series(1, 20) n
"""
DATA = """
op.execute("CREATE TABLE copies (id uuid, name text)")
op.execute("INSERT INTO copies SELECT id, name FROM companies")
op.execute("UPDATE copies SET name = name || '!'")
"""
HERE = [path.name for path in sorted((Path(__file__).parents[2] / "migrations_legacy" / "legacy").glob("[0-9]*.py"))]
THERE = [path.name for path in sorted((Path(__file__).parents[2] / "migrations_new" / "versions").glob("[0-9]*.py"))]
Told = tuple[list[str], list[str], dict[str, str]]
NOTHING: Told = ([], [], {})
ADDED = ("two indexes", "two more indexes", "rows", "an index instead of another")
COUNT = len(HERE) + len(THERE) + len(ADDED)


def extended(root: Path) -> Project:
    """Both chains, with revisions that stand alone in either, one that copies rows, and some that need the other."""
    project = copied(root)
    project.add_aerich(
        "CREATE INDEX CONCURRENTLY i_a ON companies (name); CREATE INDEX CONCURRENTLY i_b ON companies (kind);",
        "DROP INDEX CONCURRENTLY i_b; DROP INDEX CONCURRENTLY i_a;",
        alone=True,
    )
    legacy = f"aerich:{len(HERE)}"
    project.add_alembic(DATA, 'op.execute("DROP TABLE copies")', needs=(legacy,))
    project.add_alembic(
        "CREATE INDEX CONCURRENTLY i_c ON copies (id); CREATE INDEX CONCURRENTLY i_d ON copies (name);",
        "DROP INDEX CONCURRENTLY i_d; DROP INDEX CONCURRENTLY i_c;",
        alone=True,
    )
    project.add_aerich(
        "DROP INDEX CONCURRENTLY i_b; CREATE INDEX CONCURRENTLY i_b ON companies (kind, name);",
        "DROP INDEX CONCURRENTLY i_b; CREATE INDEX CONCURRENTLY i_b ON companies (kind);",
        alone=True,
        needs=(f"alembic:{len(THERE) + 2:04}",),
    )
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return extended(tmp_path_factory.mktemp("kills") / "project")


@pytest.fixture
async def bare(server: Server, project: Project, empty: Settings) -> Scene:
    return Scene(server, empty, project)


def revisions(scene: Scene) -> list[Revision]:
    return ordered(scene.runner.chains.revisions)


async def raise_to(scene: Scene, count: int) -> None:
    """The first so many revisions of the plan, and rows as soon as there is a table for them."""
    for revision in revisions(scene)[:count]:
        await scene.runner.up(target=revision.key)
        if revision.key == f"aerich:{HERE[0]}":
            await scene.sql(ROWS + ";")


def below(scene: Scene, revision: Revision) -> str | None:
    """The target of a `down` that undoes a revision first of all, and no other where there is such a target."""
    order = revisions(scene)
    before = order[: order.index(revision)]
    applied = {revision.key, *(other.key for other in before)}
    alone = [other.key for other in before if downward(order, applied, other.key) == [revision]]
    return (alone or [other.key for other in before if other.chain == revision.chain] or [None])[-1]


def told(state: State) -> Told:
    """Without the tools' own tables, which are not there before the first run."""
    shape, extra = (
        [line for line in lines if line.split(":")[0] not in BOOKKEEPING]
        for lines in (state.catalogue.shape, state.catalogue.extra)
    )
    return shape, extra, state.data


async def at(scene: Scene, name: str) -> Scene:
    """The scene in a copy of its database."""
    template = scene.settings.direct.database
    return replace(scene, settings=await scene.server.copy(database_name(name), template))


@pytest.mark.parametrize("index", range(COUNT))
async def test_killed_on_its_way_up(bare: Scene, deadly: Killer, index: int) -> None:
    """Each time all of it or nothing, or of one that stands alone a part that the next run completes."""
    await raise_to(bare, index)
    revision = revisions(bare)[index]
    before = told(await bare.state(timeless=True)) if index else NOTHING
    unharmed = await at(bare, f"unharmed_{index}")
    await unharmed.runner.up(target=revision.key)
    expected = told(await unharmed.state(timeless=True))
    await unharmed.server.drop(unharmed.settings.direct.database)
    if revision.stands_alone:
        await _each_completed(bare, deadly, Way(revision, "up", revision.key), expected)
    else:
        await _nothing_stays(bare, deadly, Way(revision, "up", revision.key), before, expected)


@pytest.mark.parametrize("index", range(COUNT))
async def test_killed_on_its_way_down(bare: Scene, deadly: Killer, index: int) -> None:
    """The same on the way back, which ends where the way up began."""
    await raise_to(bare, index)
    expected = told(await bare.state(timeless=True)) if index else NOTHING
    revision = revisions(bare)[index]
    await bare.runner.up(target=revision.key)
    if index == 0:
        await bare.sql(ROWS + ";")
    before = told(await bare.state(timeless=True))
    if revision.stands_alone:
        await _each_completed(bare, deadly, Way(revision, "down", below(bare, revision)), expected)
    else:
        await _nothing_stays(bare, deadly, Way(revision, "down", below(bare, revision)), before, expected)


async def _nothing_stays(scene: Scene, deadly: Killer, way: Way, before: Told, after: Told) -> None:
    """One transaction: killed at each point it leaves nothing, so the next run begins as this one did."""
    versions = await scene.versions() if before != NOTHING else None
    point, where = 0, ""
    while where != "done":
        where = await deadly.run(scene, way, point)
        assert told(await scene.state(timeless=True)) == (after if where == "done" else before), (point, where)
        if where != "done" and versions:
            assert await scene.versions() == versions
        point += 1
    assert point > (1 if way.revision.handed_over else 2)  # a hand-over has no statement to be killed after
    assert await way.is_done(scene)


async def _each_completed(scene: Scene, deadly: Killer, way: Way, after: Told) -> None:
    """Statements that commit one by one: after each kill the next run goes on, in a database of its own."""
    point, where = 0, ""
    while where != "done":
        copy = await at(scene, "alone")
        where = await deadly.run(copy, way, point)
        if where != "done":
            await (copy.runner.up if way.direction == "up" else copy.runner.down)(target=way.target)
        assert told(await copy.state(timeless=True)) == after, (point, where)
        assert await copy.sql(INVALID) == []
        assert await way.is_done(copy)
        assert not [problem for chain in await copy.runner.status() for problem in chain.problems]
        point += 1
    assert point > 2
    await scene.server.drop(copy.settings.direct.database)
