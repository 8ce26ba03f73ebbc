"""How far the chains are applied on a database. The service asks this for /readyz, so neither tool is loaded."""

from dataclasses import dataclass
from functools import cached_property

import asyncpg

from crossdock.address import Address
from crossdock.application import Application
from crossdock.driver.connection import connect
from crossdock.migrations.chain import Chain, chains_of
from crossdock.migrations.history.findings import findings
from crossdock.migrations.history.reading import ChainHistory, read
from crossdock.migrations.names import OWN
from crossdock.migrations.revision import Revision
from crossdock.migrations.run.lock import look_into


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """Where one chain stands. `unknown` was applied by somebody else's release: this one has no file for it.
    `problems` are the disagreements of files, version table and journal; with one of them nothing runs."""

    name: str
    tool: str
    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        return not (self.pending or self.unknown or self.problems)


class Chains:
    """The files of an application's chains, read once, and what a database has of them."""

    def __init__(self, address: Address, application: Application) -> None:
        self.address = address
        self._application = application

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        return chains_of(self._application)

    @cached_property
    def revisions(self) -> list[Revision]:
        """Of every chain, each oldest first. Raises BrokenChain."""
        return [revision for chain in self.chains for revision in chain.revisions()]

    def named(self, name: str) -> Chain:
        return next(chain for chain in self.chains if chain.name == name)

    def of_tool(self, tool: str) -> Chain | None:
        """The application's own chain of a tool; None where it has none."""
        return next((chain for chain in self.chains if chain.tool == tool and chain.name != OWN), None)

    def forget(self) -> None:
        """The files were changed: read them again."""
        self.__dict__.pop("revisions", None)

    async def histories(self, connection: asyncpg.Connection) -> list[ChainHistory]:
        """Raises MigrationsRefused without the right to look."""
        await look_into(connection, self.address)
        tables = [chain.table for chain in self.chains]
        of = {chain.name: [each for each in self.revisions if each.chain == chain.name] for chain in self.chains}
        return [await read(connection, chain, of[chain.name], tables) for chain in self.chains]

    async def status(self) -> list[ChainStatus]:
        connection = await connect(self.address)
        try:
            return await self.status_on(connection)
        finally:
            await connection.close()

    async def status_on(self, connection: asyncpg.Connection) -> list[ChainStatus]:
        return [_status(history) for history in await self.histories(connection)]


def _status(history: ChainHistory) -> ChainStatus:
    return ChainStatus(
        history.chain.name,
        history.chain.tool,
        tuple(history.applied),
        tuple(history.pending),
        tuple(history.unknown),
        tuple(findings(history)),
    )
