"""One comparison: the call, both outcomes, and what was made of them."""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from crossdock.cutover.difference import Difference, differences
from crossdock.cutover.outcome import Outcome
from crossdock.cutover.rules import Moving
from crossdock.documents import Document
from crossdock.registry import Orm
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
        """The same call of a store."""
        return lambda: getattr(store, self.method)(*self.arguments, **self.named)

    def copied(self) -> "Call | None":
        """With arguments of its own: what a caller or a store does to a list later is not what this call is given.

        None where they cannot be copied, as a generator: whichever store comes first would use it up.
        """
        try:
            arguments, named = deepcopy((self.arguments, self.named))
        except Exception:
            return None
        return replace(self, arguments=arguments, named=named)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`control` is the outcome of the module's control, whichever of the two has answered. `is_timed`: their times were
    taken alike, and count."""

    call: Call
    verdict: Verdict
    control: Outcome | None = None
    candidate: Outcome | None = None
    differences: tuple[Difference, ...] = ()
    is_timed: bool = True


def found(rules: Moving, call: Call, control: Outcome, candidate: Outcome) -> tuple[Difference, ...]:
    """What differs, under the module's rules. An answer that cannot be looked at, as JSON that is broken, differs."""
    if _are_one_document(control, candidate):
        return ()
    try:
        one, other = (_cleaned(rules, call.method, each) for each in (control, candidate))
    except Exception as error:
        return (Difference("", "", f"{type(error).__name__}: {error}"),)

    def is_none(each: Difference) -> bool:
        return rules.ignores(call.method, each.path) or _is_one_number(each, call.choice.state.control)

    return tuple(differences(one, other, is_none))


def _are_one_document(control: Outcome, candidate: Outcome) -> bool:
    """Most reads are documents, and most of them agree to the byte: to parse both costs more than to read one."""
    both = (control, candidate)
    if not all(each.error is None and each.rows is None and isinstance(each.value, Document) for each in both):
        return False
    return bool(control.value == candidate.value)


def _cleaned(rules: Moving, method: str, outcome: Outcome) -> dict[str, Any]:
    if outcome.error is not None:
        return outcome.plain
    return replace(outcome, value=rules.cleaned(method, outcome.value)).plain


def _is_one_number(difference: Difference, control: Orm | None) -> bool:
    """In a document PostgreSQL writes the float 52 where Python writes 52.0. The other way round it is no float: there
    an amount has become one."""
    pair = (difference.control, difference.candidate)
    of_python, of_postgresql = pair if control is Orm.TORTOISE else pair[::-1]
    return isinstance(of_python, float) and type(of_postgresql) is int and of_python == of_postgresql
