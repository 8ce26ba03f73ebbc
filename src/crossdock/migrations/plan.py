"""Which revisions run, and in which order: each after the one before it in its chain, and after those that it needs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from crossdock.migrations.revision import BrokenChain, Direction, Revision, find

Graph = dict[str, set[str]]
"""Key → the keys of those that must be there before it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One revision, up or down. `is_resumed`: an earlier run was killed in it, or failed. `is_there`: it ran under
    another name, and is only to be written down under this one."""

    revision: Revision
    direction: Direction
    is_resumed: bool = False
    is_there: bool = False


def ordered(revisions: Sequence[Revision]) -> list[Revision]:
    """All chains as one list. Raises BrokenChain when they need each other in a circle, or need what is not there."""
    graph = _graph(revisions)
    by_key = {revision.key: revision for revision in revisions}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " needs ".join(reversed(error.args[1]))
        raise BrokenChain(
            f"These revisions wait for each other: {circle}. Take one `NEEDS` out, or split a revision."
        ) from None
    positions = {revision.key: place for place, revision in enumerate(revisions)}
    result: list[Revision] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=positions.__getitem__)
        result.append(by_key[ready.pop(0)])
        sorter.done(result[-1].key)
    return result


def upward(revisions: Sequence[Revision], applied: Collection[str], target: str | None) -> list[Revision]:
    """What is pending, in order; with a target only that one and what it stands on. `applied` are keys."""
    wanted = {revision.key for revision in revisions}
    if target is not None:
        wanted = _closure(_graph(revisions), find(revisions, target).key)
    return [revision for revision in ordered(revisions) if revision.key in wanted and revision.key not in applied]


def downward(revisions: Sequence[Revision], applied: Collection[str], target: str | None) -> list[Revision]:
    """What is undone, last first: everything; with a target what stands on it, and not itself."""
    wanted = {revision.key for revision in revisions}
    if target is not None:
        kept = find(revisions, target).key
        wanted = _closure(_inverse(_graph(revisions)), kept) - {kept}
    return [revision for revision in reversed(ordered(revisions)) if revision.key in wanted & set(applied)]


def _graph(revisions: Sequence[Revision]) -> Graph:
    graph: Graph = {}
    last: dict[str, str] = {}
    for revision in revisions:
        before = {last[revision.chain]} if revision.chain in last else set()
        graph[revision.key] = before | {_needed(revisions, revision, name) for name in revision.needs}
        last[revision.chain] = revision.key
    return graph


def _needed(revisions: Sequence[Revision], revision: Revision, name: str) -> str:
    found = [other.key for other in revisions if other.is_called(name)]
    if len(found) != 1 or ":" not in name:
        raise BrokenChain(
            f"{revision.key} needs {name}, which is no revision here. Write NEEDS as the chain and the name or number,"
            ' as in ("aerich:2",).'
        )
    return found[0]


def _closure(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    left = [start]
    while left:
        key = left.pop()
        if key not in seen:
            seen.add(key)
            left.extend(graph[key])
    return seen


def _inverse(graph: Graph) -> Graph:
    inverse: Graph = {key: set() for key in graph}
    for key, needs in graph.items():
        for need in needs:
            inverse[need].add(key)
    return inverse


def steps(
    revisions: Iterable[Revision],
    direction: Direction,
    interrupted: Collection[str] = (),
    there: Collection[str] = (),
) -> list[Step]:
    """`interrupted` and `there` are keys."""
    return [Step(each, direction, each.key in interrupted, each.key in there) for each in revisions]
