"""`crossdock migrate new` and `check`: the right tool writes a file of the module's chain, and touches no other."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.migrations.project import Project

BIDS = "src/freight/modules/bids/models_tortoise.py"
LEDGER = "src/freight/modules/ledger/models_sqlalchemy.py"


@pytest.fixture
def project(tmp_path: Path, current: Settings) -> Project:
    """A copy of the project, on a database that is migrated."""
    return Project.copied(tmp_path, current)


def give_bids_a_note(project: Project) -> None:
    project.edit(BIDS, "    status = ", "    note = fields.CharField(max_length=40, null=True)\n    status = ")


def give_transfers_a_note(project: Project) -> None:
    project.edit(LEDGER, "    reference: ", "    note: Mapped[str | None] = mapped_column(String(40))\n    reference: ")


@pytest.mark.parametrize(
    ("module", "change", "folder", "sql"),
    [
        ("bids", give_bids_a_note, "migrations_legacy/legacy", 'ALTER TABLE "bids" ADD "note" VARCHAR(40)'),
        ("ledger", give_transfers_a_note, "migrations_new/versions", "op.add_column("),
    ],
)
async def test_a_change_of_the_models_becomes_a_revision(
    project: Project, module: str, change: object, folder: str, sql: str
) -> None:
    """check tells it; new writes one file, headed and tidy; up runs it; check is content; new has nothing to write."""
    assert (await project.crossdock("migrate", "check")).status == 0
    assert callable(change)
    change(project)
    found = await project.crossdock("migrate", "check", "--json")
    assert found.status == 1
    assert any("note" in each["what"] for each in found.json["differences"])
    before = project.files()
    made = await project.crossdock(
        "migrate", "new", "-m", f"Give {module} a note", "--module", module, "--needs", "aerich:1", "--json"
    )
    assert made.status == 0, made.errors
    path = Path(made.json["file"])
    after = project.files()
    assert after.keys() - before.keys() == {str(path.relative_to(project.folder))}
    assert before.items() <= after.items()
    assert path.parent == project.path(folder)
    text = after[str(path.relative_to(project.folder))]
    assert text.startswith(f'"""Give {module} a note.\n\nTables of {module}: ')
    assert 'NEEDS = ("aerich:1",)' in text
    assert sql in text
    assert "###" not in text
    assert (await project.crossdock("migrate", "up")).status == 0
    assert (await project.crossdock("migrate", "check")).status == 0
    again = await project.crossdock("migrate", "new", "-m", "Again", "--module", module)
    assert (again.status, project.files()) == (1, after)
    assert "there is nothing to write" in again.errors
    assert (await project.crossdock("migrate", "down", after_names(before, folder), "--yes")).status == 0
    assert (await project.crossdock("migrate", "status")).status == 1


def after_names(files: dict[str, str], folder: str) -> str:
    """What the chain ended at before."""
    chain = "aerich" if "legacy" in folder else "alembic"
    return f"{chain}:{max(Path(name).name.partition('_')[0] for name in files if name.startswith(folder))}"


@pytest.mark.parametrize(("module", "how"), [("bids", ("--empty",)), ("ledger", ())])
async def test_a_database_that_is_behind_is_told_in_one_sentence(
    tmp_path: Path, empty: Settings, module: str, how: tuple[str, ...]
) -> None:
    """What there is to write cannot be seen on it. No file is made."""
    project = Project.copied(tmp_path, empty)
    before = project.files()
    refused = await project.crossdock("migrate", "new", "-m", "x", "--module", module, *how)
    assert (refused.status, refused.out, project.files()) == (1, "", before)
    assert len(refused.errors.strip().splitlines()) == 1
    assert "is behind this release (aerich:0 and " in refused.errors
    assert "run `crossdock migrate up` first." in refused.errors


async def test_one_modules_revision_takes_no_others_changes(project: Project) -> None:
    """Models of another module differ as well: the message names its tables, and no file stays."""
    give_bids_a_note(project)
    before = project.files()
    refused = await project.crossdock("migrate", "new", "-m", "Shipments", "--module", "shipments")
    assert (refused.status, project.files()) == (1, before)
    assert "Models of other modules differ as well: bids." in refused.errors


async def test_an_empty_revision_swallows_no_difference(project: Project) -> None:
    """aerich would keep the changed models in an empty file, and never write the SQL."""
    give_bids_a_note(project)
    before = project.files()
    refused = await project.crossdock("migrate", "new", "-m", "Data", "--module", "bids", "--empty")
    assert (refused.status, project.files()) == (1, before)
    assert "write that first" in refused.errors


@pytest.mark.parametrize("module", ["bids", "ledger", "shared"])
async def test_an_empty_revision_is_written_by_hand(project: Project, module: str) -> None:
    """It runs up and down as it is."""
    made = await project.crossdock("migrate", "new", "-m", "To be filled", "--module", module, "--empty", "--json")
    assert made.status == 0, made.errors
    await project.runner.up()
    await project.runner.down(target="aerich:1")
    await project.runner.up()
    checked = await project.crossdock("migrate", "check")
    assert checked.status == 0, checked.errors + checked.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-m", "x", "--module", "nope"], "There is no module nope: there are accounts, bids,"),
        (["-m", "!?", "--module", "bids"], "names nothing"),
        (["-m", "x", "--module", "bids", "--needs", "alembic:77"], "alembic:77 is no revision of this release"),
    ],
)
async def test_wrong_use_is_told(project: Project, arguments: list[str], words: str) -> None:
    """Status 1, one sentence, no file."""
    before = project.files()
    refused = await project.crossdock("migrate", "new", *arguments)
    assert (refused.status, project.files()) == (1, before)
    assert words in refused.errors


async def test_a_model_that_was_removed_before_its_hand_over(project: Project) -> None:
    """Neither tool gets to drop its table: every command says what to do first, aerich by hand too."""
    project.path(BIDS).write_text(
        project.path(BIDS).read_text(encoding="utf-8").partition("class BidHistory")[0], encoding="utf-8"
    )
    before = project.files()
    for command in (["check"], ["new", "-m", "x", "--module", "bids"], ["up"], ["plan"]):
        refused = await project.crossdock("migrate", *command)
        assert refused.status == 1
        assert "The table bid_history of bids is migrated by aerich" in refused.errors
        assert "crossdock migrate handover bid_history" in refused.errors
    raw = await project.tool("aerich", "migrate", "--no-input")
    assert raw.status != 0
    assert "crossdock migrate handover bid_history" in raw.errors + raw.out
    assert project.files() == before


async def test_aerich_by_hand_deletes_no_file(project: Project) -> None:
    """On a database that is behind it would number its file as an existing one, and delete that."""
    assert (await project.crossdock("migrate", "down", "aerich:0", "--yes")).status == 0
    give_bids_a_note(project)
    before = project.files()
    raw = await project.tool("aerich", "migrate", "--no-input")
    assert raw.status != 0
    assert "crossdock migrate new" in raw.errors + raw.out
    assert project.files() == before
