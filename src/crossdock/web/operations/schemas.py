"""Modules, their moves and their mismatches in HTTP responses."""

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from crossdock.cutover.gate import Progress
from crossdock.cutover.ladder import following
from crossdock.cutover.tally import Counts
from crossdock.registry import Lane, Module, Orm, Registry
from crossdock.stages import EVERYTHING, ModuleState, Stage
from crossdock.web.schemas import Output, Time

MILLISECOND_US = 1_000


class ComparedMethodOut(Output):
    """One method of a store, compared since the stage began. Times and statements are means of one call."""

    method: str
    same: int
    different: int
    noise: int = Field(description="How often the control differed from itself.")
    unclear: int = Field(description="How often the data changed between the two answers.")
    dropped: int = Field(description="How often there was no room to compare.")
    control_ms: float | None
    candidate_ms: float | None
    control_statements: float | None
    candidate_statements: float | None

    @classmethod
    def of(cls, method: str, counts: Counts) -> "ComparedMethodOut":
        def mean(total: float, of: int = counts.compared) -> float | None:
            return total / of if of else None

        return cls(
            method=method,
            same=counts.same,
            different=counts.different,
            noise=counts.noise,
            unclear=counts.unclear,
            dropped=counts.dropped,
            control_ms=mean(counts.control_us / MILLISECOND_US, counts.timed),
            candidate_ms=mean(counts.candidate_us / MILLISECOND_US, counts.timed),
            control_statements=mean(counts.control_statements),
            candidate_statements=mean(counts.candidate_statements),
        )


class MoveOut(Output):
    """A module, and where it is on its way to the other ORM. One that does not move has no `stage`."""

    module: str
    orm: Orm = Field(description="As the manifest says.")
    tools: list[str] = Field(description="The migration tools of its tables.")
    lane: Lane
    stage: Stage | None
    share: int = Field(description="Percent of the scopes that the candidate answers for, at `ramp`.")
    sample: int = Field(description="Percent of the units of work that are compared.")
    since: Time | None = Field(description="When the stage began.")
    read_only: bool
    reason: str = Field(description="Why its state was changed last.")
    changed_by: str
    changed_at: Time | None
    next: str | None = Field(description="The next step forward.")
    obstacles: list[str] = Field(description="What is in the way of it.")
    methods: list[ComparedMethodOut]

    @classmethod
    def of(cls, module: Module, found: Progress) -> "MoveOut":
        state = found.state
        return cls(
            module=module.name,
            orm=module.orm,
            tools=sorted({module.tool_of(table).tool for table in module.tables}),
            lane=module.lane,
            stage=state.stage,
            share=state.share,
            sample=state.sample,
            since=state.since,
            read_only=state.read_only,
            reason=state.reason,
            changed_by=state.changed_by,
            changed_at=state.changed_at,
            next=_next(state),
            obstacles=list(found.obstacles),
            methods=[ComparedMethodOut.of(method, counts) for method, counts in found.counts.items()],
        )


class MoveList(Output):
    """Every module. `read_only` says whether all of them are, whatever each says of itself, and `reason` why."""

    read_only: bool
    reason: str
    items: list[MoveOut]
    next_cursor: None = Field(description="All are on one page.")

    @classmethod
    def of(cls, registry: Registry, found: Mapping[str, Progress]) -> "MoveList":
        everything = found[EVERYTHING].state
        items = [MoveOut.of(module, found[module.name]) for module in registry]
        return cls(read_only=everything.read_only, reason=everything.reason, items=items, next_cursor=None)


class DifferenceOut(Output):
    """`path` leads from the answer to the value, its parts joined by dots."""

    model_config = ConfigDict(extra="ignore")

    path: str
    control: Any
    candidate: Any


class MismatchOut(Output):
    """A call that the two stores answered differently: for whom, with what, and where the answers differ."""

    number: int = Field(description="For `crossdock move mismatch NUMBER`, which runs it again.")
    module: str
    method: str
    stage: str
    verdict: str
    scope: dict[str, Any]
    arguments: dict[str, Any]
    differences: list[DifferenceOut]
    created_at: Time


class MismatchPage(Output):
    items: list[MismatchOut]
    next_cursor: str | None


def _next(state: ModuleState) -> str | None:
    if state.candidate is None:
        return None
    step = following(state)
    return str(Stage.HANDED_OVER) if step is None else str(step)
