"""Both ORMs on one connection, with empty copies of a module's tables, in a transaction that is always rolled back."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy import NullPool, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from tortoise import Model as TortoiseModel
from tortoise.context import TortoiseContext

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.driver.dialect import DRIVER_NAME
from crossdock.driver.lock import ConnectionLock
from crossdock.driver.tortoise_client import UnitClient
from crossdock.pools.tortoise import EnteredTortoise, tortoise_config
from crossdock.registry import Orm, Registry
from crossdock.schema.ownership import classes_in, models_in, table_of
from crossdock.sql.quoting import quoted

LIMITS = "SET LOCAL lock_timeout = 2000; SET LOCAL statement_timeout = 30000"
Values = Mapping[str, Any]
"""Column → value."""


class TortoiseSide:
    """A table as one of Tortoise's models sees it."""

    def __init__(self, model: type[TortoiseModel]) -> None:
        self._model = model
        self._attributes = {column: name for name, column in model._meta.fields_db_projection.items()}

    async def write(self, values: Values) -> None:
        await self._model.create(**{self._attributes[column]: value for column, value in values.items()})

    async def read(self) -> dict[str, Any]:
        """The only row."""
        row = await self._model.get()
        return {column: getattr(row, name) for column, name in self._attributes.items()}


class SqlAlchemySide:
    """A table as one of SQLAlchemy's classes sees it."""

    def __init__(self, mapped: type[Any], connection: AsyncConnection) -> None:
        mapper = inspect(mapped)
        self._mapped = mapped
        self._connection = connection
        self._attributes = {column.name: mapper.get_property_by_column(column).key for column in mapper.columns}

    async def write(self, values: Values) -> None:
        async with AsyncSession(self._connection) as session:
            session.add(self._mapped(**{self._attributes[column]: value for column, value in values.items()}))
            await session.flush()

    async def read(self) -> dict[str, Any]:
        """The only row."""
        async with AsyncSession(self._connection) as session:
            row = (await session.scalars(select(self._mapped))).one()
            return {column: getattr(row, name) for column, name in self._attributes.items()}


Side = TortoiseSide | SqlAlchemySide


@dataclass(frozen=True, slots=True)
class Both:
    """`sides`: table → what each ORM makes of it, for those that both have a class of."""

    driver: asyncpg.Connection
    sides: Mapping[str, Mapping[Orm, Side]]

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """What is written inside is gone after it, also where it failed."""
        await self.driver.execute("SAVEPOINT one")
        try:
            yield
        finally:
            await self.driver.execute("ROLLBACK TO one")


@asynccontextmanager
async def both(
    address: Address, registry: Registry, files: Mapping[Orm, tuple[str, ...]], tables: Collection[str]
) -> AsyncIterator[Both]:
    """`files` are the models of the module in each ORM."""

    async def connected(*_: Any, **__: Any) -> asyncpg.Connection:
        return await connect(address)

    engine = create_async_engine(
        f"{DRIVER_NAME}://",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"async_creator_fn": connected},
    )
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(f"BEGIN; {LIMITS}")
        await _copy(driver, address.schema, tables)
        async with _tortoise(registry, driver):
            yield Both(driver, _sides(connection, files, tables))
        await driver.execute("ROLLBACK")


@asynccontextmanager
async def _tortoise(registry: Registry, driver: Any) -> AsyncIterator[None]:
    context = TortoiseContext()
    models, app = registry.all_models(Orm.TORTOISE), registry.application.tortoise_app
    with context:
        await context.init(config=tortoise_config(models, app), use_tz=True, timezone="UTC")
    entered = EnteredTortoise(context, UnitClient(driver, ConnectionLock()))
    try:
        yield
    finally:
        entered.leave()


async def _copy(driver: asyncpg.Connection, schema: str, tables: Collection[str]) -> None:
    """Columns and their defaults alone: no key, no policy and no trigger is in the way of an odd value."""
    scratch = f"crossdock_sync_{await driver.fetchval('SELECT pg_backend_pid()')}"
    await driver.execute(f"CREATE SCHEMA {scratch}")
    for table in tables:
        like = f"{quoted(schema)}.{quoted(table)} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY"
        await driver.execute(f"CREATE TABLE {scratch}.{quoted(table)} (LIKE {like})")
    await driver.execute(f"SET LOCAL search_path = {scratch}, {quoted(schema)}")


def _sides(
    connection: AsyncConnection, files: Mapping[Orm, tuple[str, ...]], tables: Collection[str]
) -> dict[str, dict[Orm, Side]]:
    models = {table_of(model): model for file in files[Orm.TORTOISE] for model in models_in(file)}
    mapped = {each.__table__.name: each for file in files[Orm.SQLALCHEMY] for each in classes_in(file)}
    return {
        table: {Orm.TORTOISE: TortoiseSide(models[table]), Orm.SQLALCHEMY: SqlAlchemySide(mapped[table], connection)}
        for table in tables
        if table in models and table in mapped
    }
