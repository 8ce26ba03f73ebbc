"""SQLAlchemy's asyncpg dialect without its JSON codecs on the connection.

SQLAlchemy installs codecs that decode json and jsonb on the driver's connection itself. Through a lent connection
Tortoise would decode a second time: the JSON string "123" came back as the int 123. Here the connection has no codec
(asyncpg then speaks JSON as text, as Tortoise expects) and SQLAlchemy's own JSON type decodes, like any other type.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

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


registry.register("postgresql.crossdock", __name__, "CrossdockDialect")
