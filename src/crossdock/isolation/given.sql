-- What the questions of the invariants are asked of. A common table expression that a question does not name costs
-- nothing. $1 schema, $2 our tables, $3 our functions, $4 the service's user, $5 the tenants' role, $6 the platform's,
-- $7 the settings that say which tenant it is.
WITH given AS (
    SELECT $1::text AS schema, $2::text[] AS tables, $3::text[] AS functions, $4::text AS service,
        $6::text AS platform, $7::text[] AS settings
),
-- The roles that statements run as.
actor AS (
    SELECT oid, quote_ident(rolname) AS role, rolname = $5::text AS is_tenant, rolsuper, rolbypassrls, rolcreaterole,
        rolcreatedb, rolreplication
    FROM pg_roles WHERE rolname IN ($5::text, $6::text)
),
tenant AS (
    SELECT oid, role FROM actor WHERE is_tenant
),
-- To whom a right may be given that the roles then have: themselves, and everybody.
holder AS (
    SELECT oid, role, is_tenant FROM actor UNION ALL SELECT 0, 'PUBLIC', true
),
-- Who made our tables, and should own everything here.
owner AS (
    SELECT r.oid, quote_ident(r.rolname) AS role FROM pg_roles r
    WHERE r.oid = coalesce(
        (SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $1::text AND c.relname = 'alembic_version'),
        (SELECT datdba FROM pg_database WHERE datname = current_database()))
),
place AS (
    SELECT n.oid, quote_ident(n.nspname) AS name, n.nspname = $1::text AS is_ours, n.nspowner, n.nspacl
    FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
),
-- Tables and views of every schema but PostgreSQL's own, without those of an extension.
relation AS (
    SELECT c.oid, p.name || '.' || quote_ident(c.relname) AS name, c.relkind, c.relowner, c.relacl, c.relrowsecurity,
        c.reloptions, p.oid AS place, p.is_ours AND c.relname = ANY ($2::text[]) AS is_ours,
        p.is_ours AND c.relname IN ('aerich', 'alembic_version', 'crossdock_version', 'crossdock_journal') AS is_machinery
    FROM pg_class c JOIN place p ON p.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
),
-- The rights on them that the roles have, by themselves or with everybody.
held AS (
    SELECT r.*, h.role, h.is_tenant, a.privilege_type AS privilege, a.privilege_type AS granted, a.is_grantable
    FROM relation r, aclexplode(r.relacl) a JOIN holder h ON h.oid = a.grantee
    UNION ALL
    SELECT r.*, h.role, h.is_tenant, a.privilege_type, format('%s (%I)', a.privilege_type, c.attname), a.is_grantable
    FROM relation r JOIN pg_attribute c ON c.attrelid = r.oid AND NOT c.attisdropped,
        aclexplode(c.attacl) a JOIN holder h ON h.oid = a.grantee
),
routine AS (
    SELECT f.oid, format('%s.%I(%s)', p.name, f.proname, pg_get_function_identity_arguments(f.oid)) AS name, f.proowner,
        f.prosecdef, f.proconfig, f.prorettype,
        p.is_ours AND f.proname = ANY ($3::text[] || 'crossdock_journal_version'::text) AS is_ours
    FROM pg_proc f JOIN place p ON p.oid = f.pronamespace
    WHERE f.prokind <> 'a' AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
),
-- Everything that has an owner.
thing AS (
    SELECT 'TABLE ' || name AS thing, relowner AS owned_by, is_ours OR is_machinery AS is_ours FROM relation
    UNION ALL SELECT 'ROUTINE ' || name, proowner, is_ours FROM routine
    UNION ALL SELECT 'SCHEMA ' || name, nspowner, false FROM place
    UNION ALL SELECT 'DATABASE ' || quote_ident(datname), datdba, false FROM pg_database
        WHERE datname = current_database()
)
