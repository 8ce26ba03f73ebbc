"""The docs tell the truth: their code runs, their commands exist, their links lead somewhere, their tables fit."""

import ast
import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import typer
from pydantic import BaseModel
from pydantic_settings import BaseSettings
from sybil import Document, Sybil
from sybil.example import Example
from sybil.parsers.markdown import CodeBlockParser

import crossdock
from crossdock import cutover, guards, web
from crossdock.address.parameters import PARAMETERS
from crossdock.application import Application
from crossdock.cli.main import build
from crossdock.ids import new_id
from crossdock.isolation import INVARIANTS
from crossdock.models.base import Base
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Registry
from crossdock.transaction import Database
from crossdock.web.document.page import as_page, listed
from crossdock.web.errors import STATUS
from freight.modules.accounts.api import Caller, Role
from freight.settings import FreightSettings
from tests.documented import document
from tests.world import Person, Server, World, database_name, tortoise_without_memory

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
LIBRARY = ROOT / "docs" / "library.md"
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

FENCED = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
RUN = ("modules", "openapi")
"""The commands that need no database: where a page shows one, it is run."""


def caller(person: Person, kind: str) -> Caller:
    """The signed-in person, as a service function gets them."""
    return Caller(UUID(person.user_id), UUID(person.company_id), kind, Role.ADMIN, new_id())


@pytest.fixture
async def names(database: Database, registry: Registry, world: World) -> dict[str, Any]:
    """What a code block may use without making it: a database, a shipper with a draft, and a carrier."""
    shipper, carrier = await world.shipper(), await world.carrier()
    draft = await world.draft(shipper)
    return {
        "__name__": "docs",
        "database": database,
        "registry": registry,
        "world": world,
        "shipper": caller(shipper, "shipper"),
        "rival": caller(carrier, "carrier"),
        "draft": SimpleNamespace(id=UUID(draft["id"])),
    }


def blocks(page: Path, language: str) -> list[Example]:
    """The fenced blocks of a language."""

    class Blocks(CodeBlockParser):
        def evaluate(self, example: Example) -> None:
            """Left to the caller: a block may await."""

    document: Document = Sybil(parsers=[Blocks(language=language)]).parse(page)
    return list(document.examples())


async def run(block: Example, page: Path, names: dict[str, Any]) -> None:
    """Runs a block at its own line of its own page, so that a failure points there. It may await."""
    source = "\n" * (block.line + block.parsed.line_offset) + block.parsed
    code = compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)  # noqa: S307  our own pages
    if inspect.isawaitable(result):
        await result


WITH_CODE = [page for page in PAGES if page != LIBRARY and blocks(page, "python")]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
async def test_the_code_of_a_page_runs(page: Path, names: dict[str, Any]) -> None:
    """From the top to the bottom of the page, on a real database. Its tables are forgotten: they are in no revision."""
    before = set(Base.metadata.tables)
    try:
        for block in blocks(page, "python"):
            await run(block, page, names)
    finally:
        for table in set(Base.metadata.tables) - before:
            Base.metadata.remove(Base.metadata.tables[table])


@pytest.fixture
async def own_service(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Any]]:
    """What the code of the library's page may use without making it: the example's registry, and settings on an empty
    database of its own."""
    folder, name = ROOT / "examples" / "own_service", database_name("own_service")
    monkeypatch.syspath_prepend(folder)
    maintenance = await server.connect("postgres")
    await maintenance.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    owner = server.owner.with_database(name)
    registry = Registry.discover(Application.read(folder / "pyproject.toml"))
    with tortoise_without_memory():
        yield {
            "__name__": "docs",
            "registry": registry,
            "settings": server.settings(name).with_database(owner, owner, owner),
        }
    await server.drop(name)
    await maintenance.close()


async def test_the_code_of_the_librarys_page_runs(own_service: dict[str, Any]) -> None:
    """From the top to the bottom, on the service of the examples."""
    for block in blocks(LIBRARY, "python"):
        await run(block, LIBRARY, own_service)


def test_the_librarys_page_has_every_public_name_with_an_example() -> None:
    """Its tables are `__all__`, and each name is imported and used in its code."""
    named = re.findall(r"^\| `(\w+)` \|", LIBRARY.read_text(), re.MULTILINE)
    code = "\n".join(str(block.parsed) for block in blocks(LIBRARY, "python"))
    assert sorted(named) == sorted([*crossdock.__all__, *cutover.__all__, *guards.__all__, *web.__all__])
    assert [name for name in named if len(re.findall(rf"\b{name}\b", code)) < 2] == []


def command_lines(page: Path) -> Iterator[list[str]]:
    """The words of each command that a page shows, without the program's folder and the variables set before it."""
    for block in blocks(page, "sh"):
        for line in str(block.parsed).splitlines():
            words = shlex.split(line, comments=True)
            while words and re.match(r"\w+=", words[0]):
                words.pop(0)
            if words:
                yield [Path(words[0]).name, *words[1:]]


def unknown_command(words: list[str], command: Any) -> str | None:
    """What `crossdock ...` names that is not there. `command` is Typer's group, or a command of it."""
    for word in words:
        subcommands = getattr(command, "commands", {})
        if word not in subcommands and hasattr(command, "default"):
            command, subcommands = subcommands[command.default], {}
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        if word.startswith("-") and word.partition("=")[0] not in options:
            return f"{command.name} has no {word}"
        if subcommands and not word.startswith("-"):
            if word not in subcommands:
                return f"{command.name} has no {word}"
            command = subcommands[word]
    return None


@cache
def all_commands() -> Any:
    """Typer's group of all commands, made once: the pages name hundreds."""
    return typer.main.get_command(build([]))


def fault(words: list[str]) -> str | None:
    """Why a command of the docs would not work."""
    program, arguments = words[0], words[1:]
    if program == "crossdock":
        return unknown_command(arguments, all_commands())
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        return None if set(arguments) <= set(targets) else f"the Makefile lacks one of {arguments}"
    if program == "rm":
        return None  # a page takes away what it has made: its own test does the same
    files = [word for word in arguments if word.endswith(".py") or word.startswith("tests/")]
    return next((f"{file} is not there" for file in files if not (ROOT / file.partition("::")[0]).exists()), None)


@EACH_PAGE
def test_the_commands_of_a_page_exist(page: Path) -> None:
    """Each `crossdock` command with its options, each make target, each file that is named."""
    assert [told for words in command_lines(page) if (told := fault(words))] == []


def test_the_commands_that_need_no_database_work() -> None:
    """Where a page shows one of them, it is run as it stands there."""
    shown = {tuple(words) for page in PAGES for words in command_lines(page) if words[0] == "crossdock"}
    for words in sorted(words for words in shown if words[1] in RUN and words[2:3] != ("new",)):
        program = Path(sys.executable).with_name("crossdock")
        done = subprocess.run([program, *words[1:]], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        if "--json" in words:
            assert json.loads(done.stdout)


def anchors(page: Path) -> set[str]:
    """The headings of a page, as a link names them."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """The links to files and headings that are not there. Addresses of the internet are not asked."""
    broken = []
    for target in LINK.findall(FENCED.sub("", page.read_text())):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if "://" not in target and (not there.exists() or (anchor and anchor not in anchors(there))):
            broken.append(target)
    return broken


@EACH_PAGE
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    """Every relative link finds its file, and its heading when it names one."""
    assert broken_links(page) == []


def test_the_checks_of_the_docs_can_fail(tmp_path: Path) -> None:
    """A wrong link, a wrong command and a wrong file are found out."""
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](#two) [b](gone.md) [c](#one)\n```sh\ncrossdock migrate sideways --fast\n```\n")
    assert broken_links(page) == ["#two", "gone.md"]
    assert [fault(words) for words in command_lines(page)] == ["migrate has no sideways"]
    assert fault(["crossdock", "modules", "--xml"]) == "show has no --xml"
    assert fault(["make", "coffee"]) and fault(["python", "examples/gone.py"])


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head. Code marks are taken off."""
    section = page.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def variables(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str]]:
    """Each environment variable that settings are read from, with its default as the docs write it."""
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"{prefix}{name.upper()}"
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from ((each, str(getattr(default, key))) for each, key in nested(type(default), variable))
        else:
            yield variable, str(default)


def nested(model: type[BaseModel], variable: str) -> Iterator[tuple[str, str]]:
    """The variables of a group, and the names of their fields."""
    return ((f"{variable}__{name.upper()}", name) for name in model.model_fields)


def test_every_environment_variable_is_in_the_docs(registry: Registry) -> None:
    """The table of docs/operations/running.md is the settings: the same names, the same defaults."""
    ours: list[type[BaseSettings]] = [FreightSettings, *(module.settings for module in registry if module.settings)]
    told = {row[0]: row[1] for row in rows(ROOT / "docs" / "operations" / "running.md", "Environment")}
    real = {name: text for kind in ours for name, text in variables(kind, kind.model_config.get("env_prefix", ""))}
    assert told == {name: "" if default in ("None", "()") else default for name, default in real.items()}


def test_every_parameter_of_an_address_is_in_the_docs() -> None:
    """The table of docs/operations/running.md says of each what the code does with it, in the code's own words."""
    told = rows(ROOT / "docs" / "operations" / "running.md", "Addresses")
    assert told[: len(PARAMETERS)] == [[name, str(parameter).strip("`")] for name, parameter in PARAMETERS.items()]


def test_the_way_back_of_adopting_drops_every_table_of_the_library() -> None:
    """What is left would be in the way of who comes again."""
    dropped = re.findall(r"^DROP TABLE (.*);", (ROOT / "docs" / "adopting.md").read_text(), re.MULTILINE)
    assert set(OWN_TABLES) < set(", ".join(dropped).split(", "))


def test_every_invariant_of_isolation_is_in_the_docs() -> None:
    """In the table of what the doctor says, under its own name."""
    page = (ROOT / "docs" / "operations" / "running.md").read_text().partition("## When the doctor says")[2]
    named = {name for cells in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for name in cells.split(", ")}
    assert {invariant.name for invariant in INVARIANTS} - named == set()


def test_the_table_of_errors_is_the_one_of_the_code() -> None:
    """Kind → status, in docs/architecture.md as in web/errors.py."""
    told = [(row[0], int(row[1])) for row in rows(ROOT / "docs" / "architecture.md", "Errors")]
    assert told == [(kind.__name__, status) for kind, status in STATUS]


def test_the_list_of_errors_is_the_one_of_the_code() -> None:
    """docs/errors.md is what `crossdock openapi --errors` prints, and each code has a remedy."""
    assert (ROOT / "docs" / "errors.md").read_text() == as_page(document())
    assert [each.code for each in listed(document()) if not each.remedy] == []
