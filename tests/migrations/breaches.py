"""Each way to take isolation apart by hand: what is told of it, and the SQL that is said to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """`change` is a superuser's. `remedy` is what has to be said, to the letter; run, it leaves nothing to say."""

    change: str
    wrong: str
    remedy: str


BREACHES = {
    "roles' attributes": [
        Breach(f"ALTER ROLE {role} {attribute}", f"{role} has {attribute}", f"ALTER ROLE {role} NO{attribute};")
        for role in ("crossdock_app", "crossdock_platform")
        for attribute in ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION")
    ],
    "roles' memberships": [
        Breach(
            "GRANT pg_read_all_data TO crossdock_app",
            "crossdock_app is a member of pg_read_all_data",
            "REVOKE pg_read_all_data FROM crossdock_app{by_superuser};",
        ),
        Breach(
            "GRANT pg_signal_backend TO crossdock_platform",
            "crossdock_platform is a member of pg_signal_backend",
            "REVOKE pg_signal_backend FROM crossdock_platform{by_superuser};",
        ),
    ],
    "sessions' settings": [
        Breach(
            "ALTER ROLE {service} SET crossdock.company_id = 'x'",
            "a session of the service begins with crossdock.company_id set (ALTER ROLE {service})",
            "ALTER ROLE {service} RESET crossdock.company_id;",
        ),
        Breach(
            "ALTER DATABASE {database} SET \"Crossdock\".signature = 'x'",
            "a session of the service begins with Crossdock.signature set (ALTER DATABASE {database})",
            "ALTER DATABASE {database} RESET Crossdock.signature;",
        ),
        Breach(
            "ALTER DATABASE {database} SET session_replication_role = replica",
            "a session of the service begins with session_replication_role set (ALTER DATABASE {database})",
            "ALTER DATABASE {database} RESET session_replication_role;",
        ),
        Breach(
            "ALTER ROLE {service} IN DATABASE {database} SET row_security = off",
            "(ALTER ROLE {service} IN DATABASE {database})",
            "ALTER ROLE {service} IN DATABASE {database} RESET row_security;",
        ),
    ],
    "settings of the server": [
        Breach(
            "GRANT SET ON PARAMETER session_replication_role TO PUBLIC",
            "PUBLIC may SET session_replication_role",
            "REVOKE SET ON PARAMETER session_replication_role FROM PUBLIC;",
        ),
    ],
    "row level security": [
        Breach(
            "ALTER TABLE bids DISABLE ROW LEVEL SECURITY",
            "public.bids has row level security off",
            "ALTER TABLE public.bids ENABLE ROW LEVEL SECURITY;",
        ),
        Breach(
            "DROP POLICY refresh_tokens_platform ON refresh_tokens",
            "public.refresh_tokens has no policy",
            "`crossdock schema check` has the CREATE POLICY of public.refresh_tokens.",
        ),
    ],
    "rows beside our tables": [
        Breach(
            "CREATE SCHEMA attic; CREATE TABLE attic.users AS TABLE users;"
            " GRANT USAGE ON SCHEMA attic TO PUBLIC; GRANT SELECT ON attic.users TO PUBLIC",
            "PUBLIC has SELECT on attic.users, which has no row level security",
            "REVOKE ALL ON attic.users FROM PUBLIC;",
        ),
        Breach(
            'CREATE MATERIALIZED VIEW "All Users" AS TABLE users; GRANT SELECT (email) ON "All Users" TO crossdock_app',
            'crossdock_app has SELECT (email) on public."All Users"',
            'REVOKE ALL ON public."All Users" FROM crossdock_app;',
        ),
        Breach(
            "GRANT SELECT ON aerich TO crossdock_app",
            "crossdock_app has SELECT on public.aerich",
            "REVOKE ALL ON public.aerich FROM crossdock_app;",
        ),
    ],
    "views": [
        Breach(
            "CREATE VIEW everybody AS TABLE users; GRANT SELECT ON everybody TO crossdock_app",
            "the view public.everybody reads with its owner's rights",
            "ALTER VIEW public.everybody SET (security_invoker = true);",
        ),
    ],
    "rights past the policies": [
        Breach(
            "GRANT TRUNCATE, TRIGGER ON bids TO crossdock_app",
            "crossdock_app has TRIGGER, TRUNCATE on public.bids, which no policy limits",
            "REVOKE TRIGGER, TRUNCATE ON public.bids FROM crossdock_app;",
        ),
        Breach(
            "GRANT REFERENCES (id) ON users TO crossdock_app",
            "crossdock_app has REFERENCES (id) on public.users",
            "REVOKE REFERENCES (id) ON public.users FROM crossdock_app;",
        ),
        Breach(
            "GRANT TRUNCATE ON ledger_entries TO crossdock_platform",
            "crossdock_platform has TRUNCATE on public.ledger_entries",
            "REVOKE TRUNCATE ON public.ledger_entries FROM crossdock_platform;",
        ),
    ],
    "rights of everybody": [
        Breach(
            "GRANT SELECT ON users TO PUBLIC",
            "every user of the server has SELECT on public.users",
            "REVOKE SELECT ON public.users FROM PUBLIC;",
        ),
    ],
    "rights to give on": [
        Breach(
            "GRANT SELECT ON users TO crossdock_platform WITH GRANT OPTION",
            "crossdock_platform may give SELECT on public.users to others",
            "REVOKE GRANT OPTION FOR SELECT ON public.users FROM crossdock_platform CASCADE;",
        ),
    ],
    "default privileges": [
        Breach(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT TRUNCATE, SELECT ON TABLES"
            " TO crossdock_app",
            "crossdock_app gets SELECT, TRUNCATE on all TABLES that {owner} makes IN SCHEMA public",
            "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public REVOKE SELECT, TRUNCATE ON TABLES"
            " FROM crossdock_app;",
        ),
        Breach(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO PUBLIC",
            "PUBLIC gets SELECT on all TABLES that {owner} makes",
            "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE SELECT ON TABLES FROM PUBLIC;",
        ),
    ],
    "rights to make things": [
        Breach(
            "GRANT CREATE ON SCHEMA public TO PUBLIC",
            "PUBLIC may make things in SCHEMA public",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC;",
        ),
        Breach(
            "CREATE SCHEMA attic; GRANT CREATE ON SCHEMA attic TO crossdock_app",
            "crossdock_app may make things in SCHEMA attic",
            "REVOKE CREATE ON SCHEMA attic FROM crossdock_app;",
        ),
        Breach(
            "GRANT CREATE ON DATABASE {database} TO crossdock_platform",
            "crossdock_platform may make things in DATABASE {database}",
            "REVOKE CREATE ON DATABASE {database} FROM crossdock_platform;",
        ),
    ],
    "functions with their owner's rights": [
        Breach(
            "CREATE FUNCTION all_users() RETURNS SETOF users LANGUAGE sql SECURITY DEFINER AS 'TABLE users'",
            "a tenant's statement may call public.all_users(), which runs as {superuser} (SECURITY DEFINER)",
            "REVOKE EXECUTE ON ROUTINE public.all_users() FROM PUBLIC, crossdock_app;",
        ),
        Breach(
            "ALTER FUNCTION current_company_id() SECURITY DEFINER",
            "public.current_company_id() runs as its owner (SECURITY DEFINER)",
            "ALTER ROUTINE public.current_company_id() SET search_path = public, pg_temp;",
        ),
    ],
    "owners": [
        Breach(
            "ALTER TABLE bids OWNER TO crossdock_app",
            "crossdock_app owns TABLE public.bids",
            "ALTER TABLE public.bids OWNER TO {owner};",
        ),
        Breach(
            "ALTER FUNCTION current_company_id() OWNER TO crossdock_platform",
            "crossdock_platform owns ROUTINE public.current_company_id()",
            "ALTER ROUTINE public.current_company_id() OWNER TO {owner};",
        ),
        Breach(
            "CREATE SCHEMA attic AUTHORIZATION crossdock_app",
            "crossdock_app owns SCHEMA attic",
            "ALTER SCHEMA attic OWNER TO {owner};",
        ),
        Breach(
            "ALTER TABLE bids OWNER TO {superuser}",
            "TABLE public.bids belongs to {superuser}",
            "ALTER TABLE public.bids OWNER TO {owner};",
        ),
        Breach(
            "ALTER TABLE crossdock_journal OWNER TO {service}",
            "TABLE public.crossdock_journal belongs to {service}",
            "ALTER TABLE public.crossdock_journal OWNER TO {owner};",
        ),
    ],
    "tenants' login": [
        Breach("GRANT crossdock_platform TO {service}", "{service}, which tenants' statements sign in as", "Give the"),
    ],
    "temporary tables": [
        Breach(
            "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC",
            "PUBLIC may make temporary tables in {database}",
            "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;",
        ),
    ],
    "service user": [
        Breach("ALTER ROLE {service} SUPERUSER", "{service} is a superuser", "It works, and"),
        Breach("ALTER ROLE {service} BYPASSRLS", "{service} bypasses row level security", "It works, and"),
        Breach("ALTER TABLE bids OWNER TO {service}", "{service} owns 1 of our tables", "It works, and"),
        Breach("GRANT {owner} TO {service}", "{service} is a member of {owner}", "It works, and"),
    ],
}
"""By the name of the invariant."""
