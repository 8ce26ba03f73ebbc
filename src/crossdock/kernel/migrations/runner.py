"""Brings both chains up and down again: legacy first on the way up, since the new tables point at the old ones."""

from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from crossdock.kernel.config import Settings
from crossdock.kernel.migrations.chains import Chain, LegacyChain, NewChain
from crossdock.kernel.migrations.lock import WAIT_S, deployer_lock
from crossdock.kernel.migrations.roles import ensure_roles, ensure_schema
from crossdock.kernel.pools.budget import connect
from crossdock.kernel.registry import Registry

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """Where one chain stands. `unknown` was applied by somebody else's release: this one has no file for it."""

    name: str
    tool: str
    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        return not self.pending and not self.unknown


class Runner:
    """Runs both tools under one lock. Each revision is its tool's own transaction, so a killed run is run again."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings = settings
        self.chains: tuple[Chain, ...] = (LegacyChain(settings.direct, registry), NewChain(settings.direct))

    async def up(self, progress: Progress = lambda _: None, *, wait_s: float = WAIT_S) -> None:
        """To the head of both chains; does nothing, quickly, where they are there already."""
        async with deployer_lock(self._settings.direct, wait_s=wait_s) as connection:
            progress("roles")
            await ensure_roles(connection, self._settings.pooled.user)
            await ensure_schema(connection, self._settings.direct.schema)
            for chain in self.chains:
                if not (await self._of(chain, connection)).pending:
                    continue
                progress(f"{chain.name} ({chain.tool}) up")
                await chain.up()

    async def down(self, progress: Progress = lambda _: None, *, wait_s: float = WAIT_S) -> None:
        """To nothing: every table of ours is dropped, with its rows."""
        async with deployer_lock(self._settings.direct, wait_s=wait_s) as connection:
            for chain in reversed(self.chains):
                if not await chain.applied(connection):
                    continue
                progress(f"{chain.name} ({chain.tool}) down")
                await chain.down()

    async def status(self) -> list[ChainStatus]:
        connection = await connect(self._settings.direct)
        try:
            return await self.status_on(connection)
        finally:
            await connection.close()

    async def status_on(self, connection: asyncpg.Connection) -> list[ChainStatus]:
        return [await self._of(chain, connection) for chain in self.chains]

    async def _of(self, chain: Chain, connection: asyncpg.Connection) -> ChainStatus:
        revisions, applied = chain.revisions(), await chain.applied(connection)
        return ChainStatus(
            chain.name,
            chain.tool,
            tuple(applied),
            tuple(revision for revision in revisions if revision not in applied),
            tuple(revision for revision in applied if revision not in revisions),
        )
