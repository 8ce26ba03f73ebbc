"""What aerich writes for a model or a field that was renamed: a drop and a create, and the rows are gone."""

from collections.abc import Iterator

from postgast import pg_query_pb2 as pg

from crossdock.migrations.lint.finding import Problem
from crossdock.migrations.lint.reading import Reading
from crossdock.sql.known import Column, Known
from crossdock.sql.shapes import definition, parts, type_of
from crossdock.sql.statement import dropped

ALIKE = 2 / 3
"""Which share of the columns of the dropped table the new one has."""


def renamed(reading: Reading, before: Known) -> Iterator[Problem]:
    """The rows of the old table are dropped, and the new one is empty. `before` is what was there before the
    revision."""
    after, gone, made = Known(), list[str](), list[str]()
    for statement in (placed.statement for placed in reading.up.placed):
        after.learn(statement, reading.revision.key)
        if statement.kind == "drop_stmt" and statement.node.remove_type == pg.OBJECT_TABLE:
            gone += [name for name in dropped(statement) if name in before.tables]
        elif statement.kind == "create_stmt":
            made.append(statement.node.relation.relname)
    for old in gone:
        for new in made:
            if new in after.tables and _are_alike(before.tables[old].columns, after.tables[new].columns):
                yield Problem(
                    f"It drops {old} and makes {new} with the same columns: the rows of {old} are gone. aerich writes"
                    " this when a model's class is renamed.",
                    f'Give the model `table = "{old}"` in its Meta, so that the table keeps its name; or write'
                    f" ALTER TABLE {old} RENAME TO {new} by hand.",
                )
    yield from _columns(reading, before)


def _are_alike(old: dict[str, Column], new: dict[str, Column]) -> bool:
    same = [name for name, column in old.items() if name in new and new[name].type == column.type]
    return bool(old) and len(same) >= ALIKE * len(old)


def _columns(reading: Reading, before: Known) -> Iterator[Problem]:
    """The same of a field: one column of a table goes, one of the same type comes."""
    gone, made = dict[str, list[str]](), dict[str, list[tuple[str, str]]]()
    for statement in (placed.statement for placed in reading.up.placed):
        table = statement.node.relation.relname if statement.kind == "alter_table_stmt" else ""
        gone.setdefault(table, []).extend(part.name for part in parts(statement, pg.AT_DropColumn))
        for part in parts(statement, pg.AT_AddColumn):
            column = definition(part).column_def
            made.setdefault(table, []).append((column.colname, type_of(column)[0]))
    for table, names in gone.items():
        for old in names:
            there = before.column(table, old)
            same = [name for name, kind in made.get(table, ()) if there is not None and kind == there.type]
            if same and same != [old]:
                yield Problem(
                    f"It drops {table}.{old} and adds {same[0]} of the same type: what {old} held is gone. aerich"
                    " writes this when a field is renamed.",
                    f'Give the field `source_field = "{old}"`, so that the column keeps its name; or add, copy, and'
                    " drop a release later.",
                )
