"""Waiting for what happens, and never for a time: no test may depend on how fast the machine is."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import asyncpg

from tests.commands.quick import PATIENCE_S

_keys = itertools.count(1)

WAITING = """
SELECT count(*) >= $1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
SLEEPING = """
SELECT true FROM pg_stat_activity WHERE datname = current_database() AND query LIKE $1 AND wait_event = 'PgSleep'
"""


async def until(condition: Callable[[], Any]) -> Any:
    """What the condition gives, as soon as it is true. It is asked again and again, and may be a coroutine function:
    then with a pause, for it asks a server that has other things to do."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found, pause_s = condition(), 0.0
            if isawaitable(found):
                found, pause_s = await found, 0.01
            if found:
                return found
            await asyncio.sleep(pause_s)


async def until_they_wait(eyes: asyncpg.Connection, number: int) -> None:
    """Until so many wait for a lock, in the database that `eyes` look at."""
    await until(lambda: eyes.fetchval(WAITING, number))


async def until_asleep(eyes: asyncpg.Connection, query: str) -> None:
    """Until PostgreSQL sleeps in a statement like this one. It is active before that: while it is only prepared."""
    await until(lambda: eyes.fetchval(SLEEPING, query))


@dataclass(frozen=True)
class Held:
    """A statement that PostgreSQL is at work on until the test says that it is done."""

    sql: str
    _holder: asyncpg.Connection
    _key: int

    async def let_go(self) -> None:
        await self._holder.execute("SELECT pg_advisory_unlock($1)", self._key)


@asynccontextmanager
async def held(holder: asyncpg.Connection) -> AsyncIterator[Held]:
    """Such a statement: it asks for a lock that `holder`, a connection to the same database, has."""
    key = next(_keys)
    await holder.execute("SELECT pg_advisory_lock($1)", key)
    yield Held(f"SELECT set_config('lock_timeout', '0', true), pg_advisory_xact_lock({key})", holder, key)
    await holder.execute("SELECT pg_advisory_unlock_all()")
