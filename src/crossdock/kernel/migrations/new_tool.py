"""alembic, one revision at a time: its own files, its own version table, its own environment (`env.py`)."""

import io
from collections.abc import Callable
from typing import Any

import asyncpg
from alembic import command as alembic
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, NullPool, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from crossdock.kernel.address import Address
from crossdock.kernel.migrations.conductor import SKIPPED, Conductor
from crossdock.kernel.migrations.history import PROJECT, Locations
from crossdock.kernel.migrations.journal import PROGRAM
from crossdock.kernel.migrations.legacy_tool import load
from crossdock.kernel.migrations.revision import Direction, Revision
from crossdock.kernel.migrations.statement import statements
from crossdock.kernel.pools.asyncpg_dialect import DRIVER_NAME


class NewTool:
    """Runs revisions of the new chain. Each step has a connection of its own."""

    def __init__(self, address: Address, locations: Locations) -> None:
        self._address = address
        self._locations = locations

    async def script(self, revision: Revision, direction: Direction) -> str | None:
        """The SQL of a revision; None when it has to ask a database first."""
        output = io.StringIO()
        options = {"as_sql": True, "output_buffer": output, "literal_binds": True}
        context = MigrationContext.configure(dialect_name="postgresql", opts=options)
        module = load(revision)
        try:
            with Operations.context(context):
                (module.upgrade if direction is Direction.UP else module.downgrade)()
        except (AttributeError, TypeError, SQLAlchemyError):  # it used the connection, and there is none
            return None
        return output.getvalue()

    async def run(self, revision: Revision, direction: Direction, conductor: Conductor) -> None:
        def work(connection: Connection) -> None:
            config = alembic_config(self._locations, connection)
            if direction is Direction.UP:
                alembic.upgrade(config, revision.name)
            else:
                alembic.downgrade(config, "-1")

        engine = migration_engine(self._address, conductor.settings)
        _conduct(engine, conductor)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(work)
        finally:
            await engine.dispose()


def _conduct(engine: AsyncEngine, conductor: Conductor) -> None:
    """Every statement of alembic's goes past the conductor, but for those about its version table."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute", retval=True)
    def before(connection: Connection, _cursor: Any, sql: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        if conductor.is_bookkeeping(sql):
            return sql, parameters
        todo = [await_only(conductor.before(statement, _pid(connection))) for statement in statements(sql)]
        return (sql, parameters) if all(todo) else (SKIPPED, ())

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def after(connection: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        if not conductor.is_bookkeeping(sql) and sql != SKIPPED:
            for statement in statements(sql):
                await_only(conductor.after(statement, _pid(connection)))


def _pid(connection: Connection) -> int:
    return int(connection.connection.driver_connection.get_server_pid())  # type: ignore[union-attr]


def alembic_config(locations: Locations | None = None, connection: Connection | None = None) -> Config:
    """alembic's own file, with the runner's connection in it when there is one."""
    config = Config(str(PROJECT / "alembic.ini"))
    config.set_main_option("script_location", str((locations or Locations()).new))
    config.attributes["connection"] = connection
    return config


def migration_engine(address: Address, settings: dict[str, str] | None = None) -> AsyncEngine:
    """A throw-away engine on the direct lane."""
    server_settings = {"application_name": f"{PROGRAM} (alembic)", "search_path": address.schema} | (settings or {})
    connect: Callable[..., Any] = _connector(address)
    return create_async_engine(
        f"{DRIVER_NAME}://",
        poolclass=NullPool,
        connect_args={"async_creator_fn": connect, "server_settings": server_settings},
    )


def _connector(address: Address) -> Callable[..., Any]:
    async def connect(*_: object, **arguments: object) -> asyncpg.Connection:
        return await asyncpg.connect(**address.asyncpg(), **arguments)

    return connect
