"""Tortoise's client for aerich: its own, which lets asyncpg read the parameters of our address.

Tortoise finds this module by the name of the connection's `engine` and takes its `client_class`.
"""

from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient


class AddressedClient(AsyncpgDBClient):
    """Tortoise's own names no `dsn`, which is where asyncpg reads certificates and `options` from."""

    async def create_pool(self, **arguments: Any) -> asyncpg.Pool:
        return await asyncpg.create_pool(**arguments)


client_class = AddressedClient
