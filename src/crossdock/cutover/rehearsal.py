"""Does a write with the other store first, in a savepoint that is undone, and compares the rows that both wrote."""

from collections.abc import Callable
from typing import Any

from crossdock.config.settings import MoveSettings
from crossdock.cutover.capture import Keys, read_keys
from crossdock.cutover.comparison import Call, Comparison, Verdict, found
from crossdock.cutover.outcome import Outcome
from crossdock.cutover.rules import Rules
from crossdock.cutover.trial import kept, undone
from crossdock.transaction import Transaction


class Rehearsal:
    """Of the transactions of one process.

    The two stores do the same one after the other, and between them other transactions may commit. So a difference is
    looked at again: the store that answers is asked twice, around the other one. Where it differs from itself the data
    changed, and nothing follows; where it does not, the other one is wrong.

    What the other store does outside of the database would stay. It has no way to: events and work after the commit are
    the transaction's, and are undone with the savepoint.
    """

    def __init__(self, rules: Rules, report: Callable[[Comparison], None], limits: MoveSettings) -> None:
        self._rules = rules
        self._report = report
        self._limits = limits
        self._keys: Keys | None = None

    async def do(self, tx: Transaction, call: Call, served: Any, other: Any) -> Any:
        """What the store that is served returns or raises."""
        if self._keys is None:
            self._keys = await read_keys(tx)
        limit_s = self._limits.timeout_s
        rehearsed = await undone(tx, self._keys, call, other, limit_s=limit_s)
        outcome = await kept(tx, self._keys, call, served, unless=lambda done: self._differ(call, done, rehearsed))
        if outcome is None:
            return (await self._again(tx, call, served, other)).answer()
        self._report(self._comparison(call, Verdict.SAME, outcome, rehearsed))
        return outcome.answer()

    async def _again(self, tx: Transaction, call: Call, served: Any, other: Any) -> Outcome:
        """Everything once more: the one that is served before the other and after it, and the last of them stays."""
        assert self._keys is not None
        limit_s = self._limits.timeout_s
        before = await undone(tx, self._keys, call, served)
        if before.rows or before.error is not None:
            rehearsed = await undone(tx, self._keys, call, other, limit_s=limit_s)
            outcome = await kept(tx, self._keys, call, served)
        else:
            # It reads, and perhaps locks: with its locks held, nobody else changes what the other one is to find.
            outcome = await kept(tx, self._keys, call, served)
            rehearsed = await undone(tx, self._keys, call, other, limit_s=limit_s)
            before = await undone(tx, self._keys, call, served)
        assert outcome is not None
        if self._differ(call, before, outcome):
            verdict = Verdict.UNCLEAR
        else:
            verdict = Verdict.DIFFERENT if self._differ(call, outcome, rehearsed) else Verdict.SAME
        self._report(self._comparison(call, verdict, outcome, rehearsed))
        return outcome

    def _differ(self, call: Call, one: Outcome, other: Outcome) -> bool:
        return bool(found(self._rules[call.module], call, one, other))

    def _comparison(self, call: Call, verdict: Verdict, served: Outcome, rehearsed: Outcome) -> Comparison:
        is_control = call.choice.orm is call.choice.state.control
        control, candidate = (served, rehearsed) if is_control else (rehearsed, served)
        differing = found(self._rules[call.module], call, control, candidate)
        return Comparison(call, verdict, control, candidate, differing)
