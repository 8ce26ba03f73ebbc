"""Checks that each table has one owner: that manifests, models of both ORMs and chains agree on whose it is."""

import inspect
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, cast

from sqlalchemy import Table
from tortoise import Model, Tortoise
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException
from tortoise.fields.relational import ManyToManyFieldInstance

from crossdock.errors import ConfigurationError
from crossdock.models.foreign import FOREIGN
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import SHARED


class Misowned(ConfigurationError):
    """A table has no owner, or two."""


def check_ownership(registry: Registry) -> None:
    """Raises Misowned with every fault. Imports the models of both ORMs."""
    found = [*faults(registry)]
    if found:
        raise Misowned(" ".join(found))


def faults(registry: Registry) -> Iterator[str]:
    """What is wrong, a sentence each: a model of a table that is another's or nobody's, a table without a model."""
    for orm in Orm:
        for file, modules in _modules_of(registry, orm).items():
            for table in sorted(mapped(file, orm) - stubs(registry, file, orm)):
                yield from _of_another(registry, modules, file, table)
    for orm in Orm:
        known = modelled(registry, orm)
        for table, module in registry.tables_of(orm).items():
            if table not in known:
                yield _without_model(module, orm, table)


def modelled(registry: Registry, orm: Orm) -> frozenset[str]:
    """The tables that the models of one ORM describe, also of modules whose truth is elsewhere."""
    if orm is Orm.TORTOISE:
        name_through_tables(registry)
    own = OWN_TABLES if orm is SHARED.orm else ()
    return frozenset([*own, *_described(registry, orm)])


def _described(registry: Registry, orm: Orm) -> Iterator[str]:
    for file in registry.all_models(orm):
        yield from mapped(file, orm) - stubs(registry, file, orm)


def stubs(registry: Registry, file: str, orm: Orm) -> set[str]:
    """Tables of another module, and of aerich's, that a file has as the targets of foreign keys alone: no class is
    mapped to them. `foreign_table` makes them, and other people write `Table("books", metadata, Column("id", ...))`.
    Of Tortoise's, the tables of many-to-many fields that have a model in another file."""
    if orm is Orm.TORTOISE:
        others = (each for each in registry.all_models(orm) if each != file)
        own = {table_of(model) for model in models_in(file)}
        return (mapped(file, orm) - own) & {table_of(model) for each in others for model in models_in(each)}
    classes = {getattr(each, "__table__", None) for each in _classes(file)}
    tables = {each for each in vars(import_module(file)).values() if isinstance(each, Table)} - classes
    files = registry.model_files(orm)
    aerichs = {
        table for table, owner in registry.tables_of(Orm.TORTOISE).items() if file not in files.get(owner.name, ())
    }
    return {table.name for table in tables if table.name in aerichs and _is_target(table)}


def _is_target(table: Table) -> bool:
    keys = (key for other in table.metadata.tables.values() for key in other.foreign_keys)
    return any(key.target_fullname.rpartition(".")[0] == table.fullname for key in keys)


def _modules_of(registry: Registry, orm: Orm) -> dict[str, list[Module]]:
    """A file with models of one ORM → the modules that name it."""
    if orm is Orm.TORTOISE:
        name_through_tables(registry)
    found: dict[str, list[Module]] = {}
    for name, files in registry.model_files(orm).items():
        for file in files:
            found.setdefault(file, []).append(registry.modules[name])
    return found


def name_through_tables(registry: Registry) -> None:
    """Has Tortoise name the table of each many-to-many field that its model leaves to it, as `book_tag`. Nothing is
    connected. Raises ConfigurationError where a relation leads to no model."""
    files = registry.all_models(Orm.TORTOISE)
    models = [model for file in files for model in models_in(file)]
    fields = [model._meta.fields_map[name] for model in models for name in model._meta.m2m_fields]
    if all(getattr(field, "through", None) for field in fields):
        return
    try:
        with TortoiseContext():
            Tortoise.init_models(files, registry.application.tortoise_app)
    except BaseORMException as error:
        raise ConfigurationError(f"Tortoise does not take its models: {error}") from None


class _PassedOver:
    """The description of a model that aerich is not to see: none. The model stays, for its relations."""

    @classmethod
    def describe(cls, serializable: bool = True) -> dict[Any, Any]:
        return {}


def pass_over(registry: Registry) -> None:
    """Takes the models of tables that alembic migrates out of aerich's sight: those that were handed over. It compares
    and keeps what a model's `describe` says, and passes over one that says nothing."""
    gone = registry.tables_of(Orm.SQLALCHEMY)
    for model in (each for file in registry.all_models(Orm.TORTOISE) for each in models_in(file)):
        if model._meta.db_table in gone:
            model.describe = _PassedOver.describe  # type: ignore[method-assign]
        elif "describe" in vars(model) and model.describe == _PassedOver.describe:
            del model.describe  # handed back


def mapped(file: str, orm: Orm) -> set[str]:
    """The tables of the models that one file, or package, defines itself, many-to-many tables among them."""
    if orm is Orm.TORTOISE:
        return {table for model in models_in(file) for table in tables_of_model(model)}
    values = vars(import_module(file)).values()
    found = [*values, *(getattr(each, "__table__", None) for each in _classes(file))]
    return {table.name for table in found if isinstance(table, Table) and not table.info.get(FOREIGN)}


def models_in(file: str) -> list[type[Model]]:
    """Tortoise's models of a file, without the abstract ones."""
    return [each for each in _classes(file) if issubclass(each, Model) and not each._meta.abstract]


def classes_in(file: str) -> list[type[Any]]:
    """SQLAlchemy's mapped classes of a file."""
    return [each for each in _classes(file) if isinstance(getattr(each, "__table__", None), Table)]


def _classes(file: str) -> list[type[Any]]:
    """Those that are defined in the file, or below it where it is a package that hands them on."""
    values = vars(import_module(file)).values()
    return [each for each in values if inspect.isclass(each) and f"{each.__module__}.".startswith(f"{file}.")]


def tables_of_model(model: type[Model]) -> Iterator[str]:
    """Its own, and those of the many-to-many fields that it declares: Tortoise gives the other model a field too."""
    yield table_of(model)
    for name in model._meta.m2m_fields:
        field = cast("ManyToManyFieldInstance[Model]", model._meta.fields_map[name])
        if field.through and not field._generated:
            yield field.through


def table_of(model: type[Model]) -> str:
    return model._meta.db_table or model.__name__.lower()


def _of_another(registry: Registry, modules: Sequence[Module], file: str, table: str) -> Iterator[str]:
    owner = registry.owner(table)
    names = " and ".join(module.name for module in modules)
    where = f"{file.rpartition('.')[2]}.py of {names}"
    if owner is None:
        whose = "its manifest" if len(modules) == 1 else "one of their manifests"
        yield f"The table {table} has a model in {where} and no owner: name it in the tables of {whose}."
    elif owner not in modules:
        yield f"The table {table} has two owners: the manifest of {owner.name}, and {where}. Take it out of one."


def _without_model(module: Module, orm: Orm, table: str) -> str:
    named = module.models_of(orm)
    file = f"{named[0].rpartition('.')[2]}.py" if named else f"models_{orm.value}.py"
    return (
        f"The table {table} of {module.name} is migrated by {orm.tool}, and {file} has no model of it:"
        f" put the model back, or hand the table over first, with `crossdock migrate handover {table}`."
    )
