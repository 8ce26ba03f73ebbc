"""One comparison: the call, both outcomes, and what was made of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crossdock.cutover.difference import Difference, differences
from crossdock.cutover.outcome import Outcome
from crossdock.cutover.rules import Moving
from crossdock.tenancy import Scope
from crossdock.transaction.stores import Choice


class Verdict(StrEnum):
    """What a comparison found. The values are columns of `module_comparisons`."""

    SAME = "same"
    DIFFERENT = "different"
    NOISE = "noise"
    """The control differs from itself on the same data: the method must be cleaned, or a value ignored."""
    UNCLEAR = "unclear"
    """The data changed between the two answers, so nothing follows from their difference."""
    DROPPED = "dropped"
    """It was not compared: there was no room, no connection, or no time."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a method of a store, for a scope."""

    choice: Choice
    scope: Scope
    method: str
    arguments: tuple[Any, ...]
    named: dict[str, Any]

    @property
    def module(self) -> str:
        return self.choice.state.module

    def of(self, store: Any) -> Callable[[], Awaitable[Any]]:
        """The same call of another store."""
        return lambda: getattr(store, self.method)(*self.arguments, **self.named)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`control` is the outcome of the module's control, whichever of the two has answered."""

    call: Call
    verdict: Verdict
    control: Outcome | None = None
    candidate: Outcome | None = None
    differences: tuple[Difference, ...] = ()


def found(rules: Moving, call: Call, control: Outcome, candidate: Outcome) -> tuple[Difference, ...]:
    """What differs, under the module's rules."""
    one, other = (_cleaned(rules, call.method, each) for each in (control, candidate))
    return tuple(differences(one, other, lambda path: rules.ignores(call.method, path)))


def _cleaned(rules: Moving, method: str, outcome: Outcome) -> dict[str, Any]:
    if outcome.error is not None:
        return outcome.plain
    return Outcome(rules.cleaned(method, outcome.value), rows=outcome.rows).plain
