"""Makes the tables of a project's models, without a chain: what `aerich` and `alembic` would have made."""

import asyncio

from crossdock.driver.connection import connect
from crossdock.registry import Registry, load_settings
from crossdock.schema.expected import sqlalchemy_sql, tortoise_sql


def main() -> None:
    """Of the current folder's project, on its DIRECT_URL."""
    asyncio.run(_make())


async def _make() -> None:
    registry = Registry.found()
    address = load_settings(registry).direct
    connection = await connect(address)
    for sql in (await tortoise_sql(address, registry), sqlalchemy_sql(registry)):
        if sql.strip():
            await connection.execute(sql)
    await connection.close()
