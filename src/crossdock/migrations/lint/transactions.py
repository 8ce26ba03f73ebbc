"""Rules about transactions: what must not be in one, what must not share one, and what is held for how long."""

from collections.abc import Iterator
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

from crossdock.migrations.lint.case import Case
from crossdock.migrations.lint.finding import Problem
from crossdock.migrations.lint.reading import Placed
from crossdock.migrations.lint.rewrites import LATER
from crossdock.migrations.tools.formats import FORMATS
from crossdock.sql.locks import is_full, locks_of
from crossdock.sql.modes import Mode
from crossdock.sql.row_locks import executed
from crossdock.sql.rows import COPIES, is_of_all
from crossdock.sql.shapes import definition, parts


def stand_alone(case: Case) -> Iterator[Problem]:
    """PostgreSQL refuses it inside a transaction: the deployment stops here. Or the file says the one, and does the
    other: a killed run would not know where to go on."""
    revision, is_apart = case.revision, case.at.transaction is None
    if is_apart == revision.stands_alone and (is_apart or not case.statement.must_stand_alone):
        return
    what = "The file says RUN_IN_TRANSACTION = False, and this is in no autocommit_block(): it is in a transaction."
    if is_apart:
        what = "It commits by itself, in an autocommit_block(), and the file does not say RUN_IN_TRANSACTION = False."
    elif case.statement.must_stand_alone:
        what = "PostgreSQL refuses it inside a transaction block, and here it is in one."
    yield Problem(what, FORMATS[revision.tool].stand_alone("it"))


def repeatable(case: Case) -> Iterator[Problem]:
    """After a kill the revision runs once more from its beginning: what was done already fails, or is done twice."""
    if case.revision.stands_alone and not case.statement.is_repeatable:
        what = "This revision commits statement by statement, and after a killed run this one could not run again."
        yield Problem(what, "Write it with IF [NOT] EXISTS or ON CONFLICT, or put it into a revision that is one"
                            " transaction.")  # fmt: skip


def validate_apart(case: Case) -> Iterator[Problem]:
    """VALIDATE reads the whole table while the lock of ADD CONSTRAINT is still held: nobody else gets at it."""
    for part in case.parts(pg.AT_ValidateConstraint):
        if any(_adds(placed, case.table, part.name) for placed in _together(case)):
            what = (
                f"{part.name} is added in the same transaction: while VALIDATE reads all of {case.table}, the lock of"
                " ADD CONSTRAINT is still held."
            )
            yield Problem(what, f"ALTER TABLE {case.table} VALIDATE CONSTRAINT {part.name} {LATER}.")


def _adds(placed: Placed, table: str, name: str) -> bool:
    added = parts(placed.statement, pg.AT_AddConstraint)
    return any(
        definition(part).constraint.conname == name and placed.statement.node.relation.relname == table
        for part in added
    )


def backfill_under_lock(case: Case) -> Iterator[Problem]:
    """The rows are written while an earlier statement's lock is held, until the commit: traffic waits all that time."""
    written = [change.relation.relname for change in executed(case.statement) if _is_of_many(change)]
    held = sorted({table for placed in _together(case) for table in _held(case, placed)})
    if held and any(not case.is_new(table) for table in written):
        what = f"The rows are written while this transaction holds a lock that traffic waits for, on {', '.join(held)}."
        yield Problem(what, f"Change the rows {LATER}, in batches where they are many.")


def _is_of_many(change: Any) -> bool:
    """Not an INSERT of the values that it names."""
    return not isinstance(change, pg.InsertStmt) or not change.select_stmt.select_stmt.values_lists


def unbatched(case: Case) -> Iterator[Problem]:
    """Each changed row stays locked until the commit: whoever writes one of them waits for all of them."""
    for change in executed(case.statement):
        table = change.relation.relname
        if not case.is_new(table) and (is_of_all(change) or _names_no_rows(change)):
            verb = "deletes" if isinstance(change, pg.DeleteStmt) else "changes"
            what = (
                f"It {verb} every row of {table} in one go, or as many as there are: each is locked until the commit."
            )
            yield Problem(
                what,
                "In batches, each a transaction of its own: WHERE id IN (a SELECT of at most 1,000 ids), repeated by a"
                " job until no row is left.",
            )


def _names_no_rows(change: Any) -> bool:
    """A WHERE that only asks for NULL, as that of a copy into a new column does."""
    if not isinstance(change, (pg.UpdateStmt, pg.DeleteStmt)) or not change.HasField("where_clause"):
        return False
    return not any(isinstance(node, (pg.A_Expr, pg.SubLink)) for _, node in postgast.walk(change.where_clause))


def enum_value(case: Case) -> Iterator[Problem]:
    """PostgreSQL refuses to use a value that ADD VALUE has made in the same transaction: the deployment stops here."""
    said = {node.sval.sval for node in case.statement.nodes if isinstance(node, pg.A_Const)}
    for placed in _together(case):
        node = placed.statement.node
        if placed.statement.kind == "alter_enum_stmt" and node.new_val and node.new_val in said:
            what = f"It uses '{node.new_val}', which ADD VALUE makes in the same transaction: PostgreSQL refuses that."
            yield Problem(what, f"ALTER TYPE ... ADD VALUE '{node.new_val}' in a revision of its own, before this one.")


def detached_default(case: Case) -> Iterator[Problem]:
    """PostgreSQL refuses to detach CONCURRENTLY where there is a DEFAULT partition: the deployment stops here."""
    detached = case.statement.detaches
    default = case.before.family.defaults.get(detached[0]) if detached else None
    if detached and default is not None:
        what = f"{detached[0]} has a DEFAULT partition, {default}, and PostgreSQL refuses CONCURRENTLY then."
        yield Problem(what, "DETACH PARTITION without it, in a revision in a transaction: it holds its lock briefly.")


def _held(case: Case, placed: Placed) -> Iterator[str]:
    for lock in locks_of(placed.statement):
        table = case.before.table_of(lock.table)
        if lock.mode >= Mode.SHARE and not case.is_new(table):
            yield table


def long_lock(case: Case) -> Iterator[Problem]:
    """Nobody gets at the table for as long as it takes to copy it, or to build an index of all of it."""
    statement, tables = case.statement, [lock.table for lock in locks_of(case.statement)]
    if statement.kind in ("cluster_stmt", "refresh_mat_view_stmt"):
        tables = [case.table]
    if all(case.is_new(table) for table in tables):
        return
    for what, rewrite in _long_locks(case):
        yield Problem(f"{what} under ACCESS EXCLUSIVE: reads and writes wait until it is done.", rewrite)


def _long_locks(case: Case) -> Iterator[tuple[str, str]]:
    kind, node = case.statement.kind, case.node
    copied = "Make a new table beside it, fill that in batches, and let a release read the new one."
    if kind == "cluster_stmt" or is_full(case.statement):
        yield "It copies the whole table", f"VACUUM without FULL frees the space for new rows. {copied}"
    if kind == "lock_stmt" and node.mode >= Mode.SHARE:
        yield "It holds the table", "Lock single rows, or leave it to each statement to take what it needs."
    if kind == "refresh_mat_view_stmt" and not node.concurrent:
        yield (
            "It makes the view again",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on the view, and rows in it.",
        )
    for part in case.parts():
        if part.subtype in COPIES:
            yield f"{COPIES[part.subtype]} copies the whole table", copied
        if definition(part).constraint.contype == pg.CONSTR_EXCLUSION:
            yield "An exclusion constraint builds its index", copied


def _together(case: Case) -> Iterator[Placed]:
    """The statements before this one that commit with it."""
    if case.at.transaction is not None:
        yield from (placed for placed in case.earlier if placed.transaction == case.at.transaction)
