"""Which statements have effects that cannot be read from them: the plan says so, and does not call them harmless."""

from collections.abc import Iterator

from postgast import pg_query_pb2 as pg

from crossdock.sql.locks import RULES, is_opaque
from crossdock.sql.statement import TABLE_KINDS, Statement

RUNS_CODE = "it runs code in the server"
CASCADE = "CASCADE, and what depends on it is not known"
NAMES_NONE = "it is for every table, and names none"
NO_RULE = "nothing is known of this kind of statement"

SYSTEM = {"pg_catalog", "information_schema", "pg_temp"}
"""Schemas that hold no table of anybody's traffic."""

HARMLESS = frozenset(
    (
        # rights are rows of the catalogue: the table is locked ACCESS SHARE while they are written, in nobody's way
        *("grant_stmt", "grant_role_stmt", "alter_default_privileges_stmt"),
        # roles belong to the server, not to a table
        *("create_role_stmt", "alter_role_stmt", "alter_role_set_stmt", "drop_role_stmt"),
        # new things, which no table uses yet, and functions, which are looked up anew by each call
        *(
            "create_function_stmt",
            "alter_function_stmt",
            "composite_type_stmt",
            "create_enum_stmt",
            "create_range_stmt",
        ),
        *("create_domain_stmt", "define_stmt", "create_schema_stmt", "create_extension_stmt", "create_cast_stmt"),
        "create_seq_stmt",
        # what says how to find things, or is looked up when it is used
        *("create_op_class_stmt", "create_op_family_stmt", "create_fdw_stmt", "create_foreign_server_stmt"),
        *("create_user_mapping_stmt", "create_event_trig_stmt", "alter_event_trig_stmt", "alter_stats_stmt"),
        # a value more in a list of values
        "alter_enum_stmt",
        # the owner of what is no table: ALTER TABLE ... OWNER TO is an ALTER TABLE
        "alter_owner_stmt",
        # of this session alone
        *("variable_set_stmt", "variable_show_stmt", "discard_stmt", "deallocate_stmt", "transaction_stmt"),
        *("constraints_set_stmt", "close_portal_stmt", "fetch_stmt"),
        # words for who listens
        *("notify_stmt", "listen_stmt", "unlisten_stmt"),
    )
)
"""Kinds of statements that touch the catalogue, or nothing."""

DROPS = TABLE_KINDS | {
    *(pg.OBJECT_INDEX, pg.OBJECT_POLICY, pg.OBJECT_TRIGGER, pg.OBJECT_RULE),  # there are rules for these
    *(pg.OBJECT_SEQUENCE, pg.OBJECT_STATISTIC_EXT),
    # gone from the catalogue alone: without CASCADE PostgreSQL refuses while anything uses them
    *(pg.OBJECT_FUNCTION, pg.OBJECT_PROCEDURE, pg.OBJECT_ROUTINE, pg.OBJECT_AGGREGATE, pg.OBJECT_OPERATOR),
    *(pg.OBJECT_PUBLICATION, pg.OBJECT_COLLATION, pg.OBJECT_EVENT_TRIGGER),
    *(pg.OBJECT_TYPE, pg.OBJECT_DOMAIN, pg.OBJECT_SCHEMA, pg.OBJECT_EXTENSION, pg.OBJECT_CAST),
}


def why_opaque(statement: Statement) -> str | None:
    """Why its locks are not known, or not all of them; None when they are."""
    if is_opaque(statement):
        return RUNS_CODE
    if _cascades(statement):
        return CASCADE
    if _names_none(statement):
        return NAMES_NONE
    return None if _is_known(statement) else NO_RULE


def elsewhere(statement: Statement, schema: str) -> str | None:
    """Why nothing is known of its tables: it names one of another schema. A plan knows what is in its own."""
    others = sorted({name for name in _schemas(statement) if name} - {schema} - SYSTEM)
    return f"it names the schema {others[0]}, and the plan knows {schema} alone" if others else None


def _schemas(statement: Statement) -> Iterator[str]:
    for node in statement.nodes:
        if isinstance(node, pg.RangeVar):
            yield node.schemaname
    if statement.kind == "drop_stmt" and statement.node.remove_type in TABLE_KINDS | {pg.OBJECT_INDEX}:
        for item in statement.node.objects:
            yield from (part.string.sval for part in item.list.items[:-1])


def _cascades(statement: Statement) -> bool:
    node = statement.node
    if statement.kind == "alter_table_stmt":
        return any(item.alter_table_cmd.behavior == pg.DROP_CASCADE for item in node.cmds)
    return statement.kind in ("drop_stmt", "truncate_stmt") and node.behavior == pg.DROP_CASCADE


def _names_none(statement: Statement) -> bool:
    if statement.kind == "vacuum_stmt":
        return not statement.node.rels
    return statement.kind in ("reindex_stmt", "cluster_stmt") and not statement.node.HasField("relation")


def _is_known(statement: Statement) -> bool:
    if statement.kind == "drop_stmt":
        return statement.node.remove_type in DROPS
    if statement.kind == "create_schema_stmt":
        return not statement.node.schema_elts
    return statement.kind in RULES or statement.kind in HARMLESS
