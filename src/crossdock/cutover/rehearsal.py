"""Does a write with the other store first, in a savepoint that is undone, and compares the rows that both wrote."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from crossdock.config.settings import MoveSettings
from crossdock.cutover.comparison import Call, Comparison, Verdict, found
from crossdock.cutover.keys import Keys, read_keys
from crossdock.cutover.outcome import Outcome
from crossdock.cutover.rules import Rules
from crossdock.cutover.timing import Timing
from crossdock.cutover.trial import kept, undone
from crossdock.transaction import Transaction

ROUNDS = 3
"""How often a difference is looked at again. Other transactions may change the data and change it back between two
calls; that they do so three times is as good as impossible."""
LATE_MAX = 3
"""How often in a row a method of the other store may give no answer. After that it counts as a mismatch and is not
rehearsed any more at this stage, because the request waits each time."""
TIMES_SLOWER = 10
"""The other store is to blame for being late only where the one that answers was so many times quicker."""
SECOND_US = 1_000_000


class Rehearsal:
    """Of the transactions of one process.

    The two stores do the same one after the other, and between them other transactions may commit. So a difference is
    looked at again: the store that answers is asked around the other one. Where it differs from itself the data
    changed, and nothing follows; where it does not, the other one is wrong.

    What the other store does outside of the database would stay. It has no way to: events and work after the commit are
    the transaction's, and are undone with the savepoint.
    """

    def __init__(self, rules: Rules, report: Callable[[Comparison], None], limits: MoveSettings) -> None:
        self._rules = rules
        self._report = report
        self._limits = limits
        self._late: Counter[Any] = Counter()
        self._timing = Timing(limits.comparisons_min)
        self._keys: Keys | None = None

    async def do(self, tx: Transaction, call: Call, own: Call, served: Any, other: Any) -> Any:
        """What the store that is served returns or raises. The other one is given the arguments of `own`."""
        place = (call.module, call.method, call.choice.state.since)
        if self._late[place] >= LATE_MAX:
            self._report(Comparison(call, Verdict.DROPPED))
            return await call.of(served)()
        if self._keys is None:
            self._keys = await read_keys(tx)
        rehearsed, mine = await self._tried(place, tx, call, own, served, other)
        outcome = await kept(
            tx,
            self._keys,
            call,
            served,
            unless=lambda done: self._is_wrong(call, done, rehearsed),
            summed=rehearsed.is_summed,
        )
        if outcome is None:
            return (await self._again(tx, call, own, served, other, summed=rehearsed.is_summed)).answer()
        self._late[place] = self._late[place] + 1 if self._is_to_blame(rehearsed, outcome) else 0
        timed = outcome if mine is None else replace(outcome, us=mine.us)
        compared = self._comparison(call, self._verdict(call, outcome, rehearsed), timed, rehearsed)
        self._report(replace(compared, is_timed=mine is not None))
        return outcome.answer()

    async def _tried(  # noqa: PLR0917
        self, place: Any, tx: Transaction, call: Call, own: Call, served: Any, other: Any
    ) -> tuple[Outcome, Outcome | None]:
        """The outcome of the other store; and that of the one that answers, where both were timed."""
        if not self._timing.is_due(place):
            return await self._rehearsed(tx, own, other), None
        trials = (
            partial(self._rehearsed, tx, own, served, waits=False),
            partial(self._rehearsed, tx, own, other, waits=False),
        )
        rehearsed, mine = await self._timing.both(place, *trials)
        # It would have to wait, as the request has to: then it does, and its time says nothing.
        return (await self._rehearsed(tx, own, other) if rehearsed.is_outage else rehearsed), mine

    async def _rehearsed(
        self, tx: Transaction, own: Call, store: Any, *, waits: bool = True, summed: bool = False
    ) -> Outcome:
        assert self._keys is not None
        copied = own.copied()  # it may be asked again
        assert copied is not None
        return await undone(tx, self._keys, copied, store, limit_s=self._limits.timeout_s, waits=waits, summed=summed)

    def _is_wrong(self, call: Call, served: Outcome, rehearsed: Outcome) -> bool:
        """Whether they differ. An outcome that was late, or that another transaction prevented, proves nothing."""
        return not rehearsed.is_late and not rehearsed.is_outage and self._differ(call, served, rehearsed)

    def _is_to_blame(self, rehearsed: Outcome, served: Outcome) -> bool:
        return rehearsed.is_late and served.us * TIMES_SLOWER < self._limits.timeout_s * SECOND_US

    def _verdict(self, call: Call, served: Outcome, rehearsed: Outcome) -> Verdict:
        """SAME, or UNCLEAR where the other store gave no answer; DIFFERENT once it has given none too often."""
        if not self._differ(call, served, rehearsed):
            return Verdict.SAME
        place = (call.module, call.method, call.choice.state.since)
        return Verdict.DIFFERENT if self._late[place] >= LATE_MAX else Verdict.UNCLEAR

    async def _again(self, tx: Transaction, call: Call, own: Call, served: Any, other: Any, *, summed: bool) -> Outcome:
        """Both by turns, and what the store that is served does stays. `summed`: where one of them writes too many rows
        to look at each, the sums of both are compared."""
        assert self._keys is not None
        repeat, keep = partial(undone, tx, self._keys, call, served), partial(kept, tx, self._keys, call, served)
        repeated = await repeat(summed=summed)
        summed = repeated.is_summed or summed
        # A call that writes nothing is kept at once: it may lock rows, and while it holds them nobody changes what the
        # other store is to find.
        outcome = None if repeated.rows or repeated.error is not None else await keep(summed=summed)
        around, tried = [outcome or repeated], list[Outcome]()
        while len(tried) < ROUNDS and all(self._is_wrong(call, around[-1], each) for each in tried):
            tried.append(await self._rehearsed(tx, own, other, summed=summed))
            summed = tried[-1].is_summed or summed
            around.append(await repeat(summed=summed))
        outcome = outcome or await keep(summed=summed)
        assert outcome is not None
        verdict = self._verdict_of_all(call, outcome, around, tried)
        self._report(replace(self._comparison(call, verdict, outcome, tried[-1]), is_timed=False))
        return outcome

    def _verdict_of_all(self, call: Call, served: Outcome, around: list[Outcome], tried: list[Outcome]) -> Verdict:
        if any(self._differ(call, each, served) for each in around):
            return Verdict.UNCLEAR
        if all(self._is_wrong(call, served, each) for each in tried):
            return Verdict.DIFFERENT
        return self._verdict(call, served, tried[-1])

    def _differ(self, call: Call, one: Outcome, other: Outcome) -> bool:
        return bool(found(self._rules[call.module], call, one, other))

    def _comparison(self, call: Call, verdict: Verdict, served: Outcome, rehearsed: Outcome) -> Comparison:
        is_control = call.choice.orm is call.choice.state.control
        control, candidate = (served, rehearsed) if is_control else (rehearsed, served)
        differing = found(self._rules[call.module], call, control, candidate)
        return Comparison(call, verdict, control, candidate, differing)
