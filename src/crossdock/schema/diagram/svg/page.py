"""A whole page: where each module, table and line of a diagram stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from crossdock.schema.diagram.structure import Diagram, Part, Table
from crossdock.schema.diagram.svg.columns import arranged
from crossdock.schema.diagram.svg.measures import MARGIN, UNIT, title_width, width
from crossdock.schema.diagram.svg.nets import Net, Source, nets_of, stacks_of
from crossdock.schema.diagram.svg.stacks import Stack
from crossdock.schema.diagram.svg.tracks import tracks_of

TRACK = 8
"""Between two lines that run side by side."""
TOP = 84
"""Above the modules: the title, and what the signs mean."""

Line = tuple[int, int, int, int]
"""From x and y to x and y."""


@dataclass(frozen=True, slots=True)
class Page:
    """`lefts` and `widths` are those of the tables in each column of the page."""

    columns: list[list[Part]]
    stacks: list[Stack]
    nets: list[Net]
    tracks: list[list[Net]]
    lefts: list[int]
    widths: list[int]

    @classmethod
    def of(cls, diagram: Diagram) -> "Page":
        columns = arranged(diagram)
        nets = nets_of(diagram, columns)
        stacks = stacks_of(columns, nets, TOP)
        tracks = tracks_of(nets, stacks)
        widths = [max(_widths(column)) for column in columns]
        lefts: list[int] = []
        edge = 0
        for place, wide in enumerate(widths):
            lefts.append(edge + _gutter(tracks[place]))
            edge = lefts[-1] + wide
        return cls(columns, stacks, nets, tracks, lefts, widths)

    @property
    def size(self) -> tuple[int, int]:
        """Its width and height."""
        edge = self.lefts[-1] + self.widths[-1] if self.lefts else 0
        return edge + _gutter(self.tracks[-1]), max((stack.bottom for stack in self.stacks), default=TOP)

    def frames(self) -> Iterator[tuple[Part, tuple[int, int, int, int]]]:
        """Each module with x, y, width and height."""
        for column, stack, left, wide in zip(self.columns, self.stacks, self.lefts, self.widths, strict=True):
            for part in column:
                top, bottom = stack.frames[part.module]
                yield part, (left - MARGIN, top, wide + 2 * MARGIN, bottom - top)

    def boxes(self) -> Iterator[tuple[Part, Table, tuple[int, int, int]]]:
        """Each table with its module, x, y and width."""
        for column, stack, left, wide in zip(self.columns, self.stacks, self.lefts, self.widths, strict=True):
            for part in column:
                for table in part.tables:
                    yield part, table, (left, stack.tops[table.name], wide)

    def trunk(self, net: Net) -> Iterator[Line]:
        """The line that the foreign keys of a net share; the last piece arrives at the target."""
        for gutter in net.gutters():
            left, right = net.ends(gutter, self.stacks)
            heights = [*left, *right]
            if min(heights) < max(heights):
                yield self._track(net, gutter), min(heights), self._track(net, gutter), max(heights)
        for place in net.crossed():
            height = self.stacks[place].passing[net]
            yield self._track(net, place), height, self._track(net, place + 1), height
        height = net.height(self.stacks)
        yield self._track(net, net.arrives), height, self._edge(net.target.place, net.arrives), height

    def stub(self, net: Net, source: Source) -> Line:
        """From a foreign key to the line that it shares."""
        gutter = net.leaves(source)
        height = net.height_of(source, self.stacks)
        return self._edge(source.port.place, gutter), height, self._track(net, gutter), height

    def _edge(self, place: int, gutter: int) -> int:
        """The side of a column's tables that faces a gutter."""
        return self.lefts[place] + (self.widths[place] if gutter > place else 0)

    def _track(self, net: Net, gutter: int) -> int:
        edge = self.lefts[gutter - 1] + self.widths[gutter - 1] if gutter else 0
        return edge + 2 * MARGIN + TRACK * self.tracks[gutter].index(net)


def _widths(column: list[Part]) -> Iterator[int]:
    for part in column:
        yield title_width(part)
        yield from map(width, part.tables)


def _gutter(lines: list[Net]) -> int:
    """The space between the tables of two columns: the frames' margins, and the lines with as much beside them."""
    return 4 * MARGIN + TRACK * max(len(lines) - 1, 0) if lines else 4 * UNIT + MARGIN
