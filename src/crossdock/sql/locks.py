"""The locks that a statement will take, known before it runs: `crossdock migrate plan` shows them.

From PostgreSQL's manual ("Explicit Locking", and the notes of each ALTER TABLE form). A test runs every revision and
holds this against the locks that it really took.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.modes import Lock, Mode
from crossdock.sql.row_locks import WRITES, copied, read, selected, written
from crossdock.sql.statement import TABLE_KINDS, Statement, dropped, dropped_from

ALTER_MODES = {
    pg.AT_ValidateConstraint: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_SetStatistics: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_SetOptions: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_ResetOptions: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_SetRelOptions: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_ResetRelOptions: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_ClusterOn: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_DropCluster: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_AttachPartition: Mode.SHARE_UPDATE_EXCLUSIVE,
    pg.AT_EnableAlwaysTrig: Mode.SHARE_ROW_EXCLUSIVE,
    pg.AT_EnableReplicaTrig: Mode.SHARE_ROW_EXCLUSIVE,
    pg.AT_EnableTrig: Mode.SHARE_ROW_EXCLUSIVE,
    pg.AT_DisableTrig: Mode.SHARE_ROW_EXCLUSIVE,
    pg.AT_EnableTrigAll: Mode.SHARE_ROW_EXCLUSIVE,
    pg.AT_DisableTrigAll: Mode.SHARE_ROW_EXCLUSIVE,
    pg.AT_EnableTrigUser: Mode.SHARE_ROW_EXCLUSIVE,
    pg.AT_DisableTrigUser: Mode.SHARE_ROW_EXCLUSIVE,
}
"""Every other form of ALTER TABLE takes ACCESS EXCLUSIVE."""
SIDE = Mode.SHARE_UPDATE_EXCLUSIVE
"""Beside the traffic."""


@lru_cache(maxsize=4096)
def locks_of(statement: Statement) -> tuple[Lock, ...]:
    """The strongest lock on each table that it names; none where it only touches the catalog (GRANT, CREATE ROLE).

    Kept: several rules of the lint ask it of every statement that came before, for each one that follows.
    """
    strongest: dict[tuple[str, bool], Mode] = {}
    for lock in _all(statement):
        key = (lock.table, lock.is_index)
        strongest[key] = max(lock.mode, strongest.get(key, lock.mode))
    return tuple(Lock(table, mode, is_index) for (table, is_index), mode in strongest.items())


def is_opaque(statement: Statement) -> bool:
    """Runs code that only the server can look into, so that its locks are not known."""
    return statement.kind in ("do_stmt", "call_stmt")


def is_full(statement: Statement) -> bool:
    """VACUUM FULL, which makes the table anew."""
    return statement.kind == "vacuum_stmt" and any(item.def_elem.defname == "full" for item in statement.node.options)


def _all(statement: Statement) -> Iterator[Lock]:
    rule = RULES.get(statement.kind)
    if rule is not None:
        yield from rule(statement)


def _alter_table(statement: Statement) -> Iterator[Lock]:
    node, rule = statement.node, ALTERED.get(statement.node.objtype, _altered_other)
    for item in node.cmds:
        yield from rule(node.relation.relname, item.alter_table_cmd)


def _altered_table(name: str, command: Any) -> Iterator[Lock]:
    named = getattr(command, "def")
    target = command_target(command)
    if target is not None:
        yield Lock(target, Mode.SHARE_ROW_EXCLUSIVE)
    if command.subtype in (pg.AT_AttachPartition, pg.AT_DetachPartition):
        yield Lock(named.partition_cmd.name.relname, Mode.ACCESS_EXCLUSIVE)
    elif command.subtype == pg.AT_AddInherit:
        yield Lock(named.range_var.relname, Mode.SHARE_UPDATE_EXCLUSIVE)
    yield Lock(name, _alter_mode(command))


def _altered_index(name: str, command: Any) -> Iterator[Lock]:
    """Its options and its name are changed beside the traffic; who plans a query looks at every index of a table."""
    if command.subtype == pg.AT_AttachPartition:
        yield Lock(getattr(command, "def").partition_cmd.name.relname, Mode.ACCESS_EXCLUSIVE, is_index=True)
    elif command.subtype == pg.AT_SetTableSpace:
        yield Lock(name, Mode.ACCESS_EXCLUSIVE, is_index=True)


def _altered_other(name: str, _: Any) -> Iterator[Lock]:
    """A view, a sequence."""
    yield Lock(name, Mode.ACCESS_EXCLUSIVE)


ALTERED: Mapping[int, Callable[[str, Any], Iterator[Lock]]] = {
    pg.OBJECT_TABLE: _altered_table,
    pg.OBJECT_MATVIEW: _altered_table,
    pg.OBJECT_INDEX: _altered_index,
    pg.OBJECT_TYPE: lambda *_: iter(()),
}


def command_target(command: Any) -> str | None:
    """The table that a foreign key of this ALTER TABLE points at."""
    part = getattr(command, "def")
    for constraint in [part.constraint, *(item.constraint for item in part.column_def.constraints)]:
        if constraint.contype == pg.CONSTR_FOREIGN:
            return str(constraint.pktable.relname)
    return None


def _alter_mode(command: Any) -> Mode:
    if command.subtype == pg.AT_DetachPartition and getattr(command, "def").partition_cmd.concurrent:
        return SIDE
    is_key = command.subtype == pg.AT_AddConstraint and command_target(command) is not None
    return Mode.SHARE_ROW_EXCLUSIVE if is_key else ALTER_MODES.get(command.subtype, Mode.ACCESS_EXCLUSIVE)


def _create_table(statement: Statement) -> Iterator[Lock]:
    """A partition shuts its parent; whoever inherits from a table, or is made like it, does not."""
    yield Lock(statement.node.relation.relname, Mode.ACCESS_EXCLUSIVE)
    parent = Mode.ACCESS_EXCLUSIVE if statement.node.HasField("partbound") else Mode.SHARE_UPDATE_EXCLUSIVE
    yield from (Lock(item.range_var.relname, parent) for item in statement.node.inh_relations)
    for node in statement.nodes:
        if isinstance(node, pg.Constraint) and node.contype == pg.CONSTR_FOREIGN:
            yield Lock(node.pktable.relname, Mode.SHARE_ROW_EXCLUSIVE)
        elif isinstance(node, pg.TableLikeClause):
            yield Lock(node.relation.relname, Mode.ACCESS_SHARE)


def _create_index(statement: Statement) -> Iterator[Lock]:
    mode = Mode.SHARE_UPDATE_EXCLUSIVE if statement.node.concurrent else Mode.SHARE
    yield Lock(statement.node.relation.relname, mode)


def _drop(statement: Statement) -> Iterator[Lock]:
    node, parent = statement.node, dropped_from(statement)
    if parent is not None:
        yield Lock(parent, Mode.ACCESS_EXCLUSIVE)
    elif node.remove_type in TABLE_KINDS | {pg.OBJECT_SEQUENCE}:
        yield from (Lock(name, Mode.ACCESS_EXCLUSIVE) for name in dropped(statement))
    elif node.remove_type == pg.OBJECT_INDEX:
        mode = Mode.SHARE_UPDATE_EXCLUSIVE if node.concurrent else Mode.ACCESS_EXCLUSIVE
        yield from (Lock(name, mode, is_index=True) for name in dropped(statement))


def _rename(statement: Statement) -> Iterator[Lock]:
    node = statement.node
    if node.HasField("relation") and pg.OBJECT_INDEX not in (node.rename_type, node.relation_type):
        yield Lock(node.relation.relname, Mode.ACCESS_EXCLUSIVE)


def _reindex(statement: Statement) -> Iterator[Lock]:
    mode = Mode.SHARE_UPDATE_EXCLUSIVE if statement.is_concurrent else Mode.SHARE
    if statement.node.HasField("relation"):
        yield Lock(statement.node.relation.relname, mode, statement.node.kind == pg.REINDEX_OBJECT_INDEX)


def _policy(statement: Statement) -> Iterator[Lock]:
    yield Lock(statement.node.table.relname, Mode.ACCESS_EXCLUSIVE)
    yield from read(statement, without=statement.node.table.relname)


def _trigger(statement: Statement) -> Iterator[Lock]:
    yield Lock(statement.node.relation.relname, Mode.SHARE_ROW_EXCLUSIVE)


def _comment(statement: Statement) -> Iterator[Lock]:
    table = dropped_from(statement)
    if table is not None:
        yield Lock(table, Mode.SHARE_UPDATE_EXCLUSIVE)


def _rule(statement: Statement) -> Iterator[Lock]:
    """What it will do is looked up now."""
    yield Lock(statement.node.relation.relname, Mode.ACCESS_EXCLUSIVE)
    yield from written(statement)


def _publication(statement: Statement) -> Iterator[Lock]:
    for item in statement.node.pubobjects:
        table = item.publication_obj_spec.pubtable
        if table.HasField("relation"):
            yield Lock(table.relation.relname, Mode.SHARE_UPDATE_EXCLUSIVE)


def _vacuum(statement: Statement) -> Iterator[Lock]:
    mode = Mode.ACCESS_EXCLUSIVE if is_full(statement) else Mode.SHARE_UPDATE_EXCLUSIVE
    yield from (Lock(item.vacuum_relation.relation.relname, mode) for item in statement.node.rels)


def _shut(statement: Statement) -> Iterator[Lock]:
    """CLUSTER, SET SCHEMA: nobody else gets at the table. Of a function it names none."""
    if statement.node.HasField("relation"):
        yield Lock(statement.node.relation.relname, Mode.ACCESS_EXCLUSIVE)


def _refresh(statement: Statement) -> Iterator[Lock]:
    mode = Mode.EXCLUSIVE if statement.node.concurrent else Mode.ACCESS_EXCLUSIVE
    yield Lock(statement.node.relation.relname, mode)


def _sequence(statement: Statement) -> Iterator[Lock]:
    """Whoever draws from it waits, and that is whoever inserts."""
    yield Lock(statement.node.sequence.relname, Mode.SHARE_ROW_EXCLUSIVE)


def _statistics(statement: Statement) -> Iterator[Lock]:
    yield from (Lock(item.range_var.relname, Mode.SHARE_UPDATE_EXCLUSIVE) for item in statement.node.relations)


def _truncate(statement: Statement) -> Iterator[Lock]:
    yield from (Lock(item.range_var.relname, Mode.ACCESS_EXCLUSIVE) for item in statement.node.relations)


def _lock(statement: Statement) -> Iterator[Lock]:
    yield from (Lock(item.range_var.relname, Mode(statement.node.mode)) for item in statement.node.relations)


def _view(statement: Statement) -> Iterator[Lock]:
    if statement.node.replace:
        yield Lock(statement.node.view.relname, Mode.ACCESS_EXCLUSIVE)
    yield from read(statement, without=statement.node.view.relname)


RULES: Mapping[str, Callable[[Statement], Iterator[Lock]]] = {
    "alter_table_stmt": _alter_table,
    "create_stmt": _create_table,
    "index_stmt": _create_index,
    "drop_stmt": _drop,
    "rename_stmt": _rename,
    "reindex_stmt": _reindex,
    "create_policy_stmt": _policy,
    "alter_policy_stmt": _policy,
    "create_trig_stmt": _trigger,
    "comment_stmt": _comment,
    "vacuum_stmt": _vacuum,
    "truncate_stmt": _truncate,
    "lock_stmt": _lock,
    "view_stmt": _view,
    "cluster_stmt": _shut,
    "rule_stmt": _rule,
    "create_publication_stmt": _publication,
    "alter_publication_stmt": _publication,
    "explain_stmt": written,
    "declare_cursor_stmt": read,
    "prepare_stmt": read,
    "alter_object_schema_stmt": _shut,
    "refresh_mat_view_stmt": _refresh,
    "alter_seq_stmt": _sequence,
    "alter_domain_stmt": lambda _: iter(()),  # it names no table: those with the domain are found in the catalogue
    "create_stats_stmt": _statistics,
    "select_stmt": selected,
    "create_table_as_stmt": selected,
    "copy_stmt": copied,
    **dict.fromkeys(WRITES, written),
}
