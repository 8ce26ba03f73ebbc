"""Which modules stand above each other: a module stands right of those that it refers to."""

from collections.abc import Mapping

from crossdock.schema.diagram.structure import Diagram, Part
from crossdock.schema.diagram.svg.measures import GAP, stacked_height


def arranged(diagram: Diagram) -> list[list[Part]]:
    """The columns of the page from left to right, none higher than the highest module."""
    needs = _needs(diagram)
    limit = max((stacked_height(part) for part in diagram.parts), default=0)
    columns: list[list[Part]] = []
    place: dict[str, int] = {}
    for part in _in_order(diagram.parts, needs):
        first = 1 + max((place[name] for name in needs[part.module] if name in place), default=-1)
        fitting = (each for each in range(first, len(columns)) if _fits(columns[each], part, limit))
        chosen = next(fitting, len(columns))
        if chosen == len(columns):
            columns.append([])
        columns[chosen].append(part)
        place[part.module] = chosen
    return columns


def _needs(diagram: Diagram) -> dict[str, set[str]]:
    """Module → the other modules that its tables refer to."""
    owners = {table.name: part.module for part in diagram.parts for table in part.tables}
    needs: dict[str, set[str]] = {part.module: set() for part in diagram.parts}
    for table, relation in diagram.relations():
        needs[owners[table.name]].add(owners[relation.target])
    return {module: others - {module} for module, others in needs.items()}


def _in_order(parts: tuple[Part, ...], needs: Mapping[str, set[str]]) -> list[Part]:
    """What others refer to comes first. In a circle, the module with the fewest unmet needs."""
    ordered: list[Part] = []
    waiting = list(parts)
    while waiting:
        unmet = {part.module for part in waiting}
        # `min` takes the first of several, so that the order of the registry decides.
        ordered.append(min(waiting, key=lambda part: len(needs[part.module] & unmet)))
        waiting.remove(ordered[-1])
    return ordered


def _fits(column: list[Part], part: Part, limit: int) -> bool:
    return sum(stacked_height(each) + GAP for each in column) + stacked_height(part) <= limit
