"""Tortoise's client for whoever calls `aerich` by hand: under the runner's lock, and only where everything agrees.

aerich alone has no lock, and takes a version table that it may not read for an empty one. Tortoise finds this module by
the name of the connection's `engine` and takes its `client_class`.
"""

from contextlib import AsyncExitStack
from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionContextPooled, TransactionWrapper
from tortoise.backends.base.client import TransactionContext

from crossdock.kernel import config
from crossdock.kernel.migrations.agreement import by_hand, check_needs
from crossdock.kernel.migrations.statement import statements
from crossdock.kernel.migrations.status import Chains

VERSION_ROW = 'INSERT INTO "aerich"'


class ByHandClient(AsyncpgDBClient):
    """Holds the deployer's lock from its first connection to its end."""

    chains: Chains
    applied: set[str]

    async def create_connection(self, with_db: bool) -> None:
        settings = config.load()
        self.chains = Chains(settings.direct)
        self._stack = AsyncExitStack()
        self.applied = await self._stack.enter_async_context(by_hand(self.chains, "aerich", settings.migrations.wait_s))
        await super().create_connection(with_db)

    async def close(self) -> None:
        await super().close()
        await self._stack.aclose()

    def _in_transaction(self) -> TransactionContext:
        return TransactionContextPooled(ByHandTransaction(self), self._pool_init_lock)

    async def execute_script(self, query: str) -> None:
        """Outside of a transaction one by one: several in one message would be a transaction, which CREATE INDEX
        CONCURRENTLY refuses."""
        for statement in statements(query):
            await super().execute_script(statement.text)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        self.check(query, values)
        return await super().execute_insert(query, values)

    def check(self, query: str, values: list[Any]) -> None:
        """Raises MigrationsRefused before the row of a revision that needs one of the other chain."""
        if query.startswith(VERSION_ROW):
            for name in (value for value in values if isinstance(value, str) and value.endswith(".py")):
                check_needs(self.chains, "legacy", name, self.applied)


class ByHandTransaction(TransactionWrapper):
    """The same inside a transaction."""

    _parent: ByHandClient

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        self._parent.check(query, values)
        return await super().execute_insert(query, values)


client_class = ByHandClient
