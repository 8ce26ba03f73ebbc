"""What refers to what: the foreign keys that lead to one row share one line, as far as they go the same way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crossdock.schema.diagram.structure import Diagram, Part, Relation, Table
from crossdock.schema.diagram.svg.measures import (
    ARRIVES_FROM_LEFT,
    ARRIVES_FROM_RIGHT,
    HEAD,
    LEAVES_TO_LEFT,
    LEAVES_TO_RIGHT,
    ROW,
)
from crossdock.schema.diagram.svg.stacks import Stack, stacked


@dataclass(frozen=True, slots=True)
class Port:
    """A row of a table. `place` is the column of the page that the table stands in, counted from 0; `column` is the
    table's."""

    place: int
    table: str
    column: int

    def height(self, stacks: Sequence[Stack], within: int) -> int:
        return stacks[self.place].tops[self.table] + HEAD + ROW * self.column + within


@dataclass(frozen=True, slots=True)
class Source:
    """A foreign key, and the row that its line leaves from."""

    port: Port
    table: Table
    relation: Relation


@dataclass(frozen=True, slots=True)
class Net:
    """The foreign keys that lead to one row. `from_right`: they stand in columns of the page that are right of it; the
    others stand left of it, or below and above it, and their line arrives at its left side.

    Gutter 0 is left of the first column of the page, gutter 1 between the first and the second.
    """

    target: Port
    from_right: bool
    sources: tuple[Source, ...]

    @property
    def arrives(self) -> int:
        """The gutter from which the line reaches the target."""
        return self.target.place + self.from_right

    def leaves(self, source: Source) -> int:
        """The gutter that the line of a foreign key leaves into: right of its column if the target is there."""
        return source.port.place + (source.port.place < self.target.place)

    def crossed(self) -> list[int]:
        """The columns of the page that the line passes through, from the target outwards."""
        gutters = [self.leaves(source) for source in self.sources]
        return [*range(self.arrives, max(gutters))] or [*reversed(range(min(gutters), self.arrives))]

    def ends(self, gutter: int, stacks: Sequence[Stack]) -> tuple[list[int], list[int]]:
        """The heights at which the line leaves a gutter to the left, and to the right."""
        crossed = self.crossed()
        left = [stacks[place].passing[self] for place in crossed if place == gutter - 1]
        right = [stacks[place].passing[self] for place in crossed if place == gutter]
        if gutter == self.arrives:
            (left if self.from_right else right).append(self.height(stacks))
        for source in self.sources:
            if self.leaves(source) == gutter:
                (left if source.port.place < gutter else right).append(self.height_of(source, stacks))
        return left, right

    def height(self, stacks: Sequence[Stack]) -> int:
        """Where the line arrives."""
        return self.target.height(stacks, ARRIVES_FROM_RIGHT if self.from_right else ARRIVES_FROM_LEFT)

    def height_of(self, source: Source, stacks: Sequence[Stack]) -> int:
        """Where the line of a foreign key leaves."""
        return source.port.height(
            stacks, LEAVES_TO_RIGHT if self.leaves(source) > source.port.place else LEAVES_TO_LEFT
        )

    def gutters(self) -> list[int]:
        """Those in which the line runs up or down."""
        crossed = self.crossed()
        return sorted({self.arrives, *crossed, *(place + 1 for place in crossed)})


def nets_of(diagram: Diagram, columns: Sequence[Sequence[Part]]) -> list[Net]:
    """In the order of the targets on the page."""
    places = {table.name: at for at, column in enumerate(columns) for part in column for table in part.tables}
    tables = {table.name: table for table in diagram.tables()}
    found: dict[tuple[Port, bool], list[Source]] = {}
    for table, relation in diagram.relations():
        target = tables[relation.target]
        to = Port(places[target.name], target.name, _number(target, relation.target_columns))
        port = Port(places[table.name], table.name, _number(table, relation.columns))
        found.setdefault((to, port.place > to.place), []).append(Source(port, table, relation))
    order = {name: number for number, name in enumerate(tables)}
    nets = [Net(to, from_right, tuple(sources)) for (to, from_right), sources in found.items()]
    return sorted(nets, key=lambda net: (net.target.place, order[net.target.table], net.target.column, net.from_right))


def _number(table: Table, columns: Sequence[str]) -> int:
    """The row of a key's first column."""
    names = [column.name for column in table.columns]
    return next((names.index(name) for name in columns if name in names), 0)


def stacks_of(columns: Sequence[Sequence[Part]], nets: Sequence[Net], top: int) -> list[Stack]:
    """Every column of the page, with room for the lines that pass through it."""
    bare = [stacked(column, top, {}, ()) for column in columns]
    through: list[dict[int, list[Net]]] = [{} for _ in columns]
    for net in nets:
        for place, gap in _gaps(net, bare):
            through[place].setdefault(gap, []).append(net)
    stacks: list[Stack] = []
    for column, lines in zip(columns, through, strict=True):
        before: Mapping[object, int] = stacks[-1].passing if stacks else {}
        stacks.append(stacked(column, top, lines, set(before.values())))
    return stacks


def _gaps(net: Net, bare: Sequence[Stack]) -> Iterator[tuple[int, int]]:
    """Through which gap of each crossed column: the one that takes the line the least up or down."""
    height = net.height(bare)
    for place in net.crossed():
        gaps = bare[place].gaps
        nearest = min(range(len(gaps)), key=lambda gap: abs(gaps[gap] - height))
        height = gaps[nearest]
        yield place, nearest
