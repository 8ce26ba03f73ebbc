"""Which environment a database belongs to: a mark that stays with it, so that no demo data gets into production.

The mark is a comment on alembic's version table: whoever migrates owns that table, neither tool compares it, and a
backup carries it along. (A setting of the database itself would need a superuser.)
"""

import asyncpg

MARK = "crossdock environment: production"
READ = "SELECT obj_description(to_regclass('alembic_version'), 'pg_class')"


async def is_production(connection: asyncpg.Connection) -> bool:
    """True when the service has run here, or migrated, with CROSSDOCK_ENVIRONMENT=production."""
    return bool(await connection.fetchval(READ) == MARK)


async def mark_production(connection: asyncpg.Connection) -> bool:
    """Marks the database. False where it cannot be: it is not migrated yet, or its tables belong to another user."""
    if await is_production(connection):
        return True
    try:
        await connection.execute(f"COMMENT ON TABLE alembic_version IS '{MARK}'")
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        return False
    return True
