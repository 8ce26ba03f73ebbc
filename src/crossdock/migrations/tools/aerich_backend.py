"""Tortoise's client for whoever calls `aerich` by hand: under the runner's lock, and only where everything agrees.

aerich alone has no lock, and takes a version table that it may not read for an empty one. Tortoise finds this module by
the name of the connection's `engine` and takes its `client_class`.
"""

from contextlib import AsyncExitStack
from typing import Any

from asyncclick import get_current_context
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionContext, TransactionContextPooled

from crossdock.migrations.history.agreement import by_hand, check_needed, check_needs
from crossdock.migrations.history.journal import FAKED, MARK
from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.names import AERICH
from crossdock.migrations.status import Chains
from crossdock.migrations.tools.aerich_client import AddressedClient
from crossdock.migrations.tools.aerich_config import as_click_exception
from crossdock.migrations.tools.aerich_indexes import keep_own_sql
from crossdock.registry import Registry, load_settings
from crossdock.sql.statement import statements

VERSION_GONE = 'DELETE FROM "aerich"'
VERSION_ROW = 'INSERT INTO "aerich"'


class ByHandClient(AddressedClient):
    """Holds the deployer's lock from its first connection to its end."""

    chains: Chains
    applied: set[str]

    async def create_connection(self, with_db: bool) -> None:
        keep_own_sql()
        registry = Registry.found()
        settings = load_settings(registry)
        self.chains = Chains(settings.direct, registry.application)
        self._stack = AsyncExitStack()
        with as_click_exception():
            self.applied = await self._stack.enter_async_context(by_hand(self.chains, settings.migrations.wait_s))
            try:
                self._refuse_to_number_anew()
            except BaseException:
                await self._stack.aclose()
                raise
        await super().create_connection(with_db)

    def _refuse_to_number_anew(self) -> None:
        """`aerich migrate` takes the number after the last one applied, and deletes the files that have it."""
        context = get_current_context(silent=True)
        behind = [
            revision.key
            for revision in self.chains.revisions
            if revision.tool == AERICH and revision.key not in self.applied
        ]
        if context is not None and "migrate" in (context.info_name, context.invoked_subcommand) and behind:
            raise MigrationsRefused(
                f"This database does not have {behind[0]} yet, and aerich would delete that file to write its own. Use"
                " `crossdock migrate new`, which numbers by the files; or run `crossdock migrate up` first."
            )

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
        made = await super().execute_insert(query, values)
        if query.startswith(VERSION_ROW) and is_fake():
            await self.execute_script(MARK.format(FAKED))
        return made

    def check(self, query: str, values: list[Any]) -> None:
        """Raises MigrationsRefused before the row of a revision that needs one of the other chain."""
        if query.startswith(VERSION_ROW):
            for name in (value for value in values if isinstance(value, str) and value.endswith(".py")):
                with as_click_exception():
                    check_needs(self.chains, AERICH, name, self.applied)


class ByHandTransaction(TransactionWrapper):
    """The same inside a transaction."""

    _parent: ByHandClient

    async def execute_script(self, query: str) -> None:
        """Not what is a comment alone, as in a hand-over: asyncpg fails where PostgreSQL answers an empty query."""
        if statements(query):
            await super().execute_script(query)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        self._parent.check(query, values)
        made = await super().execute_insert(query, values)
        if query.startswith(VERSION_ROW) and is_fake():
            await self._connection.execute(MARK.format(FAKED))
        return made

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[dict[str, Any]]]:
        """Raises before the row of a revision goes that one of the other chain needs. aerich names it by its id."""
        if query.startswith(VERSION_GONE):
            name = await self._connection.fetchval("SELECT version FROM aerich WHERE id = ANY($1)", values)
            with as_click_exception():
                check_needed(self._parent.chains, AERICH, str(name), self._parent.applied)
        found: tuple[int, list[dict[str, Any]]] = await super().execute_query(query, values)
        if query.startswith(VERSION_GONE) and is_fake():
            await self._connection.execute(MARK.format(FAKED))
        return found


def is_fake() -> bool:
    """`aerich upgrade --fake`, `aerich downgrade --fake`: a row is written, and no statement is run."""
    context = get_current_context(silent=True)
    return context is not None and bool(context.params.get("fake"))


client_class = ByHandClient
