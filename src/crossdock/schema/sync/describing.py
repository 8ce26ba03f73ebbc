"""Describes a module: the models of one ORM, with the tables of the live database that they have to agree with."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.errors import ConfigurationError
from crossdock.registry import Module, Orm, Registry
from crossdock.schema.drift import differences
from crossdock.schema.expected import Sides
from crossdock.schema.ownership import classes_in, models_in, table_of
from crossdock.schema.sync import sqlalchemy, tortoise
from crossdock.schema.sync.catalogue import read_tables
from crossdock.schema.sync.description import Field, Model, Table
from crossdock.schema.sync.kinds import type_of


class NotInStep(ConfigurationError):
    """Models and database say different things."""


def need_in_step(sides: Sides, registry: Registry, module: Module, *, only: Orm | None = None) -> None:
    """Raises NotInStep with the first difference about a table of the module: of any side, or of one ORM."""
    found = [each for each in differences(sides, registry) if each.table in module.tables]
    if only is not None:
        found = [each for each in found if each.says.get(only.value) != each.says.get("database")]
    if found:
        raise NotInStep(
            f"{found[0].line} Models and database must agree first ({len(found)} difference"
            f"{'s' if len(found) > 1 else ''}, which `crossdock schema check` lists)."
        )


async def describe(address: Address, registry: Registry, module: Module, source: Orm, sides: Sides) -> list[Model]:
    """The module's models, as `source` has them. Raises UnknownType. Call it after `read_sides`, which has Tortoise
    initialise its models."""
    connection = await connect(address)
    try:
        async with connection.transaction():
            tables = await read_tables(connection, address.schema, module.tables, sides.said[source])
    finally:
        await connection.close()
    files = registry.model_files(source)[module.name]
    return [*(_of_tortoise if source is Orm.TORTOISE else _of_sqlalchemy)(files, module, tables)]


def _of_tortoise(files: Iterable[str], module: Module, tables: dict[str, Table]) -> Iterator[Model]:
    # The checks of a table are in rules.sql, for the models of both ORMs: Tortoise's have none.
    known = {name: replace(table, checks=()) for name, table in tables.items()}
    classes = [each for file in files for each in models_in(file) if table_of(each) in known]
    yield from (tortoise.read_model(each, module.name, known) for each in classes)
    own = {table_of(each) for each in classes}
    for table in sorted({through for each in classes for through in tortoise.through_tables(each)} - own):
        yield association(known[table])


def _of_sqlalchemy(files: Iterable[str], module: Module, tables: dict[str, Table]) -> Iterator[Model]:
    classes = [each for file in files for each in classes_in(file) if each.__table__.name in tables]
    yield from (sqlalchemy.read_class(each, module.name, tables) for each in classes)
    for table in sorted(tables.keys() - {each.__table__.name for each in classes}):
        yield association(tables[table])


def association(table: Table) -> Model:
    """The table of a many-to-many relation."""
    fields = (Field(name, name, type_of(each.sql, f"{table.name}.{name}")) for name, each in table.columns.items())
    return Model("", table, tuple(fields))
