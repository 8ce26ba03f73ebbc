"""Work that comes round: one job that counts its turns, one that always fails, one that never ends."""

import asyncio

from crossdock.transaction import Database

turns: list[str] = []


async def count(_database: Database) -> int:
    turns.append("counted")
    return 1


async def fail(_database: Database) -> int:
    turns.append("failed")
    raise RuntimeError("on purpose")


async def hang(_database: Database) -> int:
    turns.append("began")
    try:
        await asyncio.sleep(60)
    finally:
        turns.append("was ended")
    return 0
