"""An index in PostgreSQL's words, which a Tortoise model gains: aerich's revision has the words, and a way back."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from tests.migrations.project import Project

BIDS = "src/freight/modules/bids/models_tortoise.py"
AFTER = '            ("booking_id", "id"),\n'
WORDS = "(booking_id, status) WHERE amount_minor > 5"
IMPORT = "from crossdock.schema.tortoise import"
GAINED = {
    f'SqlIndex("{WORDS}", name="by_words", unique=True)': (
        f'CREATE UNIQUE INDEX IF NOT EXISTS "by_words" ON "bids" {WORDS}'
    ),
    'UniqueIndex(fields=("booking_id", "id"), name="by_words", where="amount_minor > 5")': (
        'CREATE UNIQUE INDEX IF NOT EXISTS "by_words" ON "bids" ("booking_id", "id") WHERE amount_minor > 5'
    ),
    'Check("amount_minor > -5", name="by_words")': 'ADD CONSTRAINT "by_words" CHECK (amount_minor > -5)',
}


@pytest.fixture
def project(tmp_path: Path, current: Settings) -> Project:
    return Project.copied(tmp_path, current)


def give(project: Project, index: str) -> None:
    project.edit(BIDS, AFTER, f"{AFTER}            {index},\n")
    project.edit(BIDS, IMPORT, f"from crossdock.schema.constraints import Check, SqlIndex\n{IMPORT}")


async def written(project: Project) -> str:
    made = await project.crossdock("migrate", "new", "-m", "Gain it", "--module", "bids", "--json")
    assert made.status == 0, made.errors
    return project.files()[str(Path(made.json["file"]).relative_to(project.folder))]


@pytest.mark.parametrize(("index", "sql"), GAINED.items())
async def test_what_a_model_gains_is_written_as_it_says(project: Project, index: str, sql: str) -> None:
    """Unique where it is unique; run up, the models agree with the database; and down, it is gone."""
    give(project, index)
    assert sql in await written(project)
    await project.runner.up()
    checked = await project.crossdock("migrate", "check")
    assert checked.status == 0, checked.errors + checked.out
    last = [revision for revision in project.runner.chains.revisions if revision.chain == "aerich"][-2]
    await project.runner.down(target=last.key)
    found = await project.crossdock("schema", "check")
    assert found.status == 1 and "by_words" in found.out


@pytest.mark.parametrize("there", [WORDS, "(booking_id)"])
async def test_an_index_that_was_made_by_hand(project: Project, there: str) -> None:
    """It may be there before the model says it, and the check says how the model would. Another one
    of that name is refused, since nothing would be made."""
    connection = await connect(project.settings.direct)
    await connection.execute(f"CREATE UNIQUE INDEX by_words ON bids {there}")
    await connection.close()
    advice = (await project.crossdock("schema", "check", "--json")).out
    assert f"SqlIndex('USING btree {there[:13]}" in advice and "name='by_words', unique=True)" in advice
    give(project, next(iter(GAINED)))
    await written(project)
    ran = await project.crossdock("migrate", "up")
    if there == WORDS:
        assert ran.status == 0, ran.errors
        assert (await project.crossdock("migrate", "check")).status == 0
    else:
        assert ran.status == 1
        assert "An index by_words is there already, and this revision was to make it" in ran.errors
