"""Every table there is, from the catalogue: protected by row level security, and out of reach but for its policies."""

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.models.tables import OWN_TABLES
from crossdock.registry import Registry
from tests.library.rows import tables
from tests.library.scene import Eyes

ROLES = ("crossdock_app", "crossdock_platform")

RULES = {
    "has no row level security": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT relrowsecurity
        AND relname NOT IN ('aerich', 'alembic_version', 'crossdock_version', 'crossdock_journal')""",
    "has no policy": """
        SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND relname NOT IN ('aerich', 'alembic_version', 'crossdock_version', 'crossdock_journal')
        AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)""",
    "has a policy for everybody": """
        SELECT polrelid::regclass::text FROM pg_policy WHERE 0 = ANY(polroles)""",
    "has a policy for somebody else": """
        SELECT polrelid::regclass::text FROM pg_policy, unnest(polroles) AS role
        WHERE role <> 0 AND pg_get_userbyid(role) NOT IN ('crossdock_app', 'crossdock_platform')""",
    "lets a tenant do what no policy decides": """
        SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND grantee = 'crossdock_app' AND NOT EXISTS (
            SELECT FROM pg_policies p WHERE p.tablename = table_name AND p.roles = '{crossdock_app}'
            AND p.cmd IN (privilege_type, 'ALL'))""",
    "shows a tenant everything": """
        SELECT tablename FROM pg_policies WHERE roles = '{crossdock_app}'
        AND coalesce(qual, with_check) NOT LIKE '%current_company_id()%'""",
    "is open to everybody": """
        SELECT table_name FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND grantee = 'PUBLIC'""",
    "is a tool's own and is open to the service": """
        SELECT table_name FROM information_schema.role_table_grants
        WHERE table_name IN ('aerich', 'alembic_version', 'crossdock_version', 'crossdock_journal')
        AND grantee IN ('crossdock_app', 'crossdock_platform')""",
    "belongs to a role that it is to be protected from": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND pg_get_userbyid(relowner) IN ('crossdock_app', 'crossdock_platform')""",
    "looks past the policies, as its owner": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
        AND proname NOT IN ('scope_is_genuine', 'forget_standing')""",  # the latter is a trigger's
}


async def faults(connection: asyncpg.Connection) -> list[str]:
    """What in the schema breaks which rule."""
    return [f"{row[0]} {rule}" for rule, query in RULES.items() for row in await connection.fetch(query)]


async def test_every_table_is_protected(eyes: Eyes) -> None:
    """The schema as it is migrated breaks no rule."""
    assert await faults(eyes.connection) == []


BROKEN = {
    "CREATE TABLE naked (id int)": "naked has no row level security",
    "CREATE TABLE shut (id int); ALTER TABLE shut ENABLE ROW LEVEL SECURITY": "shut has no policy",
    "ALTER TABLE users DISABLE ROW LEVEL SECURITY": "users has no row level security",
    "CREATE POLICY p ON users USING (company_id = current_company_id())": "users has a policy for everybody",
    "CREATE POLICY p ON users TO postgres USING (true)": "users has a policy for somebody else",
    "GRANT SELECT ON refresh_tokens TO crossdock_app": "refresh_tokens SELECT lets a tenant do what no policy decides",
    "DROP POLICY teams_add ON teams": "teams INSERT lets a tenant do what no policy decides",
    "CREATE POLICY p ON users TO crossdock_app USING (true)": "users shows a tenant everything",
    "GRANT DELETE ON users TO PUBLIC": "users is open to everybody",
    "GRANT SELECT ON aerich TO crossdock_platform": "aerich is a tool's own and is open to the service",
    "GRANT CREATE ON SCHEMA public TO crossdock_app; ALTER TABLE users OWNER TO crossdock_app": (
        "users belongs to a role that it is to be protected from"
    ),
    "CREATE VIEW everybody AS SELECT * FROM users": "everybody looks past the policies, as its owner",
    "CREATE FUNCTION all_users() RETURNS SETOF users LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM users'": (
        "all_users looks past the policies, as its owner"
    ),
}


@pytest.mark.parametrize("change", BROKEN)
async def test_each_rule_can_be_broken(eyes: Eyes, change: str) -> None:
    """A schema with this in it would not pass."""
    transaction = eyes.connection.transaction()
    await transaction.start()
    try:
        await eyes.connection.execute(change)
        assert BROKEN[change] in await faults(eyes.connection)
    finally:
        await transaction.rollback()


async def test_the_tables_are_those_of_the_manifests(eyes: Eyes, registry: Registry) -> None:
    """Each table of the database has one owner: a module, or the library. None is left over, none is missing."""
    assert set(await tables(eyes.connection)) == set(registry.owners()) | set(OWN_TABLES)


async def test_the_roles_can_do_nothing_else(eyes: Eyes, settings: Settings) -> None:
    """Neither signs in, owns, inherits or bypasses anything; only their logins become them."""
    rows = await eyes.connection.fetch("SELECT * FROM pg_roles WHERE rolname = ANY($1)", list(ROLES))
    assert {row["rolname"] for row in rows} == set(ROLES)
    rights = ("rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication", "rolbypassrls")
    assert not [(row["rolname"], right) for row in rows for right in rights if row[right]]
    memberships = "SELECT count(*) FROM pg_auth_members WHERE pg_get_userbyid(member) = ANY($1)"
    assert await eyes.value(memberships, list(ROLES)) == 0
    may = {
        login: {role for role in ROLES if await eyes.value("SELECT pg_has_role($1, $2, 'MEMBER')", login, role)}
        for login in (settings.pooled.user, settings.platform.user)
    }
    assert may == {settings.pooled.user: {"crossdock_app"}, settings.platform.user: set(ROLES)}
