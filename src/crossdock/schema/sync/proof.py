"""The proof that the models of both ORMs mean the same tables and the same values, against the live database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from crossdock.address import Address
from crossdock.application import Application
from crossdock.driver.connection import connect
from crossdock.driver.dialect import DRIVER_NAME
from crossdock.registry import Module, Orm, Registry
from crossdock.schema.comments import but_for_escapes
from crossdock.schema.expected import read_sides
from crossdock.schema.metadata import metadata_of
from crossdock.schema.sync.both import both
from crossdock.schema.sync.describing import NotInStep, describe, need_in_step
from crossdock.schema.sync.round_trip import round_trips


@dataclass(frozen=True, slots=True)
class Proved:
    """What was compared: the module's tables, and how many rows one ORM wrote and the other read."""

    tables: tuple[str, ...]
    rows: int


def with_files(registry: Registry, module: Module, files: Mapping[Orm, tuple[str, ...]]) -> Registry:
    """The same modules, of which one has its models in these files, whatever its manifest says."""
    named = replace(module, models=tuple(file for orm in Orm for file in files.get(orm, ())))
    return replace(registry, modules=registry.modules | {module.name: named})


async def prove(
    address: Address, application: Application, name: str, source: Orm, files: Mapping[Orm, tuple[str, ...]]
) -> Proved:
    """Raises NotInStep and ReadOtherwise. `source` is the ORM whose models the other's were made of."""
    found = Registry.discover(application)
    registry = with_files(found, found.modules[name], files)
    module = registry.modules[name]
    sides = await read_sides(address, registry)
    need_in_step(sides, registry, module)
    await _need_nothing_to_migrate(address, registry, module)
    models = await describe(address, registry, module, source, sides)
    async with both(address, registry, files, module.tables) as orms:
        return Proved(module.tables, await round_trips(orms, models))


async def _need_nothing_to_migrate(address: Address, registry: Registry, module: Module) -> None:
    """alembic would write an empty revision for the module's tables. Raises NotInStep."""
    metadata = metadata_of(registry)

    def is_ours(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or name in module.tables

    def compare(connection: Connection) -> list[Any]:
        # Not the defaults of the server: aerich leaves some that no model asks for, and `need_in_step` knows them.
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        return but_for_escapes(compare_metadata(context, metadata))

    async def connected(*_: Any, **__: Any) -> Any:
        return await connect(address)

    engine = create_async_engine(f"{DRIVER_NAME}://", poolclass=NullPool, connect_args={"async_creator_fn": connected})
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT set_config('search_path', quote_ident($1), true)", (address.schema,))
        found = await connection.run_sync(compare)
    if found:
        raise NotInStep(f"alembic would change tables of {module.name}: {' '.join(str(found[0]).split())}.")
