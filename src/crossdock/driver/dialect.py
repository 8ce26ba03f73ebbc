"""SQLAlchemy's asyncpg dialect for a connection that Tortoise uses too: no JSON codecs, and savepoints of ours.

SQLAlchemy installs codecs that decode json and jsonb on the driver's connection itself. On that connection
Tortoise would decode a second time: the JSON string "123" came back as the int 123. Here the connection has no codec
(asyncpg then speaks JSON as text, as Tortoise expects) and SQLAlchemy's own JSON type decodes, like any other type.
"""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.util import await_only

from crossdock.driver.savepoint import Savepoint

DRIVER_NAME = "postgresql+crossdock"


class CrossdockDialect(PGDialect_asyncpg):
    driver = "crossdock"
    supports_statement_cache = True
    supports_native_json_deserialization = False
    dialect_injects_custom_json_deserializer = False

    async def setup_asyncpg_json_codec(self, conn: Any) -> None:
        """None: see the head of this file."""

    async def setup_asyncpg_jsonb_codec(self, conn: Any) -> None:
        """None: see the head of this file."""

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Is a connection that lay in the pool still open? Asked of the socket, not of the server: BEGIN asks that."""
        closed: bool = dbapi_connection.driver_connection.is_closed()
        return not closed

    def do_savepoint(self, connection: Connection, name: str) -> None:
        await_only(_savepoint(connection, name).begin())

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        await_only(_savepoint(connection, name).keep())

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        await_only(_savepoint(connection, name).undo())


def _savepoint(connection: Connection, name: str) -> Savepoint:
    held = connection.connection
    return Savepoint(held.driver_connection, held.dbapi_connection._execute_mutex, name)  # type: ignore[arg-type, union-attr]


registry.register("postgresql.crossdock", __name__, "CrossdockDialect")
