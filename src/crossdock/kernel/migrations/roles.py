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

ROLES = (TENANT_ROLE, PLATFORM_ROLE)
THERE = """
SELECT rolname, array(SELECT pg_get_userbyid(member)::text FROM pg_auth_members m JOIN pg_roles u ON u.oid = m.member
    WHERE m.roleid = r.oid AND m.admin_option AND u.rolcanlogin) AS givers
FROM pg_roles r WHERE rolname = ANY ($1)
"""
"""The roles that are there, with those who may let others become them."""

LOCK = "SELECT pg_advisory_xact_lock(hashtext('crossdock roles'))"


async def ensure_roles(connection: asyncpg.Connection, service_user: str) -> None:
    """Makes the roles, and lets the service's user become them. Raises ConfigurationError without the right to."""
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
            for role in ROLES:
                await _ensure(connection, role, service_user)
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigurationError(
            f"The user of DIRECT_URL may not make the roles {TENANT_ROLE} and {PLATFORM_ROLE}, or not let"
            f" {service_user}, the user of DATABASE_URL, become them ({error}). {await _remedy(connection)}"
        ) from None


async def _remedy(connection: asyncpg.Connection) -> str:
    """What the user of this connection lacks, as SQL, and who can give it."""
    there = await connection.fetch(THERE, ROLES)
    user = await connection.fetchval("SELECT quote_ident(current_user)")
    # Since 16, who has CREATEROLE may give on only what they made themselves, or were given with ADMIN OPTION.
    if len(there) < len(ROLES) or connection.get_server_version() < (16,):
        return f"As a superuser: ALTER ROLE {user} CREATEROLE; then run this again."
    who = " or ".join(["a superuser", *sorted({giver for row in there for giver in row["givers"]})])
    return f"As {who}: GRANT {', '.join(ROLES)} TO {user} WITH ADMIN OPTION; then run this again."


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
