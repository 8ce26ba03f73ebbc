"""One connection of the direct lane, as the owner of the tables, for what no request does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from crossdock.config.settings import Settings
from crossdock.driver.connection import connect

NAME = "crossdock move"


@asynccontextmanager
async def on_direct_lane(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Its locks are waited for as shortly as those of a migration."""
    connection = await connect(settings.direct)
    try:
        await connection.execute(
            "SELECT set_config('application_name', $1, false), set_config('search_path', quote_ident($2), false),"
            " set_config('lock_timeout', $3, false)",
            NAME,
            settings.direct.schema,
            str(settings.migrations.lock_timeout_ms),
        )
        yield connection
    finally:
        await connection.close()
