"""`crossdock modules new`: all files of a module or none, and words that say why. The long proof is in tests/faults."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crossdock.cli.skeleton.fields import read_fields
from crossdock.cli.skeleton.names import names_of
from crossdock.cli.skeleton.writing import FileThere, NameTaken, write_module
from crossdock.config.settings import Settings
from crossdock.errors import CrossdockError
from crossdock.migrations.authoring.standing import Behind
from crossdock.migrations.authoring.tidying import tidy
from tests.acceptance.process import crossdock
from tests.migrations.copies import Project, copied
from tests.world import Server, database_name

NEW = ("modules", "new", "depots", "--field", "name:text(100)", "--field", "note:text?")
LEDGER = "src/freight/modules/ledger/models_sqlalchemy.py"


@pytest.fixture
async def settings_of_own(server: Server, template: str) -> AsyncIterator[Settings]:
    """On a migrated database that a revision more may be applied to."""
    settings = await server.copy(database_name("new_module"), template)
    yield settings
    await server.drop(settings.direct.database)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy, with the folders of the tests."""
    made = copied(tmp_path / "project")
    for folder in ("modules", "stores"):
        package = made.root / "tests" / folder
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
    return made


def files(project: Project) -> dict[str, bytes]:
    """Everything there is, hidden files too, but for what Python keeps."""
    paths = (path for path in project.root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(project.root)): path.read_bytes() for path in paths}


async def test_a_module_is_written_migrated_and_agrees(project: Project, settings_of_own: Settings) -> None:
    """Its files are as `make lint` wants them; models, rules, chain and database say the same; all others stay."""
    before = files(project)
    made = await project.crossdock(*NEW, "--json", settings=settings_of_own)
    assert made.status == 0, made
    assert (made.errors, made.output[:1]) == ("", "{"), made
    after, told = files(project), made.json
    assert (told["module"], told["table"], told["one"]) == ("depots", "depots", "depot")
    assert set(told["files"]) == after.keys() - before.keys()
    assert before.items() <= after.items()
    assert {"src/freight/modules/depots/rules.sql", "tests/stores/test_depots_store.py"} <= set(told["files"])
    written = [project.root / path for path in told["files"]]
    assert tidy(written) == ""
    assert files(project) == after
    assert any(line.startswith("crossdock migrate up") for line in told["next"])
    for command in (("up",), ("check",)):
        ran = await project.crossdock("migrate", *command, settings=settings_of_own)
        assert ran.status == 0, ran
    told = await project.crossdock("openapi", settings=settings_of_own)
    assert told.status == 0, told
    document = told.json
    assert set(document["paths"]["/v1/depots/{depot_id}"]["patch"]["responses"]) >= {"200", "403", "404", "412", "428"}
    assert "depots" in {tag["name"] for tag in document["tags"]}


async def test_nothing_stays_where_the_revision_cannot_be_written(project: Project, settings_of_own: Settings) -> None:
    """The models of another module differ as well: it is told, and every file is as it was."""
    model = project.root / LEDGER
    text = model.read_text()
    model.write_text(text.replace("    reference: ", "    noted: Mapped[bool | None]\n    reference: ", 1))
    before = files(project)
    refused = await project.crossdock(*NEW, settings=settings_of_own)
    assert refused.is_one_line("Models of other modules differ as well: ledger_transfers"), refused
    assert files(project) == before


def below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


REFUSED: dict[str, tuple[str, str | None, type[CrossdockError], str]] = {
    "a module": ("bids", None, NameTaken, "There is a module bids already"),
    "a table": ("users", None, NameTaken, "users is a table of accounts already"),
    "a table of the library": ("outbox", "event", NameTaken, "outbox is a table of shared already"),
    "a path": ("auth", "token", NameTaken, "/v1/auth is a path of another module already"),
    "a file of ours": ("depots", None, FileThere, "test_depots.py is there already: nothing was written"),
    "no folder of tests": ("docks", None, FileThere, "There is no folder .*stores to write .* see --tests"),
    "no package of tests": ("gates", None, FileThere, "There is no package .*modules to write .* see --tests"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_what_is_taken_is_refused(settings: Settings, tmp_path: Path, why: str) -> None:
    """Before anything is written."""
    module, one, error, words = REFUSED[why]
    (tmp_path / "modules").mkdir()
    if module not in ("docks", "gates"):
        (tmp_path / "modules" / "__init__.py").touch()
    if module == "gates":
        (tmp_path / "__init__.py").touch()
    if why == "a file of ours":
        (tmp_path / "modules" / "test_depots.py").touch()
    before = below(tmp_path)
    with pytest.raises(error, match=words):
        await write_module(settings, names_of(module, one), read_fields(["name:text"]), tmp_path)
    assert below(tmp_path) == before


async def test_a_database_that_is_behind_is_refused(empty: Settings, tmp_path: Path) -> None:
    """The revision could not be seen from it."""
    for folder in ("modules", "stores"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    with pytest.raises(Behind, match="run `crossdock migrate up` first"):
        await write_module(empty, names_of("depots", None), read_fields(["name:text"]), tmp_path)


async def test_wrong_words_are_wrong_use() -> None:
    """Status 2 and nothing on stdout, where no database was asked."""
    wrong = (("new", "Depots"), ("new", "depots", "--field", "name"), ("new",), ("new", "depots", "--fields", "a:int"))
    for ran in await asyncio.gather(*(crossdock("modules", *arguments) for arguments in wrong)):
        assert (ran.status, ran.output) == (2, ""), ran
