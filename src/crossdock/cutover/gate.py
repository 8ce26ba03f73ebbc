"""Whether a module may take a step forward, and if not, what is in the way."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from crossdock.config.settings import MoveSettings
from crossdock.cutover.changes import Fetch
from crossdock.cutover.release import missing, remarks
from crossdock.cutover.tally import Counts
from crossdock.models.tables import COUNTS
from crossdock.registry import Module, Registry
from crossdock.stages import ModuleState, Stage

READ = f"""
SELECT coalesce(jsonb_agg(jsonb_build_object('method', method, {", ".join(f"'{name}', {name}" for name in COUNTS)})),
    '[]') AS counts FROM module_comparisons WHERE module = $1 AND since = $2
"""  # noqa: S608  columns of our own
MILLISECOND_US = 1_000


def several(number: int, word: str) -> str:
    """As in `1 call`, `2 calls`, `2 mismatches`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}{'es' if word.endswith('ch') else 's'}"


def was(number: int) -> str:
    return "was" if number == 1 else "were"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a module is on its path: `counts` are those of its stage, by method. `remarks` say where this release and
    the stage do not fit together."""

    state: ModuleState
    counts: Mapping[str, Counts]
    obstacles: tuple[str, ...]
    remarks: tuple[str, ...] = ()


async def progress(
    fetchrow: Fetch, registry: Registry, state: ModuleState, limits: MoveSettings, now: datetime
) -> Progress:
    """What was counted at the stage, and what is in the way of the next step."""
    counts = await read_counts(fetchrow, state)
    in_the_way = tuple(obstacles(registry, state, counts, limits, now))
    return Progress(state, counts, in_the_way, tuple(remarks(registry, state)))


async def read_counts(fetchrow: Fetch, state: ModuleState) -> dict[str, Counts]:
    """Method → its counts at this stage, of all processes."""
    row = await fetchrow(READ, state.module, state.since)
    rows: list[dict[str, Any]] = orjson.loads(row["counts"])
    return {each.pop("method"): Counts(**each) for each in rows}


def obstacles(
    registry: Registry, state: ModuleState, counts: Mapping[str, Counts], limits: MoveSettings, now: datetime
) -> Iterator[str]:
    """A sentence for each; none where the next step may be taken."""
    if state.candidate is not None and (absent := missing(registry, registry.modules[state.module])):
        yield f"This release has no store_{absent[0]}.py of {state.module}: take the step with one that has both."
    if not state.is_compared:
        return
    if state.since is None:  # nothing is counted without it
        yield (
            "Nobody knows since when it is at this stage: its row was changed by hand."
            f" Take a step back and one forward (`crossdock move back {state.module}`)."
        )
        return
    age_s = (now - state.since).total_seconds()
    if age_s < 0:
        yield (
            f"It came to this stage {-age_s:.0f} s after now:"
            " the clock of this machine is late, or that of the one that took the step was early."
        )
    elif age_s < limits.stage_min_s:
        yield f"It has been at this stage for {age_s:.0f} s, of {limits.stage_min_s:.0f} s that it has to be."
    module = registry.modules[state.module]
    wanted = methods(registry, module, state.stage)
    for method in wanted:
        yield from _too_few(module.name, method, counts.get(method, Counts()), limits)
    for method in sorted({*wanted, *counts}):
        yield from _wrong(module.name, method, counts.get(method, Counts()))
        yield from _slower(module.name, method, counts.get(method, Counts()), limits)


def _too_few(module: str, method: str, counts: Counts, limits: MoveSettings) -> Iterator[str]:
    if counts.same < limits.comparisons_min:
        agreed = f"{several(counts.same, 'call')} of it agreed" if counts.compared else "no call of it was compared"
        yield f"{method}: {agreed}, of {limits.comparisons_min} that have to (`crossdock move exercise {module}`)."
        if counts.unclear:
            # Others wrote meanwhile; where it is so always, the control makes a time or a random value by itself.
            yield (
                f"{method}: {several(counts.unclear, 'call')} of it {was(counts.unclear)} unclear."
                " What the control makes itself, moving.py may ignore."
            )
        if counts.dropped:
            yield (
                f"{method}: {several(counts.dropped, 'call')} of it {was(counts.dropped)} dropped: there was no room,"
                " no connection or no time, or its arguments cannot be copied."
            )


def _wrong(module: str, method: str, counts: Counts) -> Iterator[str]:
    if counts.different:
        yield f"{method}: {several(counts.different, 'mismatch')} (`crossdock move mismatches {module}`)."
    if counts.noise:
        times = several(counts.noise, "time")
        yield f"{method}: the control differed from itself {times}: clean it, or ignore what differs."


def _slower(module: str, method: str, counts: Counts, limits: MoveSettings) -> Iterator[str]:
    if counts.compared < limits.comparisons_min:
        return  # the first calls of a method compile its statements: a few say nothing about its time
    yield from _takes_longer(module, method, counts, limits)
    if counts.candidate_statements > counts.control_statements * limits.statements_max:
        yield (
            f"{method}: the candidate sends {counts.candidate_statements / counts.compared:.1f} statements a call,"
            f" the control {counts.control_statements / counts.compared:.1f},"
            f" and {limits.statements_max:g} times the control's are allowed (CROSSDOCK_MOVES__STATEMENTS_MAX)."
        )
    if counts.control_statements and not counts.candidate_statements:
        yield f"{method}: the candidate sends no statement in its unit of work, so it has its answers from elsewhere."


def _takes_longer(module: str, method: str, counts: Counts, limits: MoveSettings) -> Iterator[str]:
    if counts.timed < limits.comparisons_min:
        if counts.same >= limits.comparisons_min:  # else too few agreed, which is said, and what differs is not timed
            yield (
                f"{method}: {several(counts.timed, 'call')} of it {was(counts.timed)} timed,"
                f" of {limits.comparisons_min} that have to:"
                f" others waited for a lock, which says nothing about a store (`crossdock move exercise {module}`)."
            )
        return
    control, candidate = (us / counts.timed / MILLISECOND_US for us in (counts.control_us, counts.candidate_us))
    if candidate > control * limits.slower_max:
        yield (
            f"{method}: the candidate takes {candidate:.2f} ms, the control {control:.2f} ms,"
            f" and {limits.slower_max:g} times as long is allowed."
        )


def methods(registry: Registry, module: Module, stage: Stage | None) -> list[str]:
    """The methods that have to be compared at a stage: the reads of the contract at SHADOW, from then on all."""
    if module.store is None:
        return []
    stem = module.store.removesuffix("Store")
    contract = registry.load(module, f"store:{stem}Reads" if stage is Stage.SHADOW else f"store:{module.store}")
    return sorted(
        name for name, method in inspect.getmembers(contract, inspect.iscoroutinefunction) if not name.startswith("_")
    )
