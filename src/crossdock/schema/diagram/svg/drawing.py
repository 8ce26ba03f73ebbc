"""Writes a page down as SVG: self-contained, its text as text, with words for whoever does not see it."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from crossdock.schema.diagram.structure import Diagram, Part, Relation, Table
from crossdock.schema.diagram.svg.measures import CHARACTER, HEAD, ROW, height, marks, rows
from crossdock.schema.diagram.svg.nets import Net
from crossdock.schema.diagram.svg.page import Line, Page
from crossdock.schema.diagram.svg.style import hue, style_of

LEGEND = (
    "PK: primary key. FK: foreign key, with its ON DELETE. ?: may be NULL.",
    "A line leads from a foreign key to what it refers to. Fork: many rows. Bar: at most one. Dashed: or none.",
)
LEGEND_WIDTH = 700


def as_svg(diagram: Diagram) -> str:
    """Ends with a newline. The same diagram is the same text."""
    page = Page.of(diagram)
    hues = {part.module: hue(part.number) for part in diagram.parts}
    svg = _sheet(diagram, page)
    for part, place in page.frames():
        _frame(svg, part, hues[part.module], place)
    owners = {table.name: hues[part.module] for part in diagram.parts for table in part.tables}
    for net in page.nets:
        _net(svg, page, net, owners[net.target.table])
    for part, table, corner in page.boxes():
        _box(svg, table, part, hues[part.module], corner)
    indent(svg, space="")
    return tostring(svg, encoding="unicode") + "\n"


def _sheet(diagram: Diagram, page: Page) -> Element:
    wide, high = page.size
    size = {"width": str(max(wide, LEGEND_WIDTH)), "height": str(high)}
    svg = Element("svg", size)
    svg.set("xmlns", "http://www.w3.org/2000/svg")
    svg.set("viewBox", f"0 0 {size['width']} {high}")
    svg.set("role", "graphics-document")  # not `img`, which would hide the text of the tables from a screen reader
    svg.set("aria-label", diagram.title)
    SubElement(svg, "title").text = diagram.title
    SubElement(svg, "desc").text = diagram.description
    SubElement(svg, "style").text = style_of(part.number for part in diagram.parts)
    SubElement(svg, "rect", size).set("class", "page")
    _text(svg, "title", 18, 30, diagram.title)
    for number, line in enumerate(LEGEND):
        _text(svg, "words quiet", 18, 52 + 18 * number, line)
    return svg


def _frame(svg: Element, part: Part, colour: str, place: tuple[int, int, int, int]) -> None:
    x, y, *_ = place
    group = _group(svg, colour)
    SubElement(group, "title").text = f"{part.module}: {part.summary}" if part.summary else part.module
    _rect(group, "frame", place, 8)
    _text(group, "module", x + 12, y + 22, part.module)
    _text(group, "words quiet", x + 12, y + 39, part.owner)


def _box(svg: Element, table: Table, part: Part, colour: str, corner: tuple[int, int, int]) -> None:
    x, y, width = corner
    group = _group(svg, colour)
    group.set("role", "group")
    group.set("aria-label", f"{table.name}, of {part.module}, migrated by {table.migrated_by}")
    _rect(group, "box", (x, y, width, height(table)), 4)
    _rect(group, "head", (x, y, width, HEAD), 4)
    _text(group, "strong", x + 8, y + 16, table.name)
    if table.migrated_by != part.orm.tool:
        _text(group, "quiet", x + width - 8, y + 16, table.migrated_by, at_end=True)
    names = x + 8 + round(marks(table) * CHARACTER)
    for number, row in enumerate(rows(table)):
        line = y + HEAD + ROW * number + 13
        weight = "strong" if "PK" in row.mark else ""
        _text(group, "quiet", x + 8, line, row.mark)
        _text(group, weight if row.kind else "quiet", names, line, row.name)
        _text(group, "quiet", x + width - 8, line, row.kind, at_end=True)


def _net(svg: Element, page: Page, net: Net, colour: str) -> None:
    group = _group(svg, colour)
    trunk = [*page.trunk(net)]
    _path(group, "line", [*trunk, *_bar(trunk[-1], from_end=6)])
    for source in net.sources:
        stub = page.stub(net, source)
        _relation(group, source.table, source.relation, stub)
        SubElement(group, "circle", cx=str(stub[2]), cy=str(stub[3]), r="2").set("class", "dot")


def _relation(group: Element, table: Table, relation: Relation, stub: Line) -> None:
    """One foreign key. A pointer that rests on it shows it in words."""
    end = _bar(stub, from_start=6) if relation.single else _fork(stub)
    own = _group(group, "")
    SubElement(own, "title").text = (
        f"{table.name}.{', '.join(relation.columns)} refers to {relation.target}.{', '.join(relation.target_columns)}:"
        f" {relation.cardinality}, ON DELETE {relation.on_delete}"
    )
    _path(own, "line optional" if relation.optional else "line", [stub])
    _path(own, "line", end)


def _fork(stub: Line) -> list[Line]:
    """Where many rows refer: three prongs, with the line itself."""
    x, y, to, _ = stub
    tip = x + (9 if to > x else -9)
    return [(tip, y, x, y - 4), (tip, y, x, y + 4)]


def _bar(line: Line, *, from_start: int = 0, from_end: int = 0) -> list[Line]:
    """Across a line, near its start or near its end."""
    x, y, to, _ = line
    forward = 1 if to > x else -1
    at = x + forward * from_start if from_start else to - forward * from_end
    return [(at, y - 4, at, y + 4)]


def _group(parent: Element, name: str) -> Element:
    return SubElement(parent, "g", {"class": name} if name else {})


def _rect(parent: Element, name: str, place: tuple[int, int, int, int], radius: int) -> None:
    sizes = zip(("x", "y", "width", "height", "rx"), (*place, radius), strict=True)
    SubElement(parent, "rect", {"class": name} | {key: str(value) for key, value in sizes})


def _path(parent: Element, name: str, lines: Iterable[Line]) -> None:
    SubElement(parent, "path", {"class": name, "d": "".join(f"M{a} {b}L{c} {d}" for a, b, c, d in lines)})


def _text(parent: Element, name: str, x: int, y: int, words: str, *, at_end: bool = False) -> None:
    if words:
        anchor = {"text-anchor": "end"} if at_end else {}
        named = {"class": name} if name else {}
        SubElement(parent, "text", named | {"x": str(x), "y": str(y)} | anchor).text = words
