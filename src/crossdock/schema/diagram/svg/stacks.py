"""How high everything stands: a column of the page from top to bottom, and the lines that pass between its tables."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from crossdock.schema.diagram.structure import Part
from crossdock.schema.diagram.svg.measures import GAP, MARGIN, PASSES, TITLE, UNIT, height, whole


@dataclass
class Stack:
    """`frames` are module → top and bottom, `tops` table → top. There is a gap before each table and one at the end;
    `gaps` are their tops, and `passing` are the lines that run through one, with their heights."""

    frames: dict[str, tuple[int, int]] = field(default_factory=dict)
    tops: dict[str, int] = field(default_factory=dict)
    gaps: list[int] = field(default_factory=list)
    passing: dict[Hashable, int] = field(default_factory=dict)
    bottom: int = 0

    def add_gap(self, lines: Sequence[Hashable], taken: Collection[int]) -> None:
        """As high as the lines need that pass through it. `taken` are heights of lines in the column before, which
        would meet these in the space between."""
        self.gaps.append(self.bottom)
        last = self.bottom
        for line in lines:
            last = self.passing[line] = _free(max(last + UNIT, self.bottom + PASSES), taken)
        self.bottom += max(GAP, whole(last - self.bottom) + UNIT)


def stacked(
    parts: Sequence[Part], top: int, through: Mapping[int, Sequence[Hashable]], taken: Collection[int]
) -> Stack:
    """`through` says which lines pass through which gap, by the gap's number."""
    stack = Stack(bottom=top)
    for part in parts:
        stack.add_gap(through.get(len(stack.gaps), ()), taken)
        begin = stack.bottom
        stack.bottom += TITLE
        for place, table in enumerate(part.tables):
            if place:
                stack.add_gap(through.get(len(stack.gaps), ()), taken)
            stack.tops[table.name] = stack.bottom
            stack.bottom += height(table)
        stack.bottom += MARGIN
        stack.frames[part.module] = (begin, stack.bottom)
    stack.add_gap(through.get(len(stack.gaps), ()), taken)
    return stack


def _free(wanted: int, taken: Collection[int]) -> int:
    while wanted in taken:
        wanted += UNIT
    return wanted
