"""Rules about transactions: what must not be in one, what must not share one, and what is held for how long."""

from collections.abc import Iterator

from postgast import pg_query_pb2 as pg

from crossdock.kernel.migrations.lint.case import Case
from crossdock.kernel.migrations.lint.finding import Problem
from crossdock.kernel.migrations.lint.reading import Placed
from crossdock.kernel.migrations.lint.rewrites import LATER, standing_alone
from crossdock.kernel.migrations.lint.rows import COPIES
from crossdock.kernel.migrations.lint.shapes import definition, parts
from crossdock.kernel.migrations.preview.locks import is_full, locks_of
from crossdock.kernel.migrations.preview.modes import Mode


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
    yield Problem(what, standing_alone(revision.chain, "it"))


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
    statement = case.statement
    is_copy = statement.kind == "insert_stmt" and not case.node.select_stmt.select_stmt.values_lists
    if statement.kind not in ("update_stmt", "delete_stmt", "merge_stmt") and not is_copy:
        return
    held = sorted({table for placed in _together(case) for table in _held(case, placed)})
    if held and not case.is_new(case.table):
        what = f"The rows are written while this transaction holds a lock that traffic waits for, on {', '.join(held)}."
        yield Problem(what, f"Change the rows {LATER}, in batches where they are many.")


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
        yield "It makes the view again", "REFRESH MATERIALIZED VIEW CONCURRENTLY."
    for part in case.parts():
        if part.subtype in COPIES:
            yield f"{COPIES[part.subtype]} copies the whole table", copied
        if definition(part).constraint.contype == pg.CONSTR_EXCLUSION:
            yield "An exclusion constraint builds its index", copied


def _together(case: Case) -> Iterator[Placed]:
    """The statements before this one that commit with it."""
    if case.at.transaction is not None:
        yield from (placed for placed in case.earlier if placed.transaction == case.at.transaction)
