"""An older release on a database that a newer one has migrated goes on serving, until the newer one is everywhere."""

import pytest

from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from tests.migrations.copies import Project
from tests.migrations.scene import Scene

ADD = {"aerich": Project.add_aerich, "alembic": Project.add_alembic}


@pytest.mark.parametrize("chain", ADD)
async def test_what_a_newer_release_added_is_unknown_and_nothing_is_pending(scene: Scene, chain: str) -> None:
    """Two revisions more, with or without the journal of how they came: what was applied before them is so still."""
    today = Runner(scene.settings, Registry.found())
    before = {each.name: each.applied for each in await today.status()}
    for journal in ("as it is", "emptied"):
        if journal == "emptied":
            await scene.sql("TRUNCATE crossdock_journal")
        else:
            for number in range(2):
                ADD[chain](scene.project, f"CREATE TABLE newer{number} (id int);", f"DROP TABLE newer{number};")
            await scene.runner.up()
        for each in await today.status():
            assert each.pending == ()
            assert each.applied[: len(before[each.name])] == before[each.name]
            assert bool(each.unknown) is (each.name == chain)


async def test_what_it_stands_on_is_known_by_the_journal(scene: Scene) -> None:
    """An unknown head that was not put on our last revision: what is missing of ours is pending."""
    names = [scene.project.add_alembic(f"CREATE TABLE n{n} (id int);", f"DROP TABLE n{n};").name[:4] for n in range(2)]
    await scene.runner.up(target=f"alembic:{names[0]}")
    await scene.sql("UPDATE alembic_version SET version_num = 'a_branch'")
    _, new, _ = await scene.runner.status()
    assert new.pending == (names[1],)
    assert new.unknown == ("a_branch",)
    assert new.applied[-2:] == (names[0], "a_branch")
