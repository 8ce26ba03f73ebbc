"""Counts comparisons in this process, and adds them to those of all others in the database."""

from dataclasses import dataclass, field
from datetime import datetime

from crossdock.cutover.comparison import Comparison, Verdict
from crossdock.guards import QueryPerRow, allow
from crossdock.models.tables import COUNTS
from crossdock.transaction import Transaction

KEPT_AT_ONCE = 5
"""Of one method, each time that counts are written: thousands of one kind say no more."""

GIVEN = ", ".join(f"${number}::bigint" for number in range(5, 5 + len(COUNTS)))
ADD = f"""
INSERT INTO module_comparisons (id, module, method, since, last_at, {", ".join(COUNTS)})
SELECT gen_random_uuid(), $1, $2, $3, $4, {GIVEN}
ON CONFLICT (module, method, since) DO UPDATE SET
    {", ".join(f"{name} = module_comparisons.{name} + excluded.{name}" for name in COUNTS)}, last_at = excluded.last_at
"""

Place = tuple[str, str, datetime]
"""Module, method, and when the stage began."""


@dataclass(slots=True)
class Counts:
    """Of one method since its stage began. Times are sums, in microseconds, of the comparisons that were timed."""

    same: int = 0
    different: int = 0
    noise: int = 0
    unclear: int = 0
    dropped: int = 0
    control_us: int = 0
    candidate_us: int = 0
    control_statements: int = 0
    candidate_statements: int = 0
    timed: int = 0

    def add(self, comparison: Comparison) -> None:
        """One more."""
        setattr(self, comparison.verdict, getattr(self, comparison.verdict) + 1)
        control, candidate = comparison.control, comparison.candidate
        if comparison.verdict in (Verdict.SAME, Verdict.DIFFERENT) and control is not None and candidate is not None:
            if comparison.is_timed:
                self.timed += 1
                self.control_us += control.us
                self.candidate_us += candidate.us
            self.control_statements += control.statements
            self.candidate_statements += candidate.statements

    def add_all(self, others: "Counts") -> None:
        """As many as others are."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(others, name))

    @property
    def compared(self) -> int:
        """Those of which both outcomes are known."""
        return self.same + self.different

    @property
    def values(self) -> list[int]:
        return [getattr(self, name) for name in COUNTS]


@dataclass(slots=True)
class Tally:
    """What was counted since it was last written."""

    counts: dict[Place, Counts] = field(default_factory=dict)
    kept: list[Comparison] = field(default_factory=list)

    def add(self, comparison: Comparison) -> None:
        """A comparison. One of a module whose stage has no beginning, as in a command, is not counted."""
        call = comparison.call
        if call.choice.state.since is None:
            return
        place = (call.module, call.method, call.choice.state.since)
        self.counts.setdefault(place, Counts()).add(comparison)
        if comparison.differences and self._is_of_interest(comparison):
            self.kept.append(comparison)

    def _is_of_interest(self, comparison: Comparison) -> bool:
        of_method = [each for each in self.kept if each.call.method == comparison.call.method]
        return comparison.verdict is not Verdict.DROPPED and len(of_method) < KEPT_AT_ONCE

    def take_back(self, other: "Tally") -> None:
        """What another one counted, and could not write."""
        for place, counts in other.counts.items():
            self.counts.setdefault(place, Counts()).add_all(counts)
        newer, self.kept = self.kept, other.kept
        self.kept += [each for each in newer if self._is_of_interest(each)]

    async def write(self, tx: Transaction) -> None:
        """Adds the counts to those of the others."""
        now = tx.clock.now()
        # In one order in all processes: two that lock the same rows in different orders would wait for each other.
        with allow(QueryPerRow, because="a contract has as many methods as it has, and they are few"):
            for (module, method, since), counts in sorted(self.counts.items(), key=lambda each: each[0]):
                await tx.first(ADD, (module, method, since, now, *counts.values))
