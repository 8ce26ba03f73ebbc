"""The two roles that the service's queries run as: neither owns a table, neither bypasses row level security.

Roles belong to the whole server, and go down with no chain: `crossdock migrate up` makes them before it runs either
tool. The legacy chain makes them where they are missing, for whoever runs `aerich` by hand on a new server.
"""

import asyncpg

from crossdock.kernel.errors import ConfigurationError
from crossdock.kernel.tenancy.scope import PLATFORM_ROLE, TENANT_ROLE

CREATE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

LOCK = "SELECT pg_advisory_xact_lock(hashtext('crossdock roles'))"


async def ensure_roles(connection: asyncpg.Connection, service_user: str) -> None:
    """Makes the roles, and lets the service's user become them. Raises ConfigurationError without the right to."""
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
            for role in (TENANT_ROLE, PLATFORM_ROLE):
                await _ensure(connection, role, service_user)
    except asyncpg.InsufficientPrivilegeError as error:
        user = await connection.fetchval("SELECT current_user")
        raise ConfigurationError(
            f"The user of DIRECT_URL may not make the roles {TENANT_ROLE} and {PLATFORM_ROLE} ({error})."
            f" As a superuser: ALTER ROLE {user} CREATEROLE; then run this again."
        ) from None


async def _ensure(connection: asyncpg.Connection, role: str, service_user: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(CREATE.format(role=role))
    # Since 16, who makes a role may not SET ROLE to it by that alone: one user for both lanes needs the grant too.
    kind = "SET" if connection.get_server_version() >= (16,) else "MEMBER"
    if not await connection.fetchval("SELECT pg_has_role($1, $2, $3)", service_user, role, kind):
        await connection.execute(f"GRANT {role} TO {_quoted(service_user)}")


async def ensure_schema(connection: asyncpg.Connection, schema: str) -> None:
    """Makes the schema that the URL names where there is none, and lets the roles look into it."""
    if await connection.fetchval("SELECT to_regnamespace($1)", schema) is None:
        await connection.execute(f"CREATE SCHEMA {_quoted(schema)}")
    if schema != "public":
        await connection.execute(f"GRANT USAGE ON SCHEMA {_quoted(schema)} TO {TENANT_ROLE}, {PLATFORM_ROLE}")


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
