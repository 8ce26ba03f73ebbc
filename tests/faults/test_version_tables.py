"""Every edit of a version table and what takes it back; renumbered branches, by a tool and with a failure."""

import json
from typing import Any

import asyncpg
import pytest

from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.run.failure import StepFailed
from tests.migrations.scene import Scene
from tests.migrations.test_bad_input import EDITS
from tests.migrations.test_version_tables import lead_on, merged, refusal

DROPPED = {
    "legacy table dropped": "DROP TABLE aerich",
    "new table dropped": "DROP TABLE alembic_version",
    "legacy rows out of order": (
        "WITH gone AS (DELETE FROM aerich WHERE version LIKE '1\\_%' RETURNING version, app, content)"
        " INSERT INTO aerich (version, app, content) SELECT * FROM gone"
    ),
}


@pytest.mark.parametrize("edit", [*(edit for edit, _ in EDITS.values()), *DROPPED.values()], ids=[*EDITS, *DROPPED])
async def test_one_command_takes_an_edit_back(scene_of_three: Scene, edit: str) -> None:
    """`crossdock migrate mend`, which the refusal names: the rows are as they were, aerich's with what they hold, and
    nothing was run."""
    scene = scene_of_three
    held = "SELECT version, content::text FROM aerich ORDER BY id"
    versions, rows, before = await scene.versions(), await scene.sql(held), (await scene.state()).data
    await scene.sql(edit)
    assert "`crossdock migrate mend`" in await refusal(scene)
    await scene.runner.mend()
    assert await scene.is_current()
    assert await scene.versions() == versions
    assert [_kept(row) for row in await scene.sql(held)] == [_kept(row) for row in rows]
    assert (await scene.state()).data == before


def _kept(row: asyncpg.Record) -> tuple[str, Any]:
    """What aerich reads again. A file of these tests has no picture of the models."""
    return row["version"], None if "_more" in row["version"] else json.loads(row["content"])


@pytest.mark.parametrize("chain", ["aerich", "alembic"])
async def test_a_renumbered_branch_that_a_tool_ran(scene: Scene, chain: str) -> None:
    """`aerich upgrade`, `alembic upgrade head`: what ran is known again all the same."""
    await lead_on(scene, chain, by_tool=True)


@pytest.mark.parametrize("chain", ["aerich", "alembic"])
async def test_a_renumbered_branch_whose_way_out_fails(scene: Scene, chain: str) -> None:
    """What main brought cannot run yet: once that is mended `up` alone goes on, and before that nothing else takes what
    is there for something that never ran."""
    keys = await merged(scene, chain)
    await scene.sql("CREATE TABLE theirs (other int)")
    with pytest.raises(StepFailed, match="theirs"):
        await scene.runner.up(accept=keys)
    with pytest.raises(MigrationsRefused, match="ran here under another number"):
        await scene.runner.down()
    tool = ("aerich", "upgrade") if chain == "aerich" else ("alembic", "upgrade", "head")
    by_hand = await scene.project.tool(*tool, settings=scene.settings)
    assert "ran here under another number" in by_hand.output + by_hand.errors
    await scene.sql("DROP TABLE theirs")
    await scene.runner.up()
    assert [row[0] for row in await scene.sql("SELECT id FROM mine0")] == [7]
    assert await scene.is_current()
