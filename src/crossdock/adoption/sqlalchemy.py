"""SQLAlchemy's models and alembic's chain, by what alembic's own configuration and its `env.py` name."""

import ast
import inspect
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.config import Config
from sqlalchemy import MetaData, Table, Uuid
from sqlalchemy.types import Integer

from crossdock.adoption.environment import Environment, read_environment
from crossdock.adoption.found import FoundChain, ModelsFile
from crossdock.adoption.project import CANNOT_IMPORT, Project
from crossdock.application import FILE
from crossdock.errors import ConfigurationError
from crossdock.ids import Ids
from crossdock.models.foreign import FOREIGN
from crossdock.models.names import ALEMBIC_TABLE
from crossdock.registry import Orm

INI = "alembic.ini"
OWN = """\
{file} is the service's own. `alembic upgrade` by hand takes no lock of `crossdock migrate`, which asks afterwards who
moved the version table, and why. Put these lines in the place of all that is in it:
    from crossdock.migrations.tools.alembic_env import run_by_hand

    run_by_hand()\
"""
FILTER = """\
Where {file} stays as it is: it has no include_object, and `alembic revision --autogenerate` by hand would write DROP
TABLE for every table that is not in its metadata, Tortoise's and Crossdock's own among them. (`crossdock migrate new`
does not.) Give
include_object=include_object to each context.configure(...) in it, and write above:
    def include_object(item, name, kind, reflected, compare_to):
        # only the tables of its own models
        return kind != "table" or name in target_metadata.tables{but}\
"""


def find_sqlalchemy(
    project: Project, points: list[str], said: str | None = None, aerichs: Collection[str] = ()
) -> FoundChain | None:
    """None without a configuration of alembic's. What cannot be decided is added to `points`. `said` is where the
    metadata is, whatever env.py says; `aerichs` are the tables of Tortoise's models.

    Raises ConfigurationError where the models cannot be found or imported.
    """
    location = _location(project, points)
    if location is None:
        return None
    try:
        environment = read_environment(location / "env.py")
    except (OSError, SyntaxError) as error:
        raise ConfigurationError(f"alembic's env.py cannot be read, and nothing was written: {error}.") from None
    path = said or environment.metadata
    if path is None:
        raise ConfigurationError(
            f"{_shown(project, location / 'env.py')} sets no target_metadata that can be read from it, such as"
            " Base.metadata. Nothing was written: say where the base is, with `crossdock init --metadata"
            " package.file:Base`."
        )
    metadata = _load(path, environment.imports)
    others = sorted({table.name for table in metadata.tables.values()} & set(aerichs))
    _note_environment(environment, _shown(project, location / "env.py"), others, points)
    table = {"folder": _shown(project, location), "metadata": path}
    if environment.version_table not in (None, ALEMBIC_TABLE):
        table["version_table"] = str(environment.version_table)
    return FoundChain(table, tuple(_files(project, metadata, points)))


def _shown(project: Project, path: Path) -> str:
    return str(path.relative_to(project.root)) if path.is_relative_to(project.root) else str(path)


def _location(project: Project, points: list[str]) -> Path | None:
    """The folder of the chain, by alembic.ini or [tool.alembic]."""
    ini = project.root / INI
    if not (ini.is_file() or project.tool("alembic")):
        return None
    config = Config(str(ini), toml_file=str(project.root / FILE))
    said = config.get_alembic_option("script_location")
    if not said:
        points.append("alembic's configuration has no script_location: add it, and run this again.")
        return None
    if config.get_alembic_option("version_locations"):
        points.append(
            "alembic has version_locations, and Crossdock reads the folder `versions` beside env.py alone: move the"
            " revisions there. Their content stays as it is."
        )
    return _resolved(project, str(said))


def _resolved(project: Project, said: str) -> Path:
    package, colon, folder = said.partition(":")
    if colon and not Path(said).is_absolute():
        return Path(next(iter(import_module(package).__path__))) / folder
    return (project.root / said).resolve()


def _note_environment(environment: Environment, file: str, others: Sequence[str], points: list[str]) -> None:
    """`others` are in the metadata too, as targets of foreign keys: alembic would drop all columns but their key."""
    if not environment.is_ours:
        points.append(OWN.format(file=file))
    if not environment.has_filter:
        but = f" and name not in {{{', '.join(map(json.dumps, others))}}}" if others else ""
        points.append(FILTER.format(file=file, but=but))
    if environment.has_schemas:
        points.append(
            f"{file} works on several schemas. Crossdock works in one, that of the URL (?schema=...): tables of others"
            " are not migrated by it."
        )


def _load(path: str, imports: Sequence[str]) -> MetaData:
    """The metadata with every model in it that env.py imports. Raises ConfigurationError."""
    module, _, name = path.partition(":")
    try:
        for each in [module, *imports]:
            _import(each, required=each == module)
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:  # whatever the module of a stranger raises
        raise ConfigurationError(CANNOT_IMPORT.format(what=path, error=error)) from error
    metadata = getattr(found, "metadata", found)
    if not isinstance(metadata, MetaData):
        raise ConfigurationError(f"{path} is no MetaData and has none. Nothing was written.")
    return metadata


def _import(name: str, *, required: bool) -> None:
    """`from library import models` names a module or a value: what is none is passed over."""
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if required or not (error.name and f"{name}.".startswith(f"{error.name}.")):
            raise


def _files(project: Project, metadata: MetaData, points: list[str]) -> Iterator[ModelsFile]:
    found: dict[str, list[Table]] = {}
    for table in metadata.tables.values():
        if table.info.get(FOREIGN):
            continue
        if table.schema is not None:
            points.append(f"The table {table.fullname} is in a schema of its own, and was left out.")
            continue
        name = _defined_in(project, table)
        if name is None:
            points.append(f"No file was found that defines the table {table.name}: name it in a manifest.")
        else:
            found.setdefault(name, []).append(table)
    for name, tables in found.items():
        keys = frozenset(kind for table in tables for kind in _kinds(table))
        plain = frozenset(table.name for table in tables if _mapped_in(project, table) is None)
        yield ModelsFile(name, Orm.SQLALCHEMY, tuple(table.name for table in tables), keys, plain)


def _defined_in(project: Project, table: Table) -> str | None:
    """Where the mapped class is defined, or the statement is that makes the table."""
    makers = (module.__name__ for module in _modules(project) if _makes(module, table))
    return _mapped_in(project, table) or next(makers, None)


def _mapped_in(project: Project, table: Table) -> str | None:
    values = [value for module in _modules(project) for value in vars(module).values() if inspect.isclass(value)]
    return next((each.__module__ for each in values if getattr(each, "__table__", None) is table), None)


def _modules(project: Project) -> list[ModuleType]:
    """Those of the project, in the order in which they were imported."""
    return [each for each in list(sys.modules.values()) if project.holds(getattr(each, "__file__", None))]


def _makes(module: ModuleType, table: Table) -> bool:
    names = {name for name, value in vars(module).items() if value is table}
    if not names:
        return False
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    assigned = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    annotated = [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    return any(isinstance(each, ast.Name) and each.id in names for each in [*assigned, *annotated])


def _kinds(table: Table) -> Iterator[Ids]:
    """Of its key; a table between two others, whose key refers to theirs, says nothing new."""
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer):
            yield "bigint"
        else:
            yield "uuid" if isinstance(column.type, Uuid) else "text"
