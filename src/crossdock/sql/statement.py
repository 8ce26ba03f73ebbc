"""SQL taken apart by PostgreSQL's own parser: statements, and what each does to the tables that it names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

from crossdock.errors import Invalid

TABLE_KINDS = {pg.OBJECT_TABLE, pg.OBJECT_VIEW, pg.OBJECT_MATVIEW}
PARTS_OF_TABLES = {pg.OBJECT_POLICY, pg.OBJECT_TRIGGER, pg.OBJECT_RULE}
"""Named together with the table that they are of."""

OF_THE_SERVER = {
    *("createdb_stmt", "dropdb_stmt", "create_table_space_stmt", "drop_table_space_stmt", "alter_system_stmt"),
    *("create_subscription_stmt", "drop_subscription_stmt"),
}
SAVEPOINTS = {pg.TRANS_STMT_SAVEPOINT, pg.TRANS_STMT_RELEASE, pg.TRANS_STMT_ROLLBACK_TO}
SAME_AGAIN = {
    *("vacuum_stmt", "reindex_stmt", "variable_set_stmt", "comment_stmt", "grant_stmt", "refresh_mat_view_stmt"),
    *("alter_default_privileges_stmt", "truncate_stmt", "constraints_set_stmt"),
}
"""Kinds of statements that can be said twice."""

TEXTS_MAX = 1_024
"""How many texts are kept with their trees, some 10 KB each."""


class NotSql(Invalid):
    """PostgreSQL's parser does not understand this."""


@dataclass(frozen=True)
class Statement:
    """One statement. `node` is the parse tree of libpg_query, `kind` the name of its root, as in `alter_table_stmt`.

    Two are equal when their texts are, for the tree is made of the text.
    """

    text: str
    kind: str
    node: Any = field(compare=False)

    @cached_property
    def nodes(self) -> tuple[Any, ...]:
        """All nodes of the tree, the root first: each rule looks at them, and the walk is most of its work."""
        return tuple(node for _, node in postgast.walk(self.node))

    @property
    def is_concurrent(self) -> bool:
        """Builds, drops or rebuilds an index beside the traffic, in transactions of its own."""
        if self.kind == "reindex_stmt":
            return any(param.def_elem.defname == "concurrently" for param in self.node.params)
        return self.kind in ("index_stmt", "drop_stmt") and bool(self.node.concurrent)

    @property
    def detaches(self) -> tuple[str, str] | None:
        """The table and the partition of DETACH PARTITION ... CONCURRENTLY."""
        for part in self.node.cmds if self.kind == "alter_table_stmt" else ():
            command = part.alter_table_cmd
            named = getattr(command, "def").partition_cmd
            if command.subtype == pg.AT_DetachPartition and named.concurrent:
                return self.node.relation.relname, named.name.relname
        return None

    @property
    def must_stand_alone(self) -> bool:
        """PostgreSQL refuses it inside a transaction."""
        if self.kind == "vacuum_stmt":
            return bool(self.node.is_vacuumcmd)  # ANALYZE goes anywhere
        if self.kind in ("reindex_stmt", "cluster_stmt") and not self.node.HasField("relation"):
            return True  # of every table
        return self.is_concurrent or self.detaches is not None or self.kind in OF_THE_SERVER

    @property
    def ends_transaction(self) -> bool:
        """BEGIN, COMMIT, ROLLBACK, PREPARE TRANSACTION. A savepoint stays inside."""
        return self.kind == "transaction_stmt" and self.node.kind not in SAVEPOINTS

    @property
    def is_repeatable(self) -> bool:
        """Once more after a kill it does nothing, or the same again."""
        node = self.node
        if self.is_concurrent or self.detaches is not None or self.kind in SAME_AGAIN:
            return True
        if self.kind == "alter_table_stmt":
            return all(_repeatable_part(part.alter_table_cmd) for part in node.cmds)
        if self.kind == "insert_stmt":
            return bool(node.HasField("on_conflict_clause"))
        said = ("if_not_exists", "missing_ok", "skip_if_new_val_exists", "replace")
        return any(bool(getattr(node, name, False)) for name in said)

    @property
    def summary(self) -> str:
        """One line of at most 100 characters."""
        line = " ".join(self.text.split())
        return line if len(line) <= 100 else line[:97] + "..."


def statements(sql: str) -> list[Statement]:
    """Raises NotSql with the parser's words."""
    return list(_statements(sql))


@lru_cache(maxsize=TEXTS_MAX)
def _statements(sql: str) -> tuple[Statement, ...]:
    """Nobody changes a tree, so that a text that comes again has the one that was made of it."""
    try:
        parsed = [(text, postgast.parse(text).stmts) for text in postgast.split(sql)]
    except postgast.PgQueryError as error:
        raise NotSql(f"PostgreSQL's parser does not understand this: {error}: {' '.join(sql.split())[:80]}") from None
    return tuple(_statement(text, stmts[0].stmt) for text, stmts in parsed if stmts)


def _statement(text: str, stmt: Any) -> Statement:
    kind = stmt.WhichOneof("node")
    return Statement(text.strip(), kind, getattr(stmt, kind))


def dropped(statement: Statement) -> Iterator[str]:
    """The names that a DROP names: of tables and indexes the last part."""
    for item in statement.node.objects:
        if item.WhichOneof("node") == "list":
            yield item.list.items[-1].string.sval


def tables_of(statement: Statement) -> set[str]:
    """Every table that is named anywhere in it, without its schema."""
    found = {node.relname for node in statement.nodes if isinstance(node, pg.RangeVar)}
    if statement.kind == "drop_stmt" and statement.node.remove_type in TABLE_KINDS:
        found |= set(dropped(statement))
    return found | {table for table in [dropped_from(statement)] if table}


def dropped_from(statement: Statement) -> str | None:
    """The table, view or sequence of a DROP POLICY, TRIGGER or RULE, or of a COMMENT: these name it as a list."""
    node = statement.node
    if statement.kind == "drop_stmt" and node.remove_type in PARTS_OF_TABLES:
        return _names(node.objects[0])[-2]
    if statement.kind == "comment_stmt":
        if node.objtype in TABLE_KINDS | {pg.OBJECT_SEQUENCE}:
            return _names(node.object)[-1]
        if node.objtype == pg.OBJECT_COLUMN:
            return _names(node.object)[-2]
    return None


def _names(item: Any) -> list[str]:
    return [name.string.sval for name in item.list.items]


def _repeatable_part(command: Any) -> bool:
    """Setting what is set already does nothing; IF [NOT] EXISTS says so itself."""
    same_again = {
        pg.AT_ValidateConstraint, pg.AT_SetNotNull, pg.AT_DropNotNull, pg.AT_ColumnDefault, pg.AT_SetStatistics,
        pg.AT_EnableRowSecurity, pg.AT_ForceRowSecurity, pg.AT_SetRelOptions, pg.AT_ResetRelOptions,
    }  # fmt: skip
    return bool(command.missing_ok) or command.subtype in same_again
