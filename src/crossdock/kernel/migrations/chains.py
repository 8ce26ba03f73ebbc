"""The two chains of revisions, each run by its own tool, seen through one small interface."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import asyncpg
from aerich import Command
from aerich.migrate import Migrate
from alembic import command as alembic
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tortoise.context import TortoiseContext

from crossdock.kernel.address import Address
from crossdock.kernel.migrations.aerich_config import aerich_config
from crossdock.kernel.pools.asyncpg_dialect import DRIVER_NAME
from crossdock.kernel.pools.legacy import APP
from crossdock.kernel.registry import Registry

PROJECT = Path(__file__).parents[4]
LEGACY_LOCATION = PROJECT / "migrations_legacy"
NEW_LOCATION = PROJECT / "migrations_new"


class Chain(Protocol):
    """`name` is the lane's, `tool` the program's. Revisions are names, oldest first."""

    name: str
    tool: str

    def revisions(self) -> list[str]: ...
    async def applied(self, connection: asyncpg.Connection) -> list[str]: ...
    async def up(self) -> None: ...
    async def down(self) -> None: ...


class LegacyChain:
    """aerich, for the tables of the Tortoise modules."""

    name = "legacy"
    tool = "aerich"

    def __init__(self, address: Address, registry: Registry) -> None:
        self._table = f'"{address.schema}".aerich'
        self._config = aerich_config(address, registry)

    @asynccontextmanager
    async def _command(self) -> AsyncIterator[Command]:
        # A context of its own: aerich keeps the one that it finds, and after the first run that one is closed.
        async with TortoiseContext():
            command = Command(self._config, app=APP, location=str(LEGACY_LOCATION))
            await command.init()
            yield command

    def revisions(self) -> list[str]:
        Migrate.app, Migrate.migrate_location = APP, LEGACY_LOCATION / APP
        return Migrate.get_all_version_files()

    async def applied(self, connection: asyncpg.Connection) -> list[str]:
        if await connection.fetchval("SELECT to_regclass($1)", self._table) is None:
            return []
        rows = await connection.fetch(f"SELECT version FROM {self._table} WHERE app = $1 ORDER BY id", APP)  # noqa: S608
        return [row["version"] for row in rows]

    async def up(self) -> None:
        async with self._command() as command:
            await command.upgrade(run_in_transaction=True)

    async def down(self) -> None:
        async with self._command() as command:
            await command.downgrade(version=0, delete=False)


class NewChain:
    """alembic, for the tables of the SQLAlchemy modules and of the kernel."""

    name = "new"
    tool = "alembic"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._table = f'"{address.schema}".alembic_version'

    def revisions(self) -> list[str]:
        script = ScriptDirectory.from_config(alembic_config())
        return [revision.revision for revision in reversed(list(script.walk_revisions()))]

    async def applied(self, connection: asyncpg.Connection) -> list[str]:
        if await connection.fetchval("SELECT to_regclass($1)", self._table) is None:
            return []
        current = await connection.fetchval(f"SELECT version_num FROM {self._table}")  # noqa: S608
        revisions = self.revisions()
        if current is None:
            return []
        return revisions[: revisions.index(current) + 1] if current in revisions else [current]

    async def up(self) -> None:
        await self._run(lambda connection: alembic.upgrade(alembic_config(connection), "head"))

    async def down(self) -> None:
        await self._run(lambda connection: alembic.downgrade(alembic_config(connection), "base"))

    async def _run(self, work: "AlembicWork") -> None:
        engine = migration_engine(self._address)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(work)
        finally:
            await engine.dispose()


class AlembicWork(Protocol):
    def __call__(self, connection: Connection, /) -> None: ...


def alembic_config(connection: Connection | None = None) -> Config:
    """alembic's own file, with the runner's connection in it when there is one."""
    config = Config(str(PROJECT / "alembic.ini"))
    config.set_main_option("script_location", str(NEW_LOCATION))
    config.attributes["connection"] = connection
    return config


def migration_engine(address: Address) -> AsyncEngine:
    """A throw-away engine on the direct lane."""

    async def connect(*_: object, **arguments: object) -> asyncpg.Connection:
        return await asyncpg.connect(**address.asyncpg(), **arguments)

    settings = {"application_name": "crossdock migrate (alembic)", "search_path": address.schema}
    return create_async_engine(
        f"{DRIVER_NAME}://",
        poolclass=NullPool,
        connect_args={"async_creator_fn": connect, "server_settings": settings},
    )
