"""The policies of the library's own tables, and the functions by which an application's policies know the tenant.

They follow from the application's tenancy. Without tenants there are none.
"""

from uuid import UUID

from crossdock.tenancy import Tenancy

SQL_TYPES: dict[type, str] = {UUID: "uuid", int: "bigint", str: "text"}

SIGNED = """
-- Whether the login of this session could do anything anyhow: nothing is asked of it that it could get round.
CREATE FUNCTION may_become_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT pg_has_role(session_user, '{platform}', 'MEMBER') $$;

-- Whether the settings that name a tenant come from the service: each statement could set them. The tenants' login
-- shows a signature: for this very backend, or for any where a pooler hides which backend it is. SECURITY DEFINER, to
-- read the key.
CREATE FUNCTION scope_is_genuine() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER AS $$
DECLARE
    scope CONSTANT text := {settings};
    shown CONSTANT text := current_setting('{signature}', true);
BEGIN
    IF may_become_platform() THEN RETURN true; END IF;
    RETURN EXISTS (
        SELECT FROM tenancy_keys k, LATERAL (VALUES (scope || pg_backend_pid()), (scope)) AS signed (message)
        WHERE shown = encode(sha256(k.secret || sha256(k.secret || convert_to(message, 'UTF8'))), 'hex'));
END $$;
-- Its own schema, whatever the caller's search path says.
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION scope_is_genuine() SET search_path = %I, pg_temp', current_schema());
END $$;
"""

CURRENT = """
-- Who the transaction runs for. Unset is NULL, and NULL equals nothing: no tenant, no rows. In policies it stands in a
-- SELECT of its own, so that it is asked once for a statement and not once for a row.
CREATE FUNCTION current_{column}() RETURNS {type} LANGUAGE sql STABLE PARALLEL RESTRICTED AS
    $$ SELECT CASE WHEN current_setting('{setting}', true) <> ''{genuine}
                   THEN current_setting('{setting}', true)::{type} END $$;
"""

# One statement a line.
TABLES = """
ALTER TABLE tenancy_keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON tenancy_keys TO {platform};
CREATE POLICY tenancy_keys_platform ON tenancy_keys TO {platform} USING (true) WITH CHECK (true);

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
GRANT INSERT ON outbox TO {tenant};
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO {platform};
CREATE POLICY outbox_platform ON outbox TO {platform} USING (true) WITH CHECK (true);
CREATE POLICY outbox_add ON outbox FOR INSERT TO {tenant} WITH CHECK ({own});

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON idempotency_keys TO {tenant};
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO {platform};
CREATE POLICY idempotency_keys_platform ON idempotency_keys TO {platform} USING (true) WITH CHECK (true);
CREATE POLICY idempotency_keys_read ON idempotency_keys FOR SELECT TO {tenant} USING ({own});
CREATE POLICY idempotency_keys_add ON idempotency_keys FOR INSERT TO {tenant} WITH CHECK ({own});
"""

MODULES = """
-- Tells every process of a change, and keeps it.
CREATE FUNCTION crossdock_module_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO module_changes (id, module, version, state)
        VALUES (gen_random_uuid(), NEW.module, NEW.version, to_jsonb(NEW))
        ON CONFLICT DO NOTHING;
    PERFORM pg_notify('crossdock_modules', NEW.module);
    RETURN NULL;
END $$;
CREATE TRIGGER crossdock_changed AFTER INSERT OR UPDATE ON module_states
    FOR EACH ROW EXECUTE FUNCTION crossdock_module_changed();
"""

CAPTURE = """
-- Notes a row that was written, in a setting of the transaction. For triggers that are there while a module rehearses.
CREATE OR REPLACE FUNCTION crossdock_capture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted CONSTANT text := current_setting('crossdock.captured', true);
BEGIN
    IF length(noted) <= 1000000 THEN
        PERFORM set_config('crossdock.captured', noted || jsonb_build_object('table', TG_TABLE_NAME,
            'old', to_jsonb(OLD), 'new', to_jsonb(NEW))::text || E'\n', true);
    END IF;
    RETURN NULL;
END $$;
"""

CAPTURE_MORE = """
-- Notes of rows, added up: table and column to the sum of the hashes that its values have after, less those before, so
-- that neither the order of the rows nor a row that is written twice makes a difference.
CREATE FUNCTION crossdock_summed(sums jsonb, notes text) RETURNS jsonb LANGUAGE sql AS $$
    WITH parts AS (
        SELECT note->>'table' AS tab, value.key AS col,
            sign * CASE value.key WHEN '(rows)' THEN 1 ELSE coalesce(hashtextextended(value.value, 0), 0) END
        FROM unnest(string_to_array(notes, E'\n')) AS line, LATERAL (SELECT nullif(line, '')::jsonb) AS noted (note),
            LATERAL (VALUES ('new', 1::numeric), ('old', -1)) AS side (name, sign),
            LATERAL jsonb_each_text(CASE WHEN jsonb_typeof(note->name) = 'object' THEN note->name || '{"(rows)": 1}'
                ELSE '{}' END) AS value
        UNION ALL
        SELECT tables.key, columns.key, columns.value::numeric
        FROM jsonb_each(sums) AS tables, jsonb_each_text(tables.value) AS columns
    ), added AS (SELECT tab, col, sum(part) AS total FROM parts AS part (tab, col, part) GROUP BY 1, 2)
    SELECT coalesce(jsonb_object_agg(tab, columns), '{}')
    FROM (SELECT tab, jsonb_object_agg(col, total::text) AS columns FROM added WHERE total <> 0 GROUP BY 1) AS summed
$$;

-- As before, but that notes past their limit are added up. They are gathered in two steps, because each row copies the
-- text that it is added to. A release that knows no sums does not set them: then no more is noted.
CREATE OR REPLACE FUNCTION crossdock_capture() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    noted text := current_setting('crossdock.captured', true);
    before text;
    sums CONSTANT text := nullif(current_setting('crossdock.summed', true), '');
BEGIN
    IF sums IS NULL THEN
        IF length(noted) > 1000000 THEN RETURN NULL; END IF;
    ELSIF octet_length(noted) > 20000 THEN
        before := current_setting('crossdock.captured_before', true) || noted;
        noted := '';
        IF octet_length(before) > 1000000 THEN
            PERFORM set_config('crossdock.summed', crossdock_summed(sums::jsonb, before)::text, true);
            before := '';
        END IF;
        PERFORM set_config('crossdock.captured_before', before, true);
    END IF;
    PERFORM set_config('crossdock.captured', noted || jsonb_build_object('table', TG_TABLE_NAME,
        'old', to_jsonb(OLD), 'new', to_jsonb(NEW))::text || E'\n', true);
    RETURN NULL;
END $$;
"""

# One statement a line.
MODULE_TABLES = """
ALTER TABLE module_states ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON module_states TO {platform};
CREATE POLICY module_states_platform ON module_states TO {platform} USING (true) WITH CHECK (true);

ALTER TABLE module_changes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON module_changes TO {platform};
CREATE POLICY module_changes_platform ON module_changes TO {platform} USING (true) WITH CHECK (true);

ALTER TABLE module_comparisons ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON module_comparisons TO {platform};
CREATE POLICY module_comparisons_platform ON module_comparisons TO {platform} USING (true) WITH CHECK (true);

ALTER TABLE module_mismatches ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON module_mismatches TO {platform};
CREATE POLICY module_mismatches_platform ON module_mismatches TO {platform} USING (true) WITH CHECK (true);
"""


def own_rules(tenancy: Tenancy) -> str:
    """Of the tables of the library's first revision, and the functions that policies call. Empty without tenants."""
    if tenancy.is_none:
        return ""
    signed = {"platform": tenancy.platform_role, "signature": tenancy.signature}
    return "".join(
        [
            SIGNED.format(settings=_settings(tenancy), **signed) if tenancy.signature else "",
            *(_current(tenancy, column) for column in tenancy.columns),
            _of_roles(tenancy, TABLES),
        ]
    )


def module_rules(tenancy: Tenancy, capture: str = CAPTURE_MORE) -> str:
    """Of the tables about modules, which the library's second revision makes; `capture` is that of a later one."""
    return MODULES + capture + ("" if tenancy.is_none else _of_roles(tenancy, MODULE_TABLES))


def _of_roles(tenancy: Tenancy, lines: str) -> str:
    """Those lines that are for a role of this tenancy."""
    named = {"tenant": tenancy.tenant_role, "platform": tenancy.platform_role}
    own = " AND ".join(f"{column} = (SELECT current_{column}())" for column in tenancy.columns)
    return "".join(line.format(own=own, **named) for line in lines.splitlines(keepends=True) if _is_for(tenancy, line))


def _is_for(tenancy: Tenancy, line: str) -> bool:
    """Whether a tenancy has the role that a line of TABLES is for. Row level security is on where the tenants' is: for
    a login that owns the tables it would not hold, and another one would see nothing."""
    is_of_tenants = "{tenant}" in line or "ROW LEVEL SECURITY" in line
    if is_of_tenants and tenancy.tenant_role is None:
        return False
    return "{platform}" not in line or tenancy.platform_role is not None


def _settings(tenancy: Tenancy) -> str:
    """The message that is signed, without the process: `crossdock.tenancy.signer` makes the same."""
    return " || ".join(f"current_setting('{setting}', true) || '|'" for setting in tenancy.settings)


def _current(tenancy: Tenancy, column: str) -> str:
    setting = next(setting for setting, attribute in tenancy.settings.items() if attribute == column)
    genuine = " AND scope_is_genuine()" if tenancy.signature else ""
    return CURRENT.format(column=column, type=SQL_TYPES[tenancy.columns[column]], setting=setting, genuine=genuine)
