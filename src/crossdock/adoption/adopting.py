"""What `crossdock init` writes into a project: found first, as a whole, then written, and never over a file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crossdock.adoption import beginning
from crossdock.adoption.chains import made_by, note_chains
from crossdock.adoption.found import FoundChain, ModelsFile, ids_of
from crossdock.adoption.manifests import Manifests, manifests_of
from crossdock.adoption.project import Project
from crossdock.adoption.sqlalchemy import find_sqlalchemy
from crossdock.adoption.table import with_tables
from crossdock.adoption.tortoise import find_tortoise
from crossdock.application import FILE, Application
from crossdock.errors import ConfigurationError, Conflict
from crossdock.migrations.names import AERICH, ALEMBIC
from crossdock.registry import Module, Registry
from crossdock.schema.ownership import faults

UNCHAINED = {
    "Tortoise": re.compile(
        r"^\s*from tortoise[\w.]* import (\([^)]*|.*)\bModel\b|\(.*\b(models|tortoise)\.Model\b", re.MULTILINE
    ),
    "SQLAlchemy": re.compile(r"^\s*__tablename__\s*=|\bdeclarative_base\(|\(DeclarativeBase\)", re.MULTILINE),
}
"""What a file with models of either ORM has in it."""
FIRST = {
    "Tortoise": "aerich has no chain: `aerich init -t package.settings.TORTOISE_ORM`, then `aerich init-db`",
    "SQLAlchemy": "alembic has no chain: `alembic init alembic`, set target_metadata in its env.py, then"
    " `alembic revision --autogenerate`",
}
OWN = "tool.crossdock"


class AlreadyThere(Conflict):
    """A file is there already."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """`files` are those to be written, the pyproject last. `points` are what a person has to decide."""

    root: Path
    files: dict[Path, str]
    modules: tuple[Module, ...] = ()
    chains: tuple[str, ...] = ()
    points: tuple[str, ...] = ()

    def write(self) -> None:
        """Raises AlreadyThere before the first one, where another than the pyproject is there."""
        for path, text in self.files.items():
            if path.name != FILE and path.exists() and path.read_text(encoding="utf-8") != text:
                raise AlreadyThere(f"{path} is there already, and nothing was written: move it away, or rename it.")
        for path, text in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            # In one step: a pyproject that is half written would stop every tool of the project.
            beside = path.with_name(f".{path.name}.new")
            beside.write_text(text, encoding="utf-8")
            beside.replace(path)


def adopt(root: Path, *, alembic: str | None = None, metadata: str | None = None) -> Adoption:
    """What would be written into the project of a folder; nothing where it is configured. `alembic` is the folder of a
    chain to begin, where there is none. `metadata` is where the models' base is, where env.py does not say it.

    Raises ConfigurationError for a pyproject that cannot be read, and for models that cannot be imported.
    """
    project = Project.read(root.resolve())
    if project.is_configured:
        return _one_chain_more(project, alembic)
    project.make_importable()
    points: list[str] = []
    tortoise = find_tortoise(project, points)
    aerichs = {table for file in (tortoise.files if tortoise else ()) for table in file.tables}
    sqlalchemy = find_sqlalchemy(project, points, metadata, aerichs)
    unchained = _unchained(project, {"Tortoise": tortoise, "SQLAlchemy": sqlalchemy})
    if tortoise or sqlalchemy:
        points += [f"{what}. Then name it in [tool.crossdock], and its models in a manifest." for what in unchained]
        return _existing(project, tortoise, sqlalchemy, points, alembic)
    if unchained:
        raise ConfigurationError(
            f"Nothing was written. {' '.join(f'{what}.' for what in unchained)} Then run this again."
        )
    return _smallest(project, points, alembic or beginning.ALEMBIC_FOLDER)


def _unchained(project: Project, found: dict[str, FoundChain | None]) -> list[str]:
    """A sentence for each ORM that has models and no chain."""
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in project.code()}
    said = []
    for orm, pattern in UNCHAINED.items():
        files = [path for path, text in texts.items() if pattern.search(text)]
        if found[orm] is None and files:
            said.append(f"{files[0].relative_to(project.root)} has models of {orm}, and {FIRST[orm]}")
    return said


def _existing(
    project: Project,
    tortoise: FoundChain | None,
    sqlalchemy: FoundChain | None,
    points: list[str],
    alembic: str | None,
) -> Adoption:
    chains = {tool: found for tool, found in ((AERICH, tortoise), (ALEMBIC, sqlalchemy)) if found}
    tables: dict[str, dict[str, Any]] = {f"{OWN}.{tool}": dict(found.table) for tool, found in chains.items()}
    created: dict[Path, str] = {}
    if alembic and ALEMBIC not in chains:
        created = _begin(project, tables, alembic)
    nested = {name.rpartition(".")[2]: said for name, said in tables.items() if name.startswith(OWN)}
    bare = Application(name=project.name, root=project.root, modules=(), **nested)
    files = _each_table_once(bare, [file for found in chains.values() for file in found.files], points)
    manifests = manifests_of(project, files)
    own = _own_table(project, manifests.named, files)
    note_chains(bare, points)
    points += _mixed_keys(files)
    points += _misowned(bare, manifests, own)
    text = with_tables(project.text, {OWN: own} | tables)
    written = {**created, manifests.file: manifests.text, project.root / FILE: text}
    return Adoption(project.root, written, manifests.modules, tuple(chains), tuple(points))


def _own_table(project: Project, modules: str, files: Sequence[ModelsFile]) -> dict[str, Any]:
    table: dict[str, Any] = {"name": project.name, "modules": modules}
    if project.sources != (".",):
        table["sources"] = list(project.sources)
    if ids_of(files) != "uuid":
        table["ids"] = ids_of(files)
    return table


def _each_table_once(application: Application, files: Sequence[ModelsFile], points: list[str]) -> list[ModelsFile]:
    """A table that both ORMs have a model of belongs to the tool whose revisions make it, or else to aerich."""
    tables = {
        orm: {table for file in files if file.orm is orm for table in file.tables} for orm in {f.orm for f in files}
    }
    both = set.intersection(*tables.values()) if len(tables) > 1 else set()
    made = made_by(application)
    kept = []
    for file in files:
        others = {table for table in both if _tool_of(table, made) != file.orm.tool}
        doubled = sorted((others & set(file.tables)) - file.plain)  # a plain table is the target of foreign keys
        if doubled:
            points.append(
                f"{file.name} has models of {', '.join(doubled)} too, which {file.orm.other.tool} migrates. Take them"
                f" out, or put them into a file of their own whose name ends in _{file.orm.value}, and name that file"
                " too in the models of the manifest that has the table."
            )
        left = tuple(table for table in file.tables if table not in others)
        if left:
            kept.append(replace(file, tables=left))
    return kept


def _mixed_keys(files: Sequence[ModelsFile]) -> list[str]:
    kinds = sorted({kind for file in files for kind in file.keys})
    if len(kinds) < 2:
        return []
    return [
        f'The tables have keys of several kinds ({", ".join(kinds)}): ids = "text" was written, and the outbox keeps'
        " each subject's key as text. Where all events are about one kind, write that, before the first `crossdock"
        " migrate up` makes the column."
    ]


def _tool_of(table: str, made: dict[str, set[str]]) -> str:
    return ALEMBIC if table in made[ALEMBIC] and table not in made[AERICH] else AERICH


def _misowned(application: Application, manifests: Manifests, own: dict[str, Any]) -> list[str]:
    adopted = application.model_copy(update={"modules": own["modules"], "ids": own.get("ids", "uuid")})
    return list(faults(Registry(adopted, {module.name: module for module in manifests.modules})))


def _begin(project: Project, tables: dict[str, dict[str, Any]], folder: str) -> dict[Path, str]:
    """Adds a chain of alembic's to the tables, and returns its files."""
    tables[f"{OWN}.{ALEMBIC}"] = {"folder": folder}
    if not project.tool("alembic"):
        tables["tool.alembic"] = dict(beginning.alembic_table(folder, project.sources))
    return beginning.alembic_chain(project.root / folder)


def _smallest(project: Project, points: list[str], folder: str) -> Adoption:
    source = project.sources[0]
    name = project.name
    own: dict[str, Any] = {"name": name, "modules": f"{name}.modules"}
    if project.sources != (".",):
        own["sources"] = list(project.sources)
    own |= {"settings": f"{name}.settings:ServiceSettings", "app": f"{name}.app:create_app"}
    tables: dict[str, dict[str, Any]] = {OWN: own}
    files = beginning.service(project.root, source, name) | _begin(project, tables, folder)
    there = [path for path in files if path.exists()]
    files = {path: text for path, text in files.items() if path.name != "__init__.py" or path not in there}
    text = with_tables(project.text, tables)
    return Adoption(project.root, files | {project.root / FILE: text}, (), (ALEMBIC,), tuple(points))


def _one_chain_more(project: Project, alembic: str | None) -> Adoption:
    """Of a project that is configured: nothing, or a chain of alembic's that is to begin."""
    said = project.tool("crossdock").get("alembic")
    if alembic is None or said:
        return Adoption(project.root, {})
    tables: dict[str, dict[str, Any]] = {}
    files = _begin(project, tables, alembic)
    return Adoption(project.root, files | {project.root / FILE: with_tables(project.text, tables)}, chains=(ALEMBIC,))
