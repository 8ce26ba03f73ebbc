"""Rules about who else uses a table: the deployed release, the other chain, and tenants who may not see each other."""

from collections.abc import Iterator, Sequence

from postgast import pg_query_pb2 as pg

from crossdock.migrations.lint.case import Case
from crossdock.migrations.lint.finding import Problem
from crossdock.migrations.lint.reading import Placed
from crossdock.migrations.names import AERICH, ALEMBIC
from crossdock.models.names import AERICH_TABLE, ALEMBIC_TABLE, MACHINERY
from crossdock.sql.locks import is_opaque
from crossdock.sql.shapes import acted_on, functions, made_tables, parts
from crossdock.sql.statement import dropped

OWNED = dict.fromkeys(MACHINERY, "the runner") | {AERICH_TABLE: AERICH, ALEMBIC_TABLE: ALEMBIC}
"""Table of the machinery → whose it is."""


def drop_in_use(case: Case) -> Iterator[Problem]:
    """The release that is deployed while this is applied goes on reading and writing it: its requests fail."""
    if case.statement.kind == "drop_stmt" and case.node.remove_type == pg.OBJECT_TABLE:
        for table in dropped(case.statement):
            if case.uses(table):
                yield _in_use(case, table, f"the table {table}")
    for part in case.parts(pg.AT_DropColumn):
        if case.uses(case.table, part.name):
            yield _in_use(case, case.table, f"{case.table}.{part.name}")


def _in_use(case: Case, table: str, what: str) -> Problem:
    assert case.released is not None
    return Problem(
        f"Release {case.released.version}, which is deployed while this is applied, still uses {what}: its requests"
        " fail.",
        f"1. Take it out of the models of {table} and release that (a column that must be written is made nullable"
        " first); 2. drop it in the release after that one.",
    )


def others_table(case: Case) -> Iterator[Problem]:
    """The other tool does not learn of it: it goes on comparing with a table that is not so any more."""
    for name in sorted(acted_on(case.statement)):
        table = case.before.table_of(name)
        owner = case.owners.get(table)
        if table in MACHINERY:
            what = f"{table} is {OWNED[table]}'s own: changed by hand, nothing runs any more."
            yield Problem(what, "Leave it to the tools.")
        elif owner is not None and owner != case.revision.chain:
            what = f"The {owner} chain owns {table}, and its tool would not know of this."
            yield Problem(what, f"Write it in a revision of the {owner} chain, and let this one need that: NEEDS =.")


def opaque(case: Case) -> Iterator[Problem]:
    """It runs code in the server: what that changes and locks, nobody can tell before."""
    is_call = case.statement.kind == "select_stmt" and functions(case.node) & case.before.functions.keys()
    if is_opaque(case.statement) or is_call:
        what = "It runs code in the server, which the lint cannot look into: its locks and changes are unknown."
        yield Problem(what, "Write the statements themselves.")


def unprotected(case: Case) -> Iterator[Problem]:
    """Without row level security every tenant who has a grant reads every other tenant's rows."""
    for _ in case.parts(pg.AT_DisableRowSecurity):
        what = f"From here on every tenant who may read {case.table} reads everybody's rows."
        yield Problem(what, "Change the policies and leave row level security on: DROP POLICY and CREATE POLICY.")


def unprotected_tables(up: Sequence[Placed], following: Sequence[Placed]) -> Iterator[Problem]:
    """The tables that a revision makes, and neither it nor the next one of its chain protects."""
    made = {table: None for placed in up for table in made_tables(placed.statement) if not _is_view(placed)}
    gone = {name for placed in up if placed.statement.kind == "drop_stmt" for name in dropped_tables(placed)}
    for table in made:
        if table not in gone | MACHINERY and not any(_protects(placed, table) for placed in (*up, *following)):
            what = f"{table} is made, and neither this revision nor the next one enables row level security on it."
            yield Problem(what, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, with policies and grants.")


def _is_view(placed: Placed) -> bool:
    """A materialised one can have no policies."""
    statement = placed.statement
    return statement.kind == "create_table_as_stmt" and statement.node.objtype == pg.OBJECT_MATVIEW


def dropped_tables(placed: Placed) -> Iterator[str]:
    if placed.statement.node.remove_type == pg.OBJECT_TABLE:
        yield from dropped(placed.statement)


def _protects(placed: Placed, table: str) -> bool:
    return any(parts(placed.statement, pg.AT_EnableRowSecurity)) and placed.statement.node.relation.relname == table
