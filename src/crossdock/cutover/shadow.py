"""Repeats a sample of reads on the candidate, after the answer and beside it: on connections of its own."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from crossdock.cutover.budget import Budget
from crossdock.cutover.comparison import Call, Comparison, Verdict, found
from crossdock.cutover.limit import LIMITS, NoAnswer, of_statements
from crossdock.cutover.outcome import Outcome, outcome_of
from crossdock.cutover.rules import Rules
from crossdock.errors import TransactionAborted, Unavailable
from crossdock.guards import QueryPerRow, allow
from crossdock.pools import Pool
from crossdock.registry import Orm
from crossdock.tenancy import Scope
from crossdock.transaction import Database, Reading

log = structlog.get_logger(__name__)

Report = Callable[[Comparison], None]

ANSWERS_MAX = 10
"""A comparison may take so many times the limit of one answer. It asks for seven at most."""


class Shadow:
    """A queue of calls, and the tasks that repeat them. What does not fit into the queue is dropped, and counted.

    A call is repeated by the candidate alone at first. Where its answer is the control's, they agree. Where it is not,
    the data may have changed since: both answer again, on one snapshot, and what differs there is a mismatch.
    """

    def __init__(self, database: Database, pool: Pool, rules: Rules, report: Report, budget: Budget) -> None:
        self._environment = database.environment
        self._registry = database.registry
        self._limits = limits = database.settings.moves
        self._pool = pool
        self._rules = rules
        self._report = report
        self._budget = budget
        self._queue: asyncio.Queue[tuple[Call, Outcome]] = asyncio.Queue(limits.waiting_max)
        self._on_snapshot: Counter[tuple[str, str, datetime | None]] = Counter()

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
            with self._budget.spending():
                self._report(await self.compare(call, answered))
            self._queue.task_done()

    async def settled(self) -> None:
        """Waits until all that was offered is compared."""
        await self._queue.join()

    async def compare(self, call: Call, answered: Outcome) -> Comparison:
        """One comparison. The time that it takes is limited, and that of each answer."""
        try:
            with allow(QueryPerRow, because="both answer up to three times in one unit of work"):
                async with asyncio.timeout(ANSWERS_MAX * self._limits.timeout_s):
                    return await self._compare(call, answered)
        except (Unavailable, TimeoutError):
            return Comparison(call, Verdict.DROPPED)  # no connection: that says nothing about the candidate
        except Exception as error:
            log.warning("comparison_failed", module=call.module, method=call.method, error=repr(error))
            return Comparison(call, Verdict.DROPPED)

    async def _compare(self, call: Call, answered: Outcome) -> Comparison:
        place = (call.module, call.method, call.choice.state.since)
        if self._on_snapshot[place] < self._limits.noise_first:
            # The first ones of each method at a stage ask the control twice: what differs then is noise.
            self._on_snapshot[place] += 1
        else:
            repeated = await self._repeated(call)
            both = (answered, repeated) if call.choice.orm is call.choice.state.control else (repeated, answered)
            if not found(self._rules[call.module], call, *both):
                return Comparison(call, Verdict.SAME, *both)
        compared = await self.on_one_snapshot(call)
        if compared.candidate is not None and compared.candidate.is_late:
            # A busy process may have kept it waiting. One that hangs does so again.
            return await self.on_one_snapshot(call)
        return compared

    async def _repeated(self, call: Call) -> Outcome:
        """What the one that has not answered says now. One that is late may cost its connection: there are others."""
        assert call.choice.other is not None
        outcome = Outcome(error=NoAnswer())
        with suppress(
            TimeoutError, TransactionAborted
        ):  # PostgreSQL has refused a statement of it: so says its outcome
            async with asyncio.timeout(self._limits.timeout_s), self._reading(call.scope, snapshot=False) as unit:
                outcome = await outcome_of(self._run(unit, call, call.choice.other), unit)
        return outcome

    async def on_one_snapshot(self, call: Call) -> Comparison:
        """Control, candidate, and control again, in one transaction that sees the data of one moment."""
        control_orm, rules = call.choice.state.control, self._rules[call.module]
        assert control_orm is not None
        async with self._reading(call.scope, snapshot=True) as unit:
            await unit.first(LIMITS, of_statements(self._limits.timeout_s))
            control = await self._outcome(unit, call, control_orm)
            candidate = await self._outcome(unit, call, control_orm.other)
            again = await self._outcome(unit, call, control_orm)
        if any(each.is_outage for each in (control, candidate, again)) or control.is_late or again.is_late:
            return Comparison(call, Verdict.DROPPED)
        if noise := found(rules, call, control, again):
            return Comparison(call, Verdict.NOISE, control, again, noise)
        differing = found(rules, call, control, candidate)
        return Comparison(call, Verdict.DIFFERENT if differing else Verdict.SAME, control, candidate, differing)

    def _reading(self, scope: Scope, *, snapshot: bool) -> Reading:
        # Without the guard: whoever was signed in when the control answered may have signed out since.
        return Reading(self._environment, replace(scope, guard=None), self._pool, snapshot=snapshot)

    async def _outcome(self, unit: Reading, call: Call, orm: Orm) -> Outcome:
        # What PostgreSQL refuses to one of them must not end the transaction of the others.
        undoable = unit.undoable()
        await undoable.begin()
        outcome = await outcome_of(self._run(unit, call, orm), unit, limit_s=self._limits.timeout_s)
        await undoable.undo()
        return outcome

    def _run(self, unit: Reading, call: Call, orm: Orm) -> Callable[[], Awaitable[Any]]:
        own = call.copied()
        assert own is not None  # those that have no copy are not offered
        return own.of(self._registry.implementation(call.choice.contract, orm)(unit))
