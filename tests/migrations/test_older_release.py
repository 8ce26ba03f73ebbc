"""An older release on a database that a newer one has migrated goes on serving, until the newer one is everywhere."""

from pathlib import Path

import pytest

from crossdock.kernel.migrations.runner import Runner
from crossdock.kernel.registry import Registry
from tests.acceptance.process import Service
from tests.migrations.copies import RELEASES, Project, copied, released
from tests.migrations.scene import Scene

SINCE = (0, 2, 0)
"""The release that begins to call itself ready under a newer alembic head. 0.1.0 answers 503, and goes on serving."""


def older_release(root: Path) -> Project:
    """The newest release with that rule, or, before there is one, what `make release` would make of today's files."""
    with_the_rule = [each for each in RELEASES if tuple(int(part) for part in each.split(".")) >= SINCE]
    return released(root, with_the_rule[-1]) if with_the_rule else copied(root)


async def test_it_is_ready(scene: Scene, tmp_path: Path) -> None:
    """Its own service, in a process, with one revision more in each chain: 200, while it is rolled out and after."""
    release = older_release(tmp_path / "release")
    scene.project.add_legacy("CREATE TABLE newer_legacy (id int)", "DROP TABLE newer_legacy")
    scene.project.add_new("CREATE TABLE newer (id int);", "DROP TABLE newer;")
    await scene.runner.up()
    service = Service(scene.settings, code=release.root / "src")
    try:
        await service.start()
        async with service.http() as http:
            answer = await http.get("/readyz")
    finally:
        await service.stop()
    assert (answer.status_code, answer.json()["migrations"]) == (200, {"legacy": "ok", "new": "ok"})


ADD = {"legacy": Project.add_legacy, "new": Project.add_new}


@pytest.mark.parametrize("chain", ADD)
async def test_what_a_newer_release_added_is_unknown_and_nothing_is_pending(scene: Scene, chain: str) -> None:
    """Two revisions more, with or without the journal of how they came: what was applied before them is so still."""
    today = Runner(scene.settings, Registry.discover(scene.settings.modules_package))
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
    names = [scene.project.add_new(f"CREATE TABLE n{n} (id int);", f"DROP TABLE n{n};").name[:4] for n in range(2)]
    await scene.runner.up(target=f"new:{names[0]}")
    await scene.sql("UPDATE alembic_version SET version_num = 'a_branch'")
    _, new = await scene.runner.status()
    assert new.pending == (names[1],)
    assert new.unknown == ("a_branch",)
    assert new.applied[-2:] == (names[0], "a_branch")
