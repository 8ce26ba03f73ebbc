"""Tortoise's models and aerich's chain, by what aerich's table in the pyproject names."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from tortoise import Model, Tortoise, fields
from tortoise.context import TortoiseContext

from crossdock.adoption.found import FoundChain, ModelsFile
from crossdock.adoption.project import CANNOT_IMPORT, Project
from crossdock.errors import ConfigurationError
from crossdock.ids import Ids
from crossdock.registry import Orm
from crossdock.schema.ownership import table_of, tables_of_model

AERICH_MODELS = "aerich.models"
CONFIG = "crossdock.migrations.tools.aerich_config.TORTOISE_ORM"
POSTGRESQL = ("asyncpg", "psycopg", "postgres")
"""What Tortoise calls its engines for PostgreSQL, and how its URLs begin."""
OTHER_NAME = (
    "Tortoise's connection is called {name}. Call it default, as Crossdock does: a model knows one name alone, and code"
    " that uses no unit of work yet would look for Crossdock's under its own."
)


def find_tortoise(project: Project, points: list[str]) -> FoundChain | None:
    """None without aerich's table. What cannot be decided is added to `points`.

    Raises ConfigurationError where the models cannot be imported.
    """
    said = project.aerich
    if not said.get("tortoise_orm"):
        return None
    config = _config(str(said["tortoise_orm"]))
    location = _location(str(said.get("location", "./migrations")))
    app = _app(config, project, location, points)
    if said["tortoise_orm"] != CONFIG:
        points.append(
            f"aerich has {said['tortoise_orm']}. `aerich upgrade` by hand takes no lock of `crossdock migrate`, which"
            " asks afterwards who moved the version table, and why. In aerich's table of the pyproject set"
            f' tortoise_orm = "{CONFIG}". The service itself goes on with its own.'
        )
    _note_settings(config, points)
    return FoundChain({"folder": location, "app": app}, tuple(_files(config, app)))


def _location(said: str) -> str:
    """The folder that has a folder for each app. Raises ConfigurationError where the chain lies elsewhere."""
    folder = said.removesuffix("/{app}").removeprefix("./").rstrip("/")
    if "{app}" in folder:
        raise ConfigurationError(
            f"aerich's location is {said}, and nothing was written: Crossdock reads a folder called after the app. Move"
            " the revisions to migrations/<app>, set location to ./migrations, and run this again."
        )
    return folder


def _config(path: str) -> dict[str, Any]:
    """`package.settings.TORTOISE_ORM`, or that of a class in it."""
    module, _, name = path.rpartition(".")
    try:
        found: Any = getattr(_module_or_class(module), name)
    except Exception as error:  # whatever the module of a stranger raises
        raise ConfigurationError(CANNOT_IMPORT.format(what=f"{path} of aerich's tortoise_orm", error=error)) from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}, aerich's tortoise_orm, is no dict. Nothing was written.")
    return found


def _module_or_class(path: str) -> Any:
    try:
        return import_module(path)
    except ModuleNotFoundError as error:
        module, _, name = path.rpartition(".")
        if error.name != path or not module:
            raise
        return getattr(import_module(module), name)


def _app(config: dict[str, Any], project: Project, location: str, points: list[str]) -> str:
    """The app whose models are migrated. aerich itself takes the first one."""
    apps = [str(name) for name, app in config.get("apps", {}).items() if set(_named(app)) - {AERICH_MODELS}]
    folders = [name for name in apps if (project.root / location / name).is_dir()]
    chosen, *others = [*folders, *(name for name in apps if name not in folders)] or ["models"]
    if others:
        points.append(
            f"Tortoise has several apps, and Crossdock takes one chain of aerich's: {chosen} was taken, and"
            f" {', '.join(others)} left out. Move their models into {chosen}, or keep migrating them with aerich."
        )
    return chosen


def _note_settings(config: dict[str, Any], points: list[str]) -> None:
    if config.get("use_tz") is False:
        points.append(
            "TORTOISE_ORM has use_tz = False. Crossdock gives Tortoise's models times with their zone, in UTC: code"
            " that compares them with times without a zone has to give those one."
        )
    named = {app.get("default_connection", "default") for app in config.get("apps", {}).values()}
    points += [OTHER_NAME.format(name=name) for name in sorted(named - {"default"})]
    for name, connection in config.get("connections", {}).items():
        said = connection if isinstance(connection, str) else str(connection.get("engine", ""))
        if not any(word in said for word in POSTGRESQL):
            points.append(
                f"Tortoise's connection {name} is not PostgreSQL's, as it is set here. Crossdock reads DATABASE_URL"
                " alone, and works on PostgreSQL alone."
            )


def _named(app: dict[str, Any]) -> Iterator[str]:
    for each in app.get("models", []):
        yield each.__name__ if isinstance(each, ModuleType) else str(each)


def _files(config: dict[str, Any], app: str) -> Iterator[ModelsFile]:
    names = [name for name in _named(config["apps"].get(app, {})) if name != AERICH_MODELS]
    try:
        with TortoiseContext():
            Tortoise.init_models(names, app)  # gives tables of many-to-many fields their names
    except Exception as error:  # whatever the module of a stranger raises
        raise ConfigurationError(CANNOT_IMPORT.format(what="A file of Tortoise's models", error=error)) from error
    found: dict[str, list[type[Model]]] = {}
    owners: dict[str, str] = {}
    for model in _models(names):
        found.setdefault(model.__module__, []).append(model)
        owners[table_of(model)] = model.__module__
    for name, models in found.items():
        tables = dict.fromkeys(table for model in models for table in tables_of_model(model))
        # A many-to-many table that has a model of its own belongs to that model's file.
        tables = {table: None for table in tables if owners.get(table, name) == name}
        yield ModelsFile(name, Orm.TORTOISE, tuple(tables), frozenset(_kind(model) for model in models))


def _models(names: Iterable[str]) -> list[type[Model]]:
    """Each once, although one file may import those of another."""
    values = [value for name in names for value in vars(import_module(name)).values()]
    models = [each for each in values if isinstance(each, type) and issubclass(each, Model)]
    return [each for each in dict.fromkeys(models) if not each._meta.abstract and each.__module__ != AERICH_MODELS]


def _kind(model: type[Model]) -> Ids:
    if isinstance(model._meta.pk, fields.UUIDField):
        return "uuid"
    return "bigint" if issubclass(model._meta.pk.field_type, int) else "text"
