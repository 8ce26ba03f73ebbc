"""Whether the service is ready: both lanes answer, and no migration is pending. Liveness asks nothing.

A busy service is ready: a load balancer that took it out would make the others busier. So these questions do not wait
for a connection that requests use; each lane is asked on a connection of its own.
"""

import asyncio
from dataclasses import dataclass, field

from crossdock.cutover.ladder import Step
from crossdock.migrations.names import stored
from crossdock.migrations.status import Chains
from crossdock.pools import Pool
from crossdock.stages import EVERYTHING, ModuleState
from crossdock.transaction import Database

ANSWER_S_MAX = 2.0
"""For each question."""
OK, BUSY = "ok", "busy"


@dataclass(frozen=True, slots=True)
class Readiness:
    """`pools` and `migrations` say "ok" or what is wrong, per name; of a pool that is in use to the last connection,
    "busy", which is not wrong. `modules` has those that move or are read-only, which is not wrong either."""

    pools: dict[str, str] = field(default_factory=dict)
    migrations: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return all(state in (OK, BUSY) for state in (*self.pools.values(), *self.migrations.values()))


class Health:
    """Asks one database. Who asks while another question is under way gets the answer to that one."""

    def __init__(self, database: Database, chains: Chains) -> None:
        self._database = database
        self._chains = chains
        self._look: asyncio.Task[Readiness] | None = None

    async def readiness(self) -> Readiness:
        """One who is cancelled while waiting does not cancel the question, for which others may wait."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._ask())
        return await asyncio.shield(self._look)

    async def _ask(self) -> Readiness:
        lane, (direct, migrations) = await asyncio.gather(self._pooled_lane(), self._direct_lane())
        pools = {pool.name: await _state(pool, lane) for pool in self._database.pooled}
        return Readiness(pools | {self._database.direct.name: direct}, migrations, self._modules())

    def _modules(self) -> dict[str, str]:
        """As this process has heard of them: "ramp 10 %", "read-only", or both. All modules together are called `*`."""
        names = (EVERYTHING, *self._database.registry.modules)
        said = {name: _stage(self._database.stages.of(name)) for name in names}
        return {name: words for name, words in said.items() if words}

    async def _pooled_lane(self) -> str:
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                await self._database.probe.ask(ANSWER_S_MAX)
        except Exception as error:
            return _words(error)
        return OK

    async def _direct_lane(self) -> tuple[str, dict[str, str]]:
        """Its pool is no request's."""
        try:
            async with asyncio.timeout(ANSWER_S_MAX), self._database.direct.checkout() as checkout:
                states = await self._chains.status_on(checkout.driver)
        except Exception as error:
            return _words(error), {"status": _words(error)}
        # What a newer release added is no fault: while it is rolled out, this one serves (expand and contract).
        return OK, {stored(chain.name): f"{len(chain.pending)} pending" if chain.pending else OK for chain in states}


async def _state(pool: Pool, lane: str) -> str:
    """A pool that could not connect at its last try is tried again here. Without traffic nothing else would try it, and
    the service would stay not ready."""
    if lane != OK:
        return lane
    if pool.gate.is_full:
        return BUSY
    if pool.can_connect:
        return OK
    try:
        async with asyncio.timeout(ANSWER_S_MAX):
            await pool.ping()
    except Exception as error:
        return _words(error)
    return OK


def _stage(state: ModuleState) -> str:
    parts = [str(Step(state.stage, state.share))] if state.stage is not None and state.is_compared else []
    return ", ".join([*parts, *(["read-only"] if state.read_only else [])])


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {ANSWER_S_MAX:g} s"
    return str(error) or type(error).__name__
