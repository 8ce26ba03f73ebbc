"""The locks of a statement on tables that it does not name: partitions and children, the other ends of foreign keys,
sequences of columns, what a view reads, the tables of a domain."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from postgast import pg_query_pb2 as pg

from crossdock.sql.cascades import row_locks_behind
from crossdock.sql.key_locks import locks_behind
from crossdock.sql.locks import locks_of
from crossdock.sql.modes import Lock, Mode
from crossdock.sql.present import Present
from crossdock.sql.row_locks import CHANGES, changes
from crossdock.sql.shapes import definition, parts
from crossdock.sql.statement import TABLE_KINDS, Statement, dropped

ALTERS_CHILDREN = {
    *(pg.AT_AddColumn, pg.AT_DropColumn, pg.AT_AlterColumnType, pg.AT_ColumnDefault, pg.AT_SetExpression),
    *(pg.AT_DropExpression, pg.AT_SetNotNull, pg.AT_DropNotNull, pg.AT_SetStatistics, pg.AT_SetStorage),
    *(pg.AT_AddConstraint, pg.AT_DropConstraint, pg.AT_ValidateConstraint),
}
"""Forms of ALTER TABLE that change every table under this one, unless they say ONLY."""

ALTERS_PARTITIONS = ALTERS_CHILDREN | {
    *(pg.AT_EnableTrig, pg.AT_DisableTrig, pg.AT_EnableTrigAll, pg.AT_DisableTrigAll, pg.AT_EnableTrigUser),
    *(pg.AT_DisableTrigUser, pg.AT_EnableAlwaysTrig, pg.AT_EnableReplicaTrig, pg.AT_AlterConstraint),
    *(pg.AT_AddIdentity, pg.AT_SetIdentity, pg.AT_DropIdentity),
}
WITH_CHILDREN = {
    *("select_stmt", "create_table_as_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"),
    *("truncate_stmt", "lock_stmt", "explain_stmt", "declare_cursor_stmt", "prepare_stmt", "vacuum_stmt"),
}
"""Kinds of statements that mean a table with all that stand under it."""
RENAMED_WITH_CHILDREN = {pg.OBJECT_COLUMN, pg.OBJECT_ATTRIBUTE, pg.OBJECT_TABCONSTRAINT}
CHECKS_ROWS = {"C", "O", "V"}
"""ALTER DOMAIN ... ADD CONSTRAINT, SET NOT NULL and VALIDATE CONSTRAINT hold every value against it."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A lock on a table, and the table that it stands under when that is why."""

    lock: Lock
    under: str | None = None


def spread(present: Present, statement: Statement) -> Iterator[Spread]:
    """Every lock that the statement takes."""
    if _is_there_already(present, statement):
        return
    named = (*_named(present, statement), *_of_statistics(present, statement))
    behind = {
        *locks_behind(present, statement),
        *row_locks_behind(present.keys, statement),
        *_of_sequences(present, statement),
        *_of_views(present, statement, named),
        *_of_domains(present, statement),
    }
    only = {node.relname for node in statement.nodes if isinstance(node, pg.RangeVar) and not node.inh}
    for lock in (*named, *sorted(behind)):
        yield Spread(lock)
        table = present.known.table_of(lock.table)
        if table not in only and _goes_down(present, statement, table):
            for below in present.known.family.below(table):
                yield Spread(Lock(below, lock.mode), table)


def _named(present: Present, statement: Statement) -> Iterator[Lock]:
    """An index may be renamed in the words of a table, and is renamed beside the traffic."""
    for lock in locks_of(statement):
        is_index = lock.table in present.known.indexes and not lock.is_index
        if not (statement.kind == "rename_stmt" and is_index):
            yield lock


def _is_there_already(present: Present, statement: Statement) -> bool:
    is_new = statement.kind == "create_stmt" and statement.node.if_not_exists
    return is_new and statement.node.relation.relname in present.known.tables


def _goes_down(present: Present, statement: Statement, table: str) -> bool:
    """Does a lock on this table mean those under it as well?"""
    rule = GOES_DOWN.get(statement.kind)
    return rule is not None and rule(statement, table, table in present.known.family.partitioned)


def _altered(statement: Statement, table: str, is_partitioned: bool) -> bool:
    if table != statement.node.relation.relname:
        return is_partitioned  # the other end of a key
    return any(parts(statement, *(ALTERS_PARTITIONS if is_partitioned else ALTERS_CHILDREN)))


def _made(statement: Statement, table: str, is_partitioned: bool) -> bool:
    """The other end of a key, and not the table that the new one is a part of."""
    return is_partitioned and table not in {item.range_var.relname for item in statement.node.inh_relations}


def _gone(statement: Statement, table: str, is_partitioned: bool) -> bool:
    """Not the table that a partition goes from."""
    is_table = statement.node.remove_type in TABLE_KINDS
    return is_partitioned and (not is_table or table in dropped(statement))


def _meant(statement: Statement, table: str, _: bool) -> bool:
    """An INSERT takes the partition that its row belongs to, and no other."""
    there = [change for change in changes(statement) if change.relation.relname == table]
    return not there or not all(isinstance(change, pg.InsertStmt) for change in there)


GOES_DOWN: Mapping[str, Callable[[Statement, str, bool], bool]] = {
    "alter_table_stmt": _altered,
    "rename_stmt": lambda statement, _, _is: statement.node.rename_type in RENAMED_WITH_CHILDREN,
    "create_stmt": _made,
    "create_trig_stmt": lambda statement, _, is_partitioned: is_partitioned and bool(statement.node.row),
    "drop_stmt": _gone,
    **dict.fromkeys(("index_stmt", "reindex_stmt", "cluster_stmt"), lambda _, _table, is_partitioned: is_partitioned),
    **dict.fromkeys(WITH_CHILDREN, _meant),
}


def _of_statistics(present: Present, statement: Statement) -> Iterator[Lock]:
    if statement.kind == "drop_stmt" and statement.node.remove_type == pg.OBJECT_STATISTIC_EXT:
        for name in dropped(statement):
            if name in present.statistics:
                yield Lock(present.statistics[name], Mode.SHARE_UPDATE_EXCLUSIVE)


def _of_sequences(present: Present, statement: Statement) -> Iterator[Lock]:
    """A column's sequence goes with it, and is changed with its table."""
    whole = set(_changed_with_sequences(statement))
    for table, column, sequence in present.sequences:
        if table in whole:
            yield Lock(sequence, Mode.ACCESS_EXCLUSIVE)
        for part in parts(statement, *OF_THE_COLUMN):
            if (statement.node.relation.relname, part.name) == (table, column):
                yield Lock(sequence, OF_THE_COLUMN[part.subtype])


def _changed_with_sequences(statement: Statement) -> Iterator[str]:
    """The tables whose sequences go, or are changed, as they are."""
    node = statement.node
    if statement.kind == "drop_stmt" and node.remove_type in TABLE_KINDS:
        yield from dropped(statement)
    elif statement.kind == "truncate_stmt" and node.restart_seqs:
        yield from (item.range_var.relname for item in node.relations)
    elif statement.kind == "alter_object_schema_stmt" or any(parts(statement, *OF_THE_TABLE)):
        yield node.relation.relname


OF_THE_TABLE = (pg.AT_SetLogged, pg.AT_SetUnLogged, pg.AT_ChangeOwner)
OF_THE_COLUMN = {
    pg.AT_DropColumn: Mode.ACCESS_EXCLUSIVE,
    pg.AT_DropIdentity: Mode.ACCESS_EXCLUSIVE,
    pg.AT_SetIdentity: Mode.SHARE_ROW_EXCLUSIVE,
}


def _of_views(present: Present, statement: Statement, named: tuple[Lock, ...]) -> Iterator[Lock]:
    """Whoever reads a view reads its tables; LOCK locks them as it locks the view."""
    if statement.kind not in WITH_CHILDREN | {"refresh_mat_view_stmt"}:
        return
    for lock in named:
        is_refreshed = statement.kind == "refresh_mat_view_stmt"
        if is_refreshed or lock.table not in present.materialised:
            mode = lock.mode if statement.kind in ("lock_stmt", *CHANGING) else Mode.ACCESS_SHARE
            yield from (Lock(table, mode) for table in present.read_by(lock.table))


CHANGING = {kind.DESCRIPTOR.name.replace("Stmt", "_stmt").lower() for kind in CHANGES}


def _of_domains(present: Present, statement: Statement) -> Iterator[Lock]:
    node = statement.node
    if statement.kind != "alter_domain_stmt" or node.subtype not in CHECKS_ROWS:
        return
    if not definition(node).constraint.skip_validation:
        name = node.type_name[-1].string.sval
        yield from (Lock(table, Mode.SHARE) for table in present.with_domain(name))
