"""A module that is moving has models of both ORMs: those of SQLAlchemy are the tables that Tortoise made."""

from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from crossdock.config.settings import Settings
from crossdock.migrations.tools.alembic_tool import migration_engine
from crossdock.models.base import Base
from crossdock.registry import Module, Orm, Registry
from tests.application import FREIGHT
from tests.migrations.catalogue import Catalogue, look, only
from tests.world import Server, database_name

REGISTRY = Registry.discover(FREIGHT)
FILES = {name: file for name, (file,) in REGISTRY.model_files(Orm.SQLALCHEMY).items()}
EACH_TWIN = pytest.mark.parametrize(
    "module",
    [module for module in REGISTRY if module.name in FILES and module.name in REGISTRY.model_files(Orm.TORTOISE)],
    ids=lambda module: module.name,
)


def tables_of(module: Module) -> list[Table]:
    """The module's tables as its SQLAlchemy models describe them."""
    import_module(FILES[module.name])
    return [Base.metadata.tables[name] for name in module.tables]


def with_targets(table: Table) -> set[Table]:
    """A table, and those that it cannot be made without."""
    targets = {key.column.table for key in table.foreign_keys} - {table}
    return {table}.union(*map(with_targets, targets))


def differences(connection: Connection, module: Module) -> list[Any]:
    """What alembic would do if the tables of a module were its own."""
    tables = {table.name for table in tables_of(module)}

    def ours(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or name in tables

    options = {"include_object": ours, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


@pytest.fixture
async def engine(server: Server, template: str) -> AsyncIterator[AsyncEngine]:
    """On a copy of a migrated database, as the owner of its tables."""
    settings = await server.copy(database_name("twins"), template)
    engine = migration_engine(settings.direct)
    yield engine
    await engine.dispose()
    await server.drop(settings.direct.database)


@EACH_TWIN
async def test_alembic_would_leave_them_as_they_are(engine: AsyncEngine, module: Module) -> None:
    """Its autogenerate, told that these tables are its own, finds no difference: columns, keys, indexes, comments."""
    async with engine.connect() as connection:
        assert await connection.run_sync(differences, module) == []


@EACH_TWIN
async def test_they_make_the_same_tables(server: Server, empty: Settings, migrated: Catalogue, module: Module) -> None:
    """To the letter of every name, those of keys too, which alembic does not compare."""
    tables = set().union(*map(with_targets, tables_of(module)))
    engine = migration_engine(empty.direct)
    async with engine.begin() as connection:
        await connection.run_sync(lambda given: Base.metadata.create_all(given, tables))
    await engine.dispose()
    made = await look(server, empty.direct.database)
    assert only(made.shape, module.tables) == only(migrated.shape, module.tables)
    assert {line.split(":")[0] for line in only(made.shape, module.tables)} == set(module.tables)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER INDEX idx_bookings_status_0362eb RENAME TO ix_bookings_status",
        "DROP INDEX idx_booking_his_booking_8750e5",
        "ALTER TABLE bookings DROP CONSTRAINT bookings_carrier_id_fkey",
        "ALTER TABLE bookings ALTER COLUMN pickup_lat TYPE real",
        "ALTER TABLE bookings ALTER COLUMN currency TYPE varchar(4)",
        "ALTER TABLE bookings ALTER COLUMN version SET DEFAULT 1",
        "ALTER TABLE booking_history ALTER COLUMN reason SET NOT NULL",
        "ALTER TABLE booking_history ADD COLUMN surplus int",
        "COMMENT ON COLUMN bookings.status IS 'a word'",
        "COMMENT ON TABLE bookings IS NULL",
    ],
)
async def test_alembic_would_notice_a_change(engine: AsyncEngine, change: str) -> None:
    """It finds the tables equal because they are, not because it does not look."""
    async with engine.connect() as connection:
        await connection.execute(text(change))
        assert await connection.run_sync(differences, REGISTRY.modules["bookings"])
