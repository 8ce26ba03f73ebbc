"""`crossdock migrate handover`: a table changes tools without a statement, both ways, on old databases and new ones."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.authoring.manifest_edit import with_migrated_by
from crossdock.registry import Orm
from tests.migrations.project import Project

MODULE = "companies"
"""On Tortoise, with models for both ORMs."""
SQLALCHEMY = f"src/freight/modules/{MODULE}/models_sqlalchemy.py"


@pytest.fixture
def project(tmp_path: Path, current: Settings) -> Project:
    """A copy of the project, on a database that is migrated."""
    return Project.copied(tmp_path, current)


async def do(project: Project, *arguments: str) -> None:
    result = await project.crossdock("migrate", *arguments)
    assert result.status == 0, result.errors + result.out


async def test_the_new_owner_sees_it_and_the_old_one_does_not(project: Project) -> None:
    """Bookings are handed over: a change of their SQLAlchemy model is alembic's to write, and a Tortoise model that
    nothing refers to may go."""
    tortoise, sqlalchemy = (f"src/freight/modules/bookings/models_{orm.value}.py" for orm in Orm)
    source = project.path(tortoise).read_text(encoding="utf-8")
    project.path(tortoise).write_text(source.partition("class BookingHistory")[0], encoding="utf-8")
    await do(project, "check")
    raw = await project.tool("aerich", "migrate", "--no-input")
    assert "No changes detected" in raw.out, raw.out + raw.errors
    text = project.path(sqlalchemy).read_text(encoding="utf-8")
    project.path(sqlalchemy).write_text(f"{text}    note: Mapped[str | None] = mapped_column(String(40))\n", "utf-8")
    made = await project.crossdock("migrate", "new", "-m", "A note", "--module", "bookings", "--json")
    assert Path(made.json["file"]).parent == project.path("migrations_new/versions"), made.errors
    for command in ("up", "check"):
        await do(project, command)


async def test_it_is_taken_over_by_hand(project: Project) -> None:
    """The raw commands of both tools write it down and undo it, though there is no statement for them to run."""
    await do(project, "handover", MODULE, "--to", "alembic")
    upgrade = [("aerich", "upgrade"), ("alembic", "upgrade", "head")]
    downgrade = [("alembic", "downgrade", "-1"), ("aerich", "downgrade", "--yes")]
    for command in (*upgrade, *downgrade, *upgrade):
        ran = await project.tool(*command)
        assert ran.status == 0, ran.errors + ran.out
    await do(project, "check")


async def test_what_does_not_match_is_not_handed_over(project: Project) -> None:
    """A name, a type, anything: the message has the difference, and every file is as it was."""
    project.edit(SQLALCHEMY, "String(200)", "String(201)")
    files = project.files()
    refused = await project.crossdock("migrate", "handover", MODULE, "--to", "alembic")
    assert (refused.status, project.files()) == (1, files)
    assert f"do not describe {MODULE} to the letter" in refused.errors
    assert "companies.name" in refused.errors


async def test_a_database_that_is_behind_proves_nothing(project: Project) -> None:
    """Both chains have to be at their heads."""
    await do(project, "down", "aerich:0", "--yes")
    files = project.files()
    refused = await project.crossdock("migrate", "handover", MODULE, "--to", "alembic")
    assert (refused.status, project.files()) == (1, files)
    assert "`crossdock migrate up` first" in refused.errors


@pytest.mark.parametrize(
    ("tables", "to", "words"),
    [
        (["outbox"], "aerich", "the library's own"),
        (["nothing"], "alembic", "no module's"),
        ([MODULE], "aerich", "migrated by aerich already"),
        (["bids"], "alembic", "models_sqlalchemy.py of bids has no model of bids"),
        ([MODULE], "old", "--to is one of"),
    ],
)
async def test_wrong_use_is_told(project: Project, tables: list[str], to: str, words: str) -> None:
    """Status 1, one sentence, no file."""
    files = project.files()
    refused = await project.crossdock("migrate", "handover", *tables, "--to", to)
    assert (refused.status, project.files()) == (1, files)
    assert words in refused.errors


def test_the_manifest_is_edited_in_place() -> None:
    """Added, replaced and taken out again; comments and order stay."""
    source = 'from x import Module\n\n# why\nMODULE = Module(\n    name="a",  # the name\n    tables=("t",),\n)\n'
    once = with_migrated_by(source, {"t": Orm.SQLALCHEMY})
    assert '    migrated_by={"t": Orm.SQLALCHEMY},\n)' in once
    assert with_migrated_by(with_migrated_by(once, {"t": Orm.TORTOISE}), {"t": Orm.SQLALCHEMY}) == once
    assert with_migrated_by(once, {}) == source
