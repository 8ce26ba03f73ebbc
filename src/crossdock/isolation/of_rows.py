"""Whatever a tenant's statement can read or write is behind row level security."""

from crossdock.isolation.invariant import Invariant, Severity

OF_ROWS = (
    Invariant(
        "row level security",
        Severity.BREACH,
        "SELECT name FROM relation WHERE is_ours AND NOT relrowsecurity AND relkind IN ('r', 'p') ORDER BY 1",
        "{name} has row level security off: every tenant sees and changes every row of it",
        "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;",
        is_in_rules=True,
    ),
    Invariant(
        "row level security",
        Severity.FAULT,
        """
        SELECT name FROM relation r WHERE is_ours AND relrowsecurity
            AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = r.oid) ORDER BY 1
        """,
        "{name} has no policy: nobody but its owner sees a row of it",
        "`crossdock schema check` has the CREATE POLICY of {name}.",
        is_in_rules=True,
    ),
    Invariant(
        "rows beside our tables",
        Severity.FAULT,
        """
        SELECT name, role, string_agg(DISTINCT granted, ', ') AS granted FROM held
        WHERE is_tenant AND relkind IN ('r', 'p', 'm', 'f') AND NOT is_ours AND NOT relrowsecurity
            AND has_schema_privilege((SELECT oid FROM tenant), place, 'USAGE')
        GROUP BY name, role ORDER BY 1, 2
        """,
        "{role} has {granted} on {name}, which has no row level security: all of its rows are every tenant's",
        "REVOKE ALL ON {name} FROM {role};",
    ),
    Invariant(
        "views",
        Severity.FAULT,
        """
        SELECT DISTINCT name FROM held
        WHERE is_tenant AND relkind = 'v' AND has_schema_privilege((SELECT oid FROM tenant), place, 'USAGE')
            AND NOT coalesce((SELECT option_value::bool FROM pg_options_to_table(reloptions)
                              WHERE option_name = 'security_invoker'), false)
        ORDER BY 1
        """,
        "the view {name} reads with its owner's rights, past the policies, and tenants may use it",
        "ALTER VIEW {name} SET (security_invoker = true);",
    ),
)
