"""The two roles that the service's queries run as: neither owns a table, neither bypasses row level security.

Roles belong to the whole server, and go down with no chain: `crossdock migrate up` makes them before it runs either
tool. A chain of aerich's may make them where they are missing, for whoever runs `aerich` by hand on a new server.
"""

from collections.abc import Sequence

import asyncpg

from crossdock.errors import ConfigurationError
from crossdock.sql.quoting import quoted
from crossdock.tenancy import Tenancy

CREATE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""

THERE = """
SELECT rolname, array(SELECT pg_get_userbyid(member)::text FROM pg_auth_members m JOIN pg_roles u ON u.oid = m.member
    WHERE m.roleid = r.oid AND m.admin_option AND u.rolcanlogin) AS givers
FROM pg_roles r WHERE rolname = ANY ($1)
"""
"""The roles that are there, with those who may let others become them."""

LOCK = "SELECT pg_advisory_xact_lock(hashtext('crossdock roles'))"


async def ensure_roles(
    connection: asyncpg.Connection, tenancy: Tenancy, tenants_login: str, platform_login: str
) -> None:
    """Makes the roles, and lets the logins become them: the tenants' the tenants' role, the platform's both.

    They may be one. Raises ConfigurationError without the right to.
    """
    try:
        async with connection.transaction():
            await connection.execute(LOCK)
            for role in tenancy.roles:
                await _ensure(connection, role)
            for login, role in _memberships(tenancy, tenants_login, platform_login):
                await _let_become(connection, login, role)
    except asyncpg.InsufficientPrivilegeError as error:
        raise ConfigurationError(
            f"The user of DIRECT_URL may not make the roles {' and '.join(tenancy.roles)}, or not let"
            f" {tenants_login} and {platform_login} become them ({error}). {await _remedy(connection, tenancy.roles)}"
        ) from None


async def _remedy(connection: asyncpg.Connection, roles: Sequence[str]) -> str:
    """What the user of this connection lacks, as SQL, and who can give it."""
    there = await connection.fetch(THERE, roles)
    user = await connection.fetchval("SELECT quote_ident(current_user)")
    # Since 16, who has CREATEROLE may give on only what they made themselves, or were given with ADMIN OPTION.
    if len(there) < len(roles) or connection.get_server_version() < (16,):
        return f"As a superuser: ALTER ROLE {user} CREATEROLE; then run this again."
    who = " or ".join(["a superuser", *sorted({giver for row in there for giver in row["givers"]})])
    return f"As {who}: GRANT {', '.join(roles)} TO {user} WITH ADMIN OPTION; then run this again."


def _memberships(tenancy: Tenancy, tenants_login: str, platform_login: str) -> list[tuple[str, str]]:
    of_tenants = [tenancy.tenant_role] if tenancy.tenant_role else []
    return [(tenants_login, role) for role in of_tenants] + [(platform_login, role) for role in tenancy.roles]


async def _ensure(connection: asyncpg.Connection, role: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(CREATE.format(role=role))


async def _let_become(connection: asyncpg.Connection, login: str, role: str) -> None:
    # Since 16, who makes a role may not SET ROLE to it by that alone: one user for both lanes needs the grant too.
    kind = "SET" if connection.get_server_version() >= (16,) else "MEMBER"
    if not await connection.fetchval("SELECT pg_has_role($1, $2, $3)", login, role, kind):
        await connection.execute(f"GRANT {role} TO {quoted(login)}")


async def ensure_schema(connection: asyncpg.Connection, schema: str, roles: Sequence[str]) -> None:
    """Makes the schema that the URL names where there is none, and lets the roles look into it."""
    if await connection.fetchval("SELECT to_regnamespace($1)", schema) is None:
        await connection.execute(f"CREATE SCHEMA {quoted(schema)}")
    if schema != "public" and roles:
        await connection.execute(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {', '.join(roles)}")


async def refuse_temporary_tables(connection: asyncpg.Connection) -> None:
    """Takes the right to them from everybody, where this user may: one of a tenant's would hide ours from the next.

    PostgreSQL gives it with each new database. Where it is left, `crossdock doctor` says so.
    """
    owns = "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    if await connection.fetchval(owns):
        database = await connection.fetchval("SELECT quote_ident(current_database())")
        await connection.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
