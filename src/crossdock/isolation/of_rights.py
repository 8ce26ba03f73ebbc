"""Rights that policies say nothing about: to empty a table, to make things, to run as somebody else, to own."""

from crossdock.isolation.invariant import Invariant, Severity

OF_RIGHTS = (
    Invariant(
        "rights past the policies",
        Severity.BREACH,
        """
        SELECT name, role, string_agg(granted, ', ' ORDER BY granted) AS granted FROM held
        WHERE is_ours AND privilege NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') GROUP BY 1, 2 ORDER BY 1, 2
        """,
        "{role} has {granted} on {name}, which no policy limits",
        "REVOKE {granted} ON {name} FROM {role};",
        is_in_rules=True,
    ),
    Invariant(
        "rights of everybody",
        Severity.FAULT,
        """
        SELECT name, role, string_agg(granted, ', ' ORDER BY granted) AS granted FROM held
        WHERE is_ours AND role = 'PUBLIC' AND privilege IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
        GROUP BY 1, 2 ORDER BY 1
        """,
        "every user of the server has {granted} on {name}",
        "REVOKE {granted} ON {name} FROM {role};",
        is_in_rules=True,
    ),
    Invariant(
        "rights to give on",
        Severity.FAULT,
        """
        SELECT name, role, string_agg(granted, ', ' ORDER BY granted) AS granted FROM held
        WHERE is_ours AND is_grantable GROUP BY 1, 2 ORDER BY 1, 2
        """,
        "{role} may give {granted} on {name} to others",
        "REVOKE GRANT OPTION FOR {granted} ON {name} FROM {role} CASCADE;",
        is_in_rules=True,
    ),
    Invariant(
        "default privileges",
        Severity.FAULT,
        """
        SELECT quote_ident(pg_get_userbyid(d.defaclrole)) AS maker, k.kind, h.role,
            coalesce(' IN SCHEMA ' || quote_ident(n.nspname), '') AS place,
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS granted
        FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
            JOIN (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('n', 'SCHEMAS')) AS k (letter, kind)
            ON k.letter = d.defaclobjtype::text, aclexplode(d.defaclacl) a JOIN holder h ON h.oid = a.grantee
        WHERE NOT (h.oid = 0 AND d.defaclobjtype = 'f' AND d.defaclnamespace = 0)  -- as PostgreSQL has it by itself
        GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """,
        "{role} gets {granted} on all {kind} that {maker} makes{place}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {maker}{place} REVOKE {granted} ON {kind} FROM {role};",
    ),
    Invariant(
        "rights to make things",
        Severity.FAULT,
        """
        SELECT h.role, 'SCHEMA ' || p.name AS place FROM place p, aclexplode(p.nspacl) a JOIN holder h
            ON h.oid = a.grantee WHERE a.privilege_type = 'CREATE'
        UNION ALL
        SELECT h.role, 'DATABASE ' || quote_ident(d.datname) FROM pg_database d, aclexplode(d.datacl) a JOIN holder h
            ON h.oid = a.grantee WHERE d.datname = current_database() AND a.privilege_type = 'CREATE'
        ORDER BY 2, 1
        """,
        "{role} may make things in {place}, which others then take for ours",
        "REVOKE CREATE ON {place} FROM {role};",
    ),
    Invariant(
        "temporary tables",
        Severity.FAULT,
        """
        SELECT h.role, quote_ident(d.datname) AS database
        FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
            JOIN holder h ON h.oid = a.grantee
        WHERE d.datname = current_database() AND a.privilege_type = 'TEMPORARY' ORDER BY 1
        """,
        "{role} may make temporary tables in {database}, which hide ours from whoever gets the connection next",
        "REVOKE TEMPORARY ON DATABASE {database} FROM {role};",
    ),
    Invariant(
        "functions with their owner's rights",
        Severity.FAULT,
        """
        SELECT r.name, t.role, quote_ident(pg_get_userbyid(r.proowner)) AS maker FROM routine r, tenant t
        WHERE r.prosecdef AND NOT r.is_ours AND r.prorettype <> 'trigger'::regtype
            AND has_function_privilege(t.oid, r.oid, 'EXECUTE') ORDER BY 1
        """,
        "a tenant's statement may call {name}, which runs as {maker} (SECURITY DEFINER) and is none of ours",
        "REVOKE EXECUTE ON ROUTINE {name} FROM PUBLIC, {role};",
    ),
    Invariant(
        "functions with their owner's rights",
        Severity.FAULT,
        """
        SELECT name, quote_ident(given.schema) AS schema FROM routine, given
        WHERE prosecdef AND is_ours AND NOT EXISTS (
            SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'search\\_path=%') ORDER BY 1
        """,
        "{name} runs as its owner (SECURITY DEFINER) and finds its tables by the caller's search_path",
        "ALTER ROUTINE {name} SET search_path = {schema}, pg_temp;",
    ),
    Invariant(
        "owners",
        Severity.BREACH,
        """
        SELECT thing, a.role, o.role AS owner FROM thing JOIN actor a ON a.oid = thing.owned_by, owner o ORDER BY 1
        """,
        "{role} owns {thing}: no policy holds for an owner, who may also change it",
        "ALTER {thing} OWNER TO {owner};",
    ),
    Invariant(
        "owners",
        Severity.FAULT,
        """
        SELECT thing, o.role AS owner, quote_ident(pg_get_userbyid(owned_by)) AS other FROM thing, owner o
        WHERE is_ours AND NOT pg_has_role(o.oid, owned_by, 'USAGE') AND owned_by NOT IN (SELECT oid FROM actor)
        ORDER BY 1
        """,
        "{thing} belongs to {other}, past whom no policy holds, and {owner}, who migrates, may not change it",
        "ALTER {thing} OWNER TO {owner};",
    ),
)
