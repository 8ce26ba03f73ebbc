"""A database for a command, which does one thing at a time: with small pools, opened when they are used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crossdock.clock import Clock
from crossdock.config.settings import PoolSettings, Settings
from crossdock.registry import Registry
from crossdock.transaction import Database


@asynccontextmanager
async def small_database(settings: Settings, registry: Registry, clock: Clock | None = None) -> AsyncIterator[Database]:
    """The pools are opened here, since `Database` would log them as the service's own."""
    small = PoolSettings(min_size=0, max_size=2)
    database = Database(
        settings.model_copy(update={"tortoise_pool": small, "transaction_pool": small}), registry, clock
    )
    try:
        for pool in dict.fromkeys((database.tortoise, database.transactions, database.platform)):
            await pool.open()
        await database.stages.open()
        yield database
    finally:
        await database.close()
