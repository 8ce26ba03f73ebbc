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


def own_rules(tenancy: Tenancy) -> str:
    """SQL; empty without tenants."""
    if tenancy.is_none:
        return ""
    named = {"tenant": tenancy.tenant_role, "platform": tenancy.platform_role, "signature": tenancy.signature}
    own = " AND ".join(f"{column} = (SELECT current_{column}())" for column in tenancy.columns)
    return "".join(
        [
            SIGNED.format(settings=_settings(tenancy), **named) if tenancy.signature else "",
            *(_current(tenancy, column) for column in tenancy.columns),
            *(line.format(own=own, **named) for line in TABLES.splitlines(keepends=True) if _is_for(tenancy, line)),
        ]
    )


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
