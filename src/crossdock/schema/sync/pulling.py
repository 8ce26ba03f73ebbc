"""Writes the first models of a module whose tables are there already, from the database alone."""

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.errors import ConfigurationError
from crossdock.registry import Module, Registry
from crossdock.schema.drift import Difference, differences
from crossdock.schema.expected import read_sides
from crossdock.schema.facts import look
from crossdock.schema.sync.catalogue import read_tables
from crossdock.schema.sync.describing import NotInStep, association
from crossdock.schema.sync.description import Field, Link, Model, Table
from crossdock.schema.sync.file import Generated
from crossdock.schema.sync.kinds import type_of
from crossdock.schema.sync.proof import with_files
from crossdock.schema.sync.syncing import text_of, written

SAID_BY_MODELS = frozenset({"table", "column", "primary key", "unique", "foreign key", "check", "index", "comment"})
"""Kinds of facts that a model has words for. The others are those of rules.sql."""


class CannotPull(ConfigurationError):
    """A module's models cannot be written from its tables."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """`left` is what hangs on the tables and no model says: policies, grants, triggers. `unnamed` is the file's dotted
    name where the module's manifest lists its models and not this one."""

    path: Path
    tables: tuple[str, ...]
    left: tuple[Difference, ...]
    unnamed: str | None


async def pull(address: Address, registry: Registry, name: str, singular: Callable[[str], str | None]) -> Pulled:
    """For the ORM that the module's manifest names. `singular` is the word for one of what a table is called after.

    Raises CannotPull, NotInStep and UnknownType: then there is no file.
    """
    module = registry.modules[name]
    target, path = _place(module, registry)
    models = _linked([*_models(module, await _tables(address, module), singular)])
    others = with_files(registry, module, {})  # its own file is not there yet
    with written(Generated(path, text_of(models, others, name, module.orm))):
        left = await _left(address, with_files(registry, module, {module.orm: (target,)}), module)
    return Pulled(path, module.tables, left, target if module.models and target not in module.models else None)


def _place(module: Module, registry: Registry) -> tuple[str, Path]:
    """The dotted name and the path of the new file: the first that the manifest lists, or as a module has it."""
    target = next(iter(module.models_of(module.orm)), f"{registry.package_of(module)}.models_{module.orm.value}")
    package, _, file = target.rpartition(".")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CannotPull(f"There is no package {package} for the models of {module.name}: make its folder first.")
    path = Path(spec.submodule_search_locations[0]) / f"{file}.py"
    if path.exists():
        raise CannotPull(f"{path} is there already: move it away first, and take from it what is to stay.")
    return target, path


async def _tables(address: Address, module: Module) -> dict[str, Table]:
    """As they are in the database, with the defaults that they have there."""
    connection = await connect(address)
    try:
        async with connection.transaction():
            there = await look(connection, address.schema)
            tables = await read_tables(connection, address.schema, module.tables, there)
    finally:
        await connection.close()
    missing = [table for table in module.tables if table not in tables]
    if missing:
        raise CannotPull(
            f"The database has no table {' and no table '.join(missing)}: take it out of the manifest of {module.name},"
            " or name the database that has it."
        )
    return {table: tables[table] for table in module.tables}


def _models(module: Module, tables: Mapping[str, Table], singular: Callable[[str], str | None]) -> Iterator[Model]:
    """A table without a primary key has no class: neither ORM maps one."""
    taken: set[str] = set()
    for table in tables.values():
        if table.primary_key is None:
            yield association(table)
            continue
        name = class_name(singular(table.name) or table.name)
        name = name if name not in taken else class_name(table.name)
        taken.add(name)
        yield Model(name, table, tuple(_fields(module, table)), docstring=table.comment)


def _fields(module: Module, table: Table) -> Iterator[Field]:
    for name, column in table.columns.items():
        yield Field(attribute(name), name, type_of(column.sql, f"{module.name}.{table.name}.{name}"))


def _linked(models: list[Model]) -> list[Model]:
    """With a many-to-many relation for each table that has nothing but two foreign keys to tables of the module."""
    classes = {model.table.name: model.name for model in models if model.name}
    links: dict[str, list[Link]] = {}
    for table in (model.table for model in models if not model.name):
        keys = [table.foreign_key(column) for column in table.columns]
        if len(keys) == 2 and keys[0] and keys[1] and {keys[0].target, keys[1].target} <= classes.keys():
            columns = (keys[0].columns[0], keys[1].columns[0])
            link = Link(attribute(keys[1].target), table.name, classes[keys[1].target], columns)
            links.setdefault(keys[0].target, []).append(link)
    return [replace(model, links=tuple(links.get(model.table.name, ()))) for model in models]


def class_name(word: str) -> str:
    """`loading_dock` → `LoadingDock`."""
    return attribute("".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", word)))


def attribute(column: str) -> str:
    """A column's name as Python can write it."""
    name = re.sub(r"\W", "_", column)
    return f"{name}_" if keyword.iskeyword(name) else name if name.isidentifier() else f"_{name}"


async def _left(address: Address, registry: Registry, module: Module) -> tuple[Difference, ...]:
    """What no model says. Raises NotInStep where the models do not say what they have words for."""
    found = [each for each in differences(await read_sides(address, registry), registry) if each.table in module.tables]
    wrong = [each for each in found if each.kind in SAID_BY_MODELS]
    if wrong:
        raise NotInStep(
            f"{wrong[0].subject} has a form that is not known here: {wrong[0].words}. Write the model of"
            f" {wrong[0].table} by hand, or make the table what the models can say."
        )
    return tuple(found)
