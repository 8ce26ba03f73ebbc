"""The two roles that statements run as may do no more than the policies were written for; nor may who becomes them."""

from crossdock.isolation.invariant import Invariant, Severity

OF_ROLES = (
    Invariant(
        "roles' attributes",
        Severity.BREACH,
        """
        SELECT role, attribute FROM actor, LATERAL (VALUES
            ('SUPERUSER', rolsuper), ('BYPASSRLS', rolbypassrls), ('CREATEROLE', rolcreaterole),
            ('CREATEDB', rolcreatedb), ('REPLICATION', rolreplication)) AS a (attribute, has)
        WHERE has ORDER BY 1, 2
        """,
        "{role} has {attribute}, and every tenant's statement runs with it",
        "ALTER ROLE {role} NO{attribute};",
    ),
    Invariant(
        "roles' memberships",
        Severity.BREACH,
        """
        SELECT a.role, quote_ident(r.rolname) AS other, CASE WHEN current_setting('server_version_num')::int >= 160000
            THEN format(' GRANTED BY %I', pg_get_userbyid(m.grantor)) ELSE '' END AS by
        FROM pg_auth_members m JOIN actor a ON a.oid = m.member JOIN pg_roles r ON r.oid = m.roleid ORDER BY 1, 2
        """,
        "{role} is a member of {other}: it may become it, and do what that role may",
        "REVOKE {other} FROM {role}{by};",
    ),
    Invariant(
        "sessions' settings",
        Severity.BREACH,
        """
        SELECT 'ALTER ' || concat_ws(' IN ', 'ROLE ' || quote_ident(r.rolname), 'DATABASE ' || quote_ident(d.datname))
            AS whose, split_part(setting, '=', 1) AS setting
        FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d
            ON d.oid = s.setdatabase, given, unnest(s.setconfig) AS setting
        WHERE (s.setdatabase = 0 OR d.datname = current_database())
            AND (s.setrole = 0 OR r.rolname = given.service OR s.setrole IN (SELECT oid FROM actor))
            AND lower(split_part(setting, '=', 1)) = ANY (given.settings ||
                ARRAY['role', 'row_security', 'session_authorization', 'session_replication_role'])
        ORDER BY 1, 2
        """,
        "a session of the service begins with {setting} set ({whose})",
        "{whose} RESET {setting};",
    ),
    Invariant(
        "settings of the server",
        Severity.FAULT,
        """
        SELECT h.role, a.privilege_type AS privilege, p.parname AS parameter
        FROM pg_parameter_acl p, aclexplode(p.paracl) a JOIN holder h ON h.oid = a.grantee ORDER BY 3, 1, 2
        """,
        "{role} may {privilege} {parameter}, which the server keeps to superusers",
        "REVOKE {privilege} ON PARAMETER {parameter} FROM {role};",
    ),
    Invariant(
        "tenants' login",
        Severity.WEAKNESS,
        """
        SELECT quote_ident(given.service) AS service, quote_ident(p.rolname) AS platform
        FROM given JOIN pg_roles r ON r.rolname = given.service JOIN pg_roles p ON p.rolname = given.platform
        WHERE pg_has_role(r.oid, p.oid, 'MEMBER') AND NOT r.rolsuper
        """,
        "{service}, which tenants' statements sign in as, may become {platform}: so may a statement of a tenant's",
        "Give the platform a login of its own in CROSSDOCK_PLATFORM_URL, and run `crossdock migrate up`; when no"
        " release before 0.2 is left: REVOKE {platform} FROM {service};",
    ),
    Invariant(
        "service user",
        Severity.WEAKNESS,
        """
        SELECT quote_ident(r.rolname) AS service, fault
        FROM given JOIN pg_roles r ON r.rolname = given.service, LATERAL (
            SELECT 'is a superuser' AS fault WHERE r.rolsuper
            UNION ALL SELECT 'bypasses row level security' WHERE r.rolbypassrls AND NOT r.rolsuper
            UNION ALL SELECT format('owns %s of our tables', count(*)) FROM relation
                WHERE is_ours AND relowner = r.oid HAVING count(*) > 0
            UNION ALL SELECT format('is a member of %I', o.rolname) FROM pg_auth_members m
                JOIN pg_roles o ON o.oid = m.roleid WHERE m.member = r.oid AND m.roleid NOT IN (SELECT oid FROM actor)
        ) AS f ORDER BY 2 DESC
        """,
        "{service} {fault}",
        "It works, and one fault of ours would reach further than it needs to: give the service a plain user in"
        " DATABASE_URL, and the owner in DIRECT_URL; then run `crossdock migrate up`.",
    ),
)
