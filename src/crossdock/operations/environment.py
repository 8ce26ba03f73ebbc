"""The mark of a production database: it stays with the database, so that no demo data gets into it.

The mark is a comment on alembic's version table, or on the journal of the migrations where there is no such table:
whoever migrates owns both, neither tool compares them, and a backup carries them along. (A setting of the database
itself would need a superuser.)
"""

import asyncpg

from crossdock.models.names import ALEMBIC_TABLE, JOURNAL_TABLE

MARK = "crossdock environment: production"
TABLES = (ALEMBIC_TABLE, JOURNAL_TABLE)
READ = "SELECT true FROM unnest($1::text[]) AS name WHERE obj_description(to_regclass(name), 'pg_class') = $2 LIMIT 1"


async def is_production(connection: asyncpg.Connection) -> bool:
    """True when the service has run here, or migrated, with CROSSDOCK_ENVIRONMENT=production."""
    return bool(await connection.fetchval(READ, TABLES, MARK))


async def mark_production(connection: asyncpg.Connection) -> bool:
    """Marks the database. False where it cannot be: it is not migrated yet, or its tables belong to another user."""
    if await is_production(connection):
        return True
    for table in TABLES:
        try:
            await connection.execute(f"COMMENT ON TABLE {table} IS '{MARK}'")
        except asyncpg.UndefinedTableError:
            continue
        except asyncpg.InsufficientPrivilegeError:
            return False
        return True
    return False
