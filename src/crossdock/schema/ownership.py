"""Every table has one owner: the manifests, the models of both ORMs and the chains agree on whose it is."""

import inspect
from collections.abc import Iterator
from importlib import import_module

from sqlalchemy import Table
from tortoise import Model

from crossdock.errors import ConfigurationError
from crossdock.models.foreign import FOREIGN
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import KERNEL


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
        for name, file in registry.model_files(orm).items():
            for table in sorted(mapped(file, orm)):
                yield from _of_another(registry, registry.modules[name], orm, table)
    for orm in Orm:
        known = modelled(registry, orm)
        for table, module in registry.tables_of(orm).items():
            if table not in known:
                yield _without_model(module, orm, table)


def modelled(registry: Registry, orm: Orm) -> frozenset[str]:
    """The tables that the models of one ORM describe, also of modules whose truth is elsewhere."""
    files = [*registry.model_files(orm).values()]
    own = OWN_TABLES if orm is KERNEL.orm else ()
    return frozenset([*own, *(table for file in files for table in mapped(file, orm))])


def mapped(file: str, orm: Orm) -> set[str]:
    """The tables of the models that one file defines itself, many-to-many tables among them."""
    values = vars(import_module(file)).values()
    classes = [each for each in values if inspect.isclass(each) and each.__module__ == file]
    if orm is Orm.TORTOISE:
        models = [each for each in classes if issubclass(each, Model) and not each._meta.abstract]
        return {table for model in models for table in _tortoise_tables(model)}
    found = [*values, *(getattr(each, "__table__", None) for each in classes)]
    return {table.name for table in found if isinstance(table, Table) and not table.info.get(FOREIGN)}


def _tortoise_tables(model: type[Model]) -> Iterator[str]:
    yield model._meta.db_table or model.__name__.lower()
    for name in model._meta.m2m_fields:
        through = getattr(model._meta.fields_map[name], "through", None)
        if through:
            yield through


def _of_another(registry: Registry, module: Module, orm: Orm, table: str) -> Iterator[str]:
    owner = registry.owner(table)
    where = f"models_{orm.value}.py of {module.name}"
    if owner is None:
        yield f"The table {table} has a model in {where} and no owner: name it in the tables of its manifest."
    elif owner is not module:
        yield f"The table {table} has two owners: the manifest of {owner.name}, and {where}. Take it out of one."


def _without_model(module: Module, orm: Orm, table: str) -> str:
    return (
        f"The table {table} of {module.name} is migrated by {orm.tool}, and models_{orm.value}.py has no model of it:"
        f" put the model back, or hand the table over first, with `crossdock migrate handover {table}`."
    )
