"""What a database consists of, as lines of text from PostgreSQL's catalogue: two are compared line by line."""

from collections.abc import Collection
from dataclasses import dataclass

import asyncpg

from crossdock.models.names import MACHINERY
from tests.world import Server

COLUMNS = """
SELECT c.relname AS table, format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ''))
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype::text = ANY($1)
"""
KEYS = ["p", "u", "f", "x"]
CHECKS = ["c"]

POLICIES = """
SELECT tablename, format('%s %s %s %s USING %s CHECK %s', policyname, permissive, roles, cmd, qual, with_check)
FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT relname, format('row level security %s, forced %s', relrowsecurity, relforcerowsecurity)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
GRANTS = """
SELECT table_name, grantee || ' ' || privilege_type
FROM information_schema.role_table_grants WHERE table_schema = 'public'
"""
TRIGGERS = "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
COMMENTS = """
SELECT objoid::regclass::text, format('%s %s', objsubid, description)
FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid >= 16384
"""
FUNCTIONS = "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
OTHERS = """
SELECT relname, 'kind ' || relkind::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'i')
UNION ALL
SELECT typname, 'type ' || typtype::text FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')
"""

BOOKKEEPING = MACHINERY | {"aerich_id_seq", "crossdock_journal_id_seq", "crossdock_journal_version"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Lines of `table: what is there`, sorted. `shape` is what models say too, `extra` what migrations add to it."""

    shape: list[str]
    extra: list[str]


async def look(server: Server, database: str) -> Catalogue:
    """What is in a database now."""
    connection = await server.connect(database)
    try:
        return await read(connection)
    finally:
        await connection.close()


async def read(connection: asyncpg.Connection) -> Catalogue:
    """Everything in the schema `public`, the tools' version tables included."""

    async def lines(query: str, *arguments: list[str]) -> list[str]:
        return sorted(f"{name}: {what}" for name, what in await connection.fetch(query, *arguments))

    return Catalogue(
        shape=await lines(COLUMNS) + await lines(INDEXES) + await lines(CONSTRAINTS, KEYS),
        extra=await lines(CONSTRAINTS, CHECKS)
        + await lines(POLICIES)
        + await lines(GRANTS)
        + await lines(TRIGGERS)
        + await lines(COMMENTS)
        + await lines(FUNCTIONS)
        + await lines(OTHERS),
    )


def only(lines: Collection[str], tables: Collection[str]) -> list[str]:
    """The lines about these tables."""
    return [line for line in lines if line.split(":")[0] in tables]
