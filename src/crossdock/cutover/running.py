"""Compares in a process that serves: takes samples, counts, and steps back where too much differs."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from crossdock.config.settings import PoolSettings
from crossdock.cutover.budget import Budget
from crossdock.cutover.changes import NotMoving
from crossdock.cutover.comparison import Call, Comparison, Verdict
from crossdock.cutover.difference import SECRETS
from crossdock.cutover.mismatch import row_of
from crossdock.cutover.outcome import outcome_of
from crossdock.cutover.rehearsal import Rehearsal
from crossdock.cutover.rules import moving
from crossdock.cutover.shadow import Shadow
from crossdock.cutover.stepping import back_if_past
from crossdock.cutover.store import ComparedStore
from crossdock.cutover.tally import Tally
from crossdock.cutover.tidying import Tidying
from crossdock.pools import SqlAlchemyPool
from crossdock.registry import Orm
from crossdock.stages import HUNDRED, Stage
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Transaction
from crossdock.transaction.stores import Choice

log = structlog.get_logger(__name__)

WRITE_EVERY_S = 1.0
SKIPPED = "skipped"
"""In the place of a verdict: a unit of work that was drawn for the sample, and not compared for want of time."""
POOL = "shadow"


class _RolledBack(Exception):
    """Ends the transaction of a case."""


class Moves:
    """The comparisons of one process."""

    def __init__(self, database: Database) -> None:
        settings, registry = database.settings, database.registry
        self._database = database
        self._limits = settings.moves
        self._tally = Tally()
        self.budget = Budget(self._limits.time_share_max)
        self._suspected: set[str] = set()
        """Modules with mismatches, until it is known whether they are past their limit."""
        self.totals: Counter[tuple[str, str]] = Counter()
        """(module, verdict or SKIPPED) → how many comparisons, since this process began."""
        both = [module for module in registry if all(registry.has_store(module, orm) for orm in Orm)]
        self._rules = {module.name: moving(registry, module) for module in both}
        # The platform's login may become either role: one pool repeats the reads of tenants and of the platform.
        room = PoolSettings(min_size=0, max_size=self._limits.connections, timeout_s=self._limits.timeout_s)
        keep = database.statements.keep() if settings.keep_sessions else None
        self.pool = SqlAlchemyPool(POOL, settings.platform, room, replace(database.driver, session_sql=keep))
        self.shadow = Shadow(database, self.pool, self._rules, self.report, self.budget)
        self.rehearsal = Rehearsal(self._rules, self.report, self._limits)

    def report(self, comparison: Comparison) -> None:
        """Counts a comparison; it is written within a second."""
        self._tally.add(comparison)
        self.totals[comparison.call.module, comparison.verdict.value] += 1
        if comparison.verdict in (Verdict.DIFFERENT, Verdict.NOISE):
            call, paths = comparison.call, [each.path for each in comparison.differences]
            log.warning("mismatch", module=call.module, method=call.method, verdict=comparison.verdict, paths=paths)

    def reads(self, choice: Choice, unit: Any, store: Any) -> Any:
        """As `Comparing.reads`."""
        if not self._is_sampled(choice):
            return store
        return ComparedStore(choice, unit, store, partial(self._run, self._read, unit))

    def writes(self, choice: Choice, unit: Any, store: Any) -> Any:
        """As `Comparing.writes`."""
        if choice.state.stage is Stage.SHADOW or not self._is_sampled(choice):
            return store
        return self._rehearsed(choice, unit, store)

    def _rehearsed(self, choice: Choice, tx: Transaction, store: Any) -> ComparedStore:
        assert choice.other is not None
        other = self._database.registry.implementation(choice.contract, choice.other)(tx)
        return ComparedStore(choice, tx, store, partial(self._run, partial(self._write, other), tx))

    def _is_sampled(self, choice: Choice) -> bool:
        """Drawn, and there is time for it. What was drawn in vain is counted, as SKIPPED."""
        if random.random() * HUNDRED >= choice.state.sample:  # noqa: S311  nobody gains by guessing it
            return False
        if not self.budget.has_room:
            self.totals[choice.state.module, SKIPPED] += 1
            return False
        return True

    async def _run(self, run: Any, unit: Any, call: Call, store: Any) -> Any:
        """A call that is compared, or that cannot be, because the other store would have no arguments of its own."""
        own = call.copied()
        if own is None:
            self.report(Comparison(call, Verdict.DROPPED))
            return await call.of(store)()
        return await run(unit, call, own, store)

    async def _read(self, unit: Any, call: Call, own: Call, store: Any) -> Any:
        outcome = await outcome_of(call.of(store), unit)
        self.shadow.offer(own, outcome)
        return outcome.answer()

    async def _write(self, other: Any, tx: Transaction, call: Call, own: Call, store: Any) -> Any:
        with self.budget.spending():
            return await self.rehearsal.do(tx, call, own, store, other)

    async def exercise(self, module: str, *, times: int = 1) -> list[str]:
        """Runs the module's own cases, each in transactions that are rolled back. Returns their names.

        Raises what a case raises: both stores have raised it, or the control alone. Raises NotMoving.
        """
        choice, cases = self._both(module), self._rules[module].cases
        for case in cases * times:
            with suppress(_RolledBack):
                async with self._database.transaction(case.scope, while_read_only=True) as tx:
                    served = self._database.registry.implementation(choice.contract, choice.orm)(tx)
                    await case.run(self._rehearsed(choice, tx, served))
                    raise _RolledBack
        await self.settled()
        return [case.name for case in cases]

    def _both(self, name: str) -> Choice:
        """The control answers, and is compared with the candidate. Raises NotMoving."""
        registry, state = self._database.registry, self._database.stages.of(name)
        if not state.is_compared or state.control is None:
            raise NotMoving(f"{name} is not moving, so there is nothing to compare: `crossdock move start {name}`.")
        contract = registry.load(registry.modules[name], f"store:{registry.modules[name].store}")
        return Choice(contract, state, state.control, state.candidate)

    async def settled(self) -> None:
        """Waits until all reads that were sampled are compared, and writes what was counted."""
        await self.shadow.settled()
        await self.write()

    async def write(self) -> None:
        """Writes what was counted, and steps back where a module is past its limit; what fails, the next time."""
        tally, self._tally = self._tally, Tally()
        try:
            if tally.counts:
                await self._write_tally(tally)
        except BaseException:
            self._tally.take_back(tally)
            raise
        self._suspected |= {comparison.call.module for comparison in tally.kept}
        for module in sorted(self._suspected):
            await self._step_back(module)
            self._suspected.discard(module)

    async def _write_tally(self, tally: Tally) -> None:
        async with self._database.transaction(Platform("count comparisons"), while_read_only=True) as tx:
            await tally.write(tx)
            try:
                async with tx.savepoint():
                    await self._keep(tx, tally)
            except DBAPIError as error:  # a value that jsonb cannot hold, as a NUL: the count is what matters
                log.warning("mismatches_not_kept", error=repr(error.orig))

    async def _keep(self, tx: Transaction, tally: Tally) -> None:
        """The mismatches, of which the last ones of each module stay."""
        rows = [self._row(each, tx.clock.now()) for each in tally.kept]
        if rows:
            await tx.sql.execute(insert(tx.own_tables.module_mismatches), rows)
        for module in {row["module"] for row in rows}:
            await tx.first(FORGET, (module, self._limits.kept_max))

    def _row(self, mismatch: Comparison, now: datetime) -> dict[str, Any]:
        secrets = (*SECRETS, *self._rules[mismatch.call.module].secrets)
        return row_of(mismatch, self._database.tenancy, secrets, now)

    async def _step_back(self, module: str) -> None:
        """Once for all processes: the second one that tries finds the state changed."""
        async with self._database.transaction(Platform("step back"), while_read_only=True) as tx:
            event = await back_if_past(tx, module, self._limits, self._database.registry.application.ids)
        if event is not None:
            log.error("stepped_back", module=module, stage=event.to_stage, reason=event.reason)


FORGET = """
DELETE FROM module_mismatches WHERE module = $1 AND number NOT IN
    (SELECT number FROM module_mismatches WHERE module = $1 ORDER BY number DESC LIMIT $2)
"""


@asynccontextmanager
async def running_moves(database: Database) -> AsyncIterator[Moves]:
    """Compares while the block lasts. Without it each module is answered for as its stage says, and nothing is
    compared."""
    moves = Moves(database)
    tasks = [asyncio.create_task(moves.shadow.run()) for _ in range(database.settings.moves.connections)]
    tasks += [asyncio.create_task(_write_always(moves)), asyncio.create_task(_tidy_always(database))]
    database.stores.comparing = moves
    try:
        yield moves
    finally:
        database.stores.comparing = None
        for task in tasks:
            task.cancel()
        # A candidate may not let itself be cancelled: the process ends all the same.
        await asyncio.wait(tasks, timeout=database.settings.moves.timeout_s)
        with suppress(Exception):
            await moves.write()
        await moves.pool.close()


async def _write_always(moves: Moves) -> None:
    while True:
        await asyncio.sleep(WRITE_EVERY_S)
        try:
            await moves.write()
        except Exception as error:
            log.warning("comparisons_not_counted", error=repr(error))


async def _tidy_always(database: Database) -> None:
    """Beside the counting, which must not wait while a table cannot be locked."""
    tidying = Tidying(database.settings, database.registry, database.stages)
    while True:
        await asyncio.sleep(WRITE_EVERY_S)
        await tidying.tick()
