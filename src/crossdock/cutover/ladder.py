"""The steps of a move, forward and back. Each has its inverse, and a step back is always allowed."""

from dataclasses import dataclass

from crossdock.registry import Orm
from crossdock.stages import ModuleState, Stage

SHARES = (1, 10, 50, 100)
"""Percent of the scopes that the candidate answers for, one after the other."""


@dataclass(frozen=True, slots=True)
class Step:
    """A place on the ladder."""

    stage: Stage
    share: int = 0

    def __str__(self) -> str:
        return f"{self.stage} {self.share} %" if self.stage is Stage.RAMP else str(self.stage)


def ladder(control: Orm) -> tuple[Step, ...]:
    """All steps of a move away from an ORM, but for the hand-over, which is a change of the code."""
    first, last = Step(Stage(control.value)), Step(Stage(control.other.value))
    ramp = (Step(Stage.RAMP, share) for share in SHARES)
    return (first, Step(Stage.SHADOW), Step(Stage.REHEARSE), *ramp, last)


def place(state: ModuleState) -> int:
    """Which step of its ladder a moving module is at."""
    assert state.control is not None
    assert state.stage is not None
    steps = ladder(state.control)
    at = Step(state.stage, state.share if state.stage is Stage.RAMP else 0)
    # A share that is none of ours was set by hand: it counts as the one below, and none at all as the stage before.
    below = (number for number, step in enumerate(steps) if step == at or _is_below(step, at))
    return max(below, default=steps.index(Step(Stage.REHEARSE)))


def _is_below(step: Step, at: Step) -> bool:
    return step.stage is at.stage is Stage.RAMP and step.share <= at.share


def following(state: ModuleState) -> Step | None:
    """The next step forward; None at the end, after which the tables are handed over."""
    assert state.control is not None
    steps, number = ladder(state.control), place(state)
    return steps[number + 1] if number + 1 < len(steps) else None


def preceding(state: ModuleState) -> Step | None:
    """The next step back; None at the beginning."""
    assert state.control is not None
    number = place(state)
    return ladder(state.control)[number - 1] if number else None


def away_from(state: ModuleState) -> Step | None:
    """Where a module steps back to by itself: past the first step at which what has failed is not done any more."""
    if state.stage in (Stage.SHADOW, Stage.REHEARSE):
        return preceding(state)
    return Step(Stage.REHEARSE) if state.stage is Stage.RAMP or state.is_at_candidate else None
