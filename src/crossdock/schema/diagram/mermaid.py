"""A diagram as Mermaid's `erDiagram`, in the syntax that GitHub's renderer has: no groups, so each table names its
owner."""

import re
from collections.abc import Iterator

from crossdock.schema.diagram.structure import Column, Diagram, Part, Relation, Table

NOT_IN_A_WORD = re.compile(r"[^A-Za-z0-9_()\[\]-]")
NOT_AT_THE_BEGINNING = re.compile(r"[^A-Za-z_]")
NOT_IN_QUOTES = re.compile(r'["%\\;]|[^\S ]')
"""Mermaid has no escapes: what a name cannot have becomes an underscore."""
KEYWORDS = re.compile(r"[puf]k", re.IGNORECASE)
"""Marks of keys. A column of that name would be read as one."""


def as_mermaid(diagram: Diagram) -> str:
    """Ends with a newline. The same diagram is the same text."""
    return "\n".join(_lines(diagram)) + "\n"


def _lines(diagram: Diagram) -> Iterator[str]:
    yield "erDiagram"
    yield f"    accTitle: {diagram.title}"
    yield f"    accDescr: {diagram.description}"
    for part in diagram.parts:
        yield f"    %% {part.module}: {part.owner}"
        for table in part.tables:
            yield from _table(part, table)
    for table, relation in diagram.relations():
        yield f"    {_relation(table, relation)}"


def _table(part: Part, table: Table) -> Iterator[str]:
    foreign = {name for relation in table.relations for name in relation.columns}
    label = f"{table.name} ({part.module}: {part.orm.value}, {table.migrated_by})"
    yield f"    {_quoted(table.name)}[{_quoted(label)}] {{"
    for column in table.columns:
        yield f"        {_column(column, is_foreign=column.name in foreign)}"
    yield "    }"


def _column(column: Column, *, is_foreign: bool) -> str:
    name = _word(column.name)
    keys = ", ".join(key for key, holds in (("PK", column.primary_key), ("FK", is_foreign)) if holds)
    remarks = [] if name == column.name else [column.name]
    comment = ", ".join(remarks + ["NULL"] * column.nullable)
    return " ".join(filter(None, (_word(column.type), name, keys, comment and _quoted(comment))))


def _relation(table: Table, relation: Relation) -> str:
    many = "|o" if relation.single else "}o"
    one = "o|" if relation.optional else "||"
    label = f"{', '.join(relation.columns)}: ON DELETE {relation.on_delete}"
    return f"{_quoted(table.name)} {many}--{one} {_quoted(relation.target)} : {_quoted(label)}"


def _word(text: str) -> str:
    """As the name or the type of an attribute, which begins with a letter or an underscore."""
    word = NOT_IN_A_WORD.sub("_", text)
    return f"_{word}" if NOT_AT_THE_BEGINNING.match(word) or KEYWORDS.fullmatch(word) else word


def _quoted(text: str) -> str:
    """In quotes always: so no name is one of Mermaid's own words."""
    return '"' + NOT_IN_QUOTES.sub("_", text) + '"'
