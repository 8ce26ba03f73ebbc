"""An older release's own service on a database that a newer one has migrated is ready, and stays so."""

from pathlib import Path

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
    scene.project.add_aerich("CREATE TABLE newer_legacy (id int)", "DROP TABLE newer_legacy")
    scene.project.add_alembic("CREATE TABLE newer (id int);", "DROP TABLE newer;")
    await scene.runner.up()
    service = Service(scene.settings, code=release.root / "src")
    try:
        await service.start()
        async with service.http() as http:
            answer = await http.get("/readyz")
    finally:
        await service.stop()
    assert (answer.status_code, answer.json()["migrations"]) == (200, {"legacy": "ok", "new": "ok", "crossdock": "ok"})
