"""A picture can be read: whatever refers to whatever, nothing lies on anything else, and its words are all there."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.registry import Orm, Registry
from crossdock.schema.diagram.reading import read
from crossdock.schema.diagram.structure import Column, Diagram, Part, Relation, Table
from crossdock.schema.diagram.svg import as_svg
from crossdock.schema.diagram.svg.measures import height
from crossdock.schema.diagram.svg.page import Line, Page
from tests.application import FREIGHT

SVG = "{http://www.w3.org/2000/svg}"
Rectangle = tuple[int, int, int, int]
"""Left, top, right and bottom."""


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """Up to eight modules with up to five tables each, every one of which may refer to any of them, itself too. Two
    foreign keys never share a column."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=8))
    names = [[f"table_{module}_{number}" for number in range(size)] for module, size in enumerate(sizes)]
    every = [name for some in names for name in some]
    parts = []
    for module, some in enumerate(names):
        tables = tuple(_table(name, draw(st.lists(st.sampled_from(every), max_size=4))) for name in some)
        parts.append(Part(f"module_{module}", Orm.TORTOISE, "", tables, module))
    return Diagram("random", tuple(parts))


def _table(name: str, targets: list[str]) -> Table:
    keys = [f"key_{number}" for number in range(len(targets))]
    relations = (
        Relation((key,), target, ("id",), "CASCADE", optional=True, single=False)
        for key, target in zip(keys, targets, strict=True)
    )
    columns = [Column("id", "uuid", nullable=False, primary_key=True)]
    columns += [Column(key, "uuid", nullable=True, primary_key=False) for key in keys]
    return Table(name, "aerich", tuple(columns), tuple(relations))


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314  our own


def boxes(page: Page) -> dict[str, Rectangle]:
    return {table.name: (x, y, x + width, y + height(table)) for _, table, (x, y, width) in page.boxes()}


def frames(page: Page) -> list[Rectangle]:
    return [(x, y, x + width, y + high) for _, (x, y, width, high) in page.frames()]


def lines(page: Page) -> list[list[Line]]:
    """Of each net: the pieces that its foreign keys share, and where each of them leaves."""
    return [[*page.trunk(net), *(page.stub(net, source) for source in net.sources)] for net in page.nets]


def as_rectangle(line: Line) -> Rectangle:
    x, y, to_x, to_y = line
    return min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    """Whether two areas have more than an edge in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def lie_on_each_other(one: Line, other: Line) -> bool:
    """Two lines of the same direction, along a way. To cross, or to touch at an end, is no such thing."""
    a, b = as_rectangle(one), as_rectangle(other)
    across = a[1] == a[3] == b[1] == b[3] and a[0] < b[2] and b[0] < a[2]
    along = a[0] == a[2] == b[0] == b[2] and a[1] < b[3] and b[1] < a[3]
    return across or along


def through_a_box(line: Line, box: Rectangle) -> bool:
    left, top, right, bottom = as_rectangle(line)
    return left < box[2] and right > box[0] and top < box[3] and bottom > box[1]


def faults(page: Page) -> Iterator[str]:
    """What cannot be read in a picture."""
    for one, other in combinations(boxes(page).items(), 2):
        if overlap(one[1], other[1]):
            yield f"{one[0]} lies on {other[0]}"
    yield from ("two modules lie on each other" for pair in combinations(frames(page), 2) if overlap(*pair))
    nets = lines(page)
    for line in (line for net in nets for line in net):
        yield from (f"a line runs through {name}" for name, box in boxes(page).items() if through_a_box(line, box))
        right, bottom = page.size
        if min(line) < 0 or max(line[0], line[2]) > right or max(line[1], line[3]) > bottom:
            yield "a line is off the page"
    for one, other in combinations(nets, 2):
        if any(lie_on_each_other(a, b) for a in one for b in other):
            yield "two lines lie on each other"


def joined(pieces: list[Line]) -> bool:
    """Whether one can go from each piece to each other piece."""
    reached, waiting = [pieces[0]], pieces[1:]
    while waiting:
        near = [piece for piece in waiting if any(_touch(piece, other) for other in reached)]
        if not near:
            return False
        reached += near
        waiting = [piece for piece in waiting if piece not in near]
    return True


def _touch(one: Line, other: Line) -> bool:
    a, b = as_rectangle(one), as_rectangle(other)
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


@settings(max_examples=150, deadline=None)
@given(diagrams())
def test_nothing_lies_on_anything_else(diagram: Diagram) -> None:
    """No table on another, no line through a table or along another line."""
    assert [*faults(Page.of(diagram))] == []


@settings(max_examples=100, deadline=None)
@given(diagrams())
def test_each_foreign_key_is_joined_to_its_target(diagram: Diagram) -> None:
    """From the side of its table, over pieces that meet, to the side of the target; each is drawn once."""
    page = Page.of(diagram)
    there = boxes(page)
    for net, pieces in zip(page.nets, lines(page), strict=True):
        assert joined(pieces)
        x, y = [*page.trunk(net)][-1][2:]
        left, top, right, bottom = there[net.target.table]
        assert x in (left, right) and top < y < bottom
        for source in net.sources:
            x, y, *_ = page.stub(net, source)
            left, top, right, bottom = there[source.table.name]
            assert x in (left, right) and top < y < bottom
    drawn = [(source.table.name, source.relation.columns) for net in page.nets for source in net.sources]
    assert sorted(drawn) == sorted((table.name, relation.columns) for table, relation in diagram.relations())


@settings(max_examples=50, deadline=None)
@given(diagrams())
def test_the_same_diagram_is_the_same_picture(diagram: Diagram) -> None:
    """To the byte."""
    assert as_svg(diagram) == as_svg(diagram)


def test_what_refers_stands_right_of_what_it_refers_to() -> None:
    """In a chain of modules each has a column of its own, in that order, whatever the order of their names."""
    tables = [_table(name, targets) for name, targets in (("c", ["a"]), ("b", ["c"]), ("a", []))]
    parts = tuple(Part(table.name, Orm.TORTOISE, "", (table,)) for table in tables)
    page = Page.of(Diagram("chain", parts))
    assert [[part.module for part in column] for column in page.columns] == [["a"], ["c"], ["b"]]
    assert all(one < other for one, other in pairwise(page.lefts))


@pytest.fixture(scope="module")
async def drawn() -> Diagram:
    """The marketplace's."""
    return await read(Registry.discover(FREIGHT))


async def test_its_words_are_text(drawn: Diagram) -> None:
    """Each module with its owner, each table and each column with its type; the action of a key."""
    said = [element.text for element in parsed(as_svg(drawn)).iter(f"{SVG}text")]
    for part in drawn.parts:
        assert {part.module, part.owner} <= {*said}
        for table in part.tables:
            assert table.name in said
            assert {column.name for column in table.columns} <= {*said}
    assert {"varchar(20)", "timestamptz?", "uuid? set null", "uuid cascade"} <= {*said}


async def test_it_says_what_it_is(drawn: Diagram) -> None:
    """With a title and a description for a screen reader, which gets at the text of the tables as well; and each
    foreign key in a sentence."""
    root = parsed(as_svg(drawn))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and description is not None
    assert (title.text, description.text) == ("The tables of freight, by module", drawn.description)
    assert root.get("role") == "graphics-document"
    sentences = {element.text for element in root.iter(f"{SVG}title")}
    assert "users.boss_id refers to users.id: many to zero or one, ON DELETE SET NULL" in sentences
    assert len(sentences) >= len([*drawn.relations()])


async def test_it_stands_alone_in_light_and_dark(drawn: Diagram) -> None:
    """It fetches nothing, runs nothing, and has colours for both."""
    root = parsed(as_svg(drawn))
    (style,) = root.iter(f"{SVG}style")
    assert "@media (prefers-color-scheme: dark)" in (style.text or "")
    assert "url(" not in (style.text or "") and "@import" not in (style.text or "")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        *("svg", "title", "desc", "style", "g", "rect", "text", "path", "circle")
    }
    assert not [name for element in root.iter() for name in element.attrib if "href" in name or name.startswith("on")]


async def test_a_table_that_another_tool_migrates_says_so(drawn: Diagram) -> None:
    """Beside its name; the module says both."""
    table = Table("gates", "alembic", (Column("id", "uuid", nullable=False, primary_key=True),))
    part = Part("yard", Orm.TORTOISE, "", (table, Table("docks", "aerich", table.columns)))
    said = [element.text for element in parsed(as_svg(Diagram("yard", (part,)))).iter(f"{SVG}text")]
    assert said.count("alembic") == 1
    assert "Tortoise holds the truth, alembic and aerich migrate" in said


def test_names_are_escaped() -> None:
    """Whatever they are."""
    table = Table('<a & "b">', "aerich", (Column("<id>", "uuid", nullable=False, primary_key=True),))
    svg = as_svg(Diagram("odd", (Part("<odd>", Orm.TORTOISE, "", (table,)),)))
    said = {element.text for element in parsed(svg).iter(f"{SVG}text")}
    assert {'<a & "b">', "<id>", "<odd>"} <= said


def test_the_faults_of_a_picture_are_found() -> None:
    """Each check finds what it is for."""
    assert overlap((0, 0, 10, 10), (9, 9, 20, 20)) and not overlap((0, 0, 10, 10), (10, 0, 20, 10))
    assert lie_on_each_other((0, 5, 10, 5), (8, 5, 20, 5)) and not lie_on_each_other((0, 5, 10, 5), (10, 5, 20, 5))
    assert through_a_box((0, 5, 20, 5), (5, 0, 15, 10)) and not through_a_box((0, 5, 5, 5), (5, 0, 15, 10))
    assert joined([(0, 0, 5, 0), (5, 0, 5, 9)]) and not joined([(0, 0, 5, 0), (6, 0, 6, 9)])
