"""Repeats a sample of reads on the candidate, after the answer and beside it: on connections of its own."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import structlog

from crossdock.cutover.comparison import Call, Comparison, Verdict, found
from crossdock.cutover.outcome import Outcome, outcome_of
from crossdock.cutover.rules import Rules
from crossdock.errors import Unavailable
from crossdock.pools import Pool
from crossdock.registry import Orm
from crossdock.tenancy import Scope
from crossdock.transaction import Database, Reading

log = structlog.get_logger(__name__)

Report = Callable[[Comparison], None]


class Shadow:
    """A queue of calls, and the tasks that repeat them. What does not fit into the queue is dropped, and counted.

    A call is repeated by the candidate alone at first. Where its answer is the control's, they agree. Where it is not,
    the data may have changed since: both answer again, on one snapshot, and what differs there is a mismatch.
    """

    def __init__(self, database: Database, pool: Pool, rules: Rules, report: Report) -> None:
        self._environment = database.environment
        self._registry = database.registry
        self._limits = limits = database.settings.moves
        self._pool = pool
        self._rules = rules
        self._report = report
        self._queue: asyncio.Queue[tuple[Call, Outcome]] = asyncio.Queue(limits.waiting_max)
        self._on_snapshot: Counter[tuple[str, str]] = Counter()

    def offer(self, call: Call, answered: Outcome) -> None:
        """Waits for nothing."""
        try:
            self._queue.put_nowait((call, answered))
        except asyncio.QueueFull:
            self._report(Comparison(call, Verdict.DROPPED))

    async def run(self) -> None:
        """Repeats what is offered, until it is cancelled."""
        while True:
            call, answered = await self._queue.get()
            self._report(await self.compare(call, answered))
            self._queue.task_done()

    async def settled(self) -> None:
        """Waits until all that was offered is compared."""
        await self._queue.join()

    async def compare(self, call: Call, answered: Outcome) -> Comparison:
        """One comparison, within the time that one may take."""
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                return await self._compare(call, answered)
        except TimeoutError:
            return await self._too_slow(call, answered)
        except Unavailable:
            return Comparison(call, Verdict.DROPPED)  # no connection: that says nothing about the candidate
        except Exception as error:
            log.warning("comparison_failed", module=call.module, method=call.method, error=repr(error))
            return Comparison(call, Verdict.DROPPED)

    async def _compare(self, call: Call, answered: Outcome) -> Comparison:
        other = call.choice.other
        assert other is not None
        place = (call.module, call.method)
        if self._on_snapshot[place] < self._limits.noise_first:
            # The first ones of each method ask the control twice: what differs then is noise.
            self._on_snapshot[place] += 1
            return await self.on_one_snapshot(call)
        async with self._reading(call.scope, snapshot=False) as unit:
            repeated = await self._outcome(unit, call, other)
        both = (answered, repeated) if call.choice.orm is call.choice.state.control else (repeated, answered)
        if not found(self._rules[call.module], call, *both):
            return Comparison(call, Verdict.SAME, *both)
        return await self.on_one_snapshot(call)

    async def on_one_snapshot(self, call: Call) -> Comparison:
        """Control, candidate, and control again, in one transaction that sees the data of one moment."""
        control_orm, rules = call.choice.state.control, self._rules[call.module]
        assert control_orm is not None
        async with self._reading(call.scope, snapshot=True) as unit:
            control = await self._outcome(unit, call, control_orm)
            candidate = await self._outcome(unit, call, control_orm.other)
            again = await self._outcome(unit, call, control_orm)
        if noise := found(rules, call, control, again):
            return Comparison(call, Verdict.NOISE, control, again, noise)
        differing = found(rules, call, control, candidate)
        return Comparison(call, Verdict.DIFFERENT if differing else Verdict.SAME, control, candidate, differing)

    async def _too_slow(self, call: Call, answered: Outcome) -> Comparison:
        """A candidate that has no answer in the time that the control's took ten times over differs from it."""
        candidate = Outcome(error=TimeoutError(), us=int(self._limits.timeout_s * 1_000_000))
        differing = found(self._rules[call.module], call, answered, candidate)
        is_served = call.choice.orm is call.choice.state.control
        verdict = Verdict.DIFFERENT if is_served and differing else Verdict.DROPPED
        return Comparison(call, verdict, answered, candidate, differing)

    def _reading(self, scope: Scope, *, snapshot: bool) -> Reading:
        # Without the guard: whoever was signed in when the control answered may have signed out since.
        return Reading(self._environment, replace(scope, guard=None), self._pool, snapshot=snapshot)

    async def _outcome(self, unit: Reading, call: Call, orm: Orm) -> Outcome:
        store = self._registry.implementation(call.choice.contract, orm)(unit)
        if not unit.snapshot:
            return await outcome_of(call.of(store), lambda: unit.statements)
        # What PostgreSQL refuses to one of them must not end the transaction of the others.
        undoable = unit.undoable()
        await undoable.begin()
        outcome = await outcome_of(call.of(store), lambda: unit.statements)
        await undoable.undo()
        return outcome
