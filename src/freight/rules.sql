-- The functions that every module's policies call, and the policies of the library's own tables, which this application's
-- chain made before the library had a chain of its own.

-- What tenants' scopes are signed with: the platform's alone, which hands it to the service at its start.
ALTER TABLE tenancy_keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON tenancy_keys TO crossdock_platform;
CREATE POLICY tenancy_keys_platform ON tenancy_keys TO crossdock_platform USING (true) WITH CHECK (true);

-- Whether the login of this session could do anything anyhow. Nothing is asked of it that it could get round: it is also
-- what the release before this one signs in with.
CREATE FUNCTION may_become_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT pg_has_role(session_user, 'crossdock_platform', 'MEMBER') $$;

-- Whether the settings that name a tenant come from the service: each statement could set them. The tenants' login shows
-- a signature: for this very backend, or for any where a pooler hides which backend it is. SECURITY DEFINER, to read the
-- key.
CREATE FUNCTION scope_is_genuine() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER AS $$
DECLARE
    scope CONSTANT text := current_setting('crossdock.company_id', true) || '|'
        || current_setting('crossdock.company_kind', true) || '|';
    shown CONSTANT text := current_setting('crossdock.signature', true);
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

-- Who the transaction runs for. Unset is NULL, and NULL equals nothing: no tenant, no rows. In policies it stands in a
-- SELECT of its own, so that it is asked once for a statement and not once for a row.
CREATE FUNCTION current_company_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED AS
    $$ SELECT CASE WHEN current_setting('crossdock.company_id', true) <> '' AND scope_is_genuine()
                   THEN current_setting('crossdock.company_id', true)::uuid END $$;
CREATE FUNCTION current_company_carries() RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS
    $$ SELECT coalesce(current_setting('crossdock.company_kind', true), '') IN ('carrier', 'both')
              AND scope_is_genuine() $$;

-- For a trigger: a tenant moves its rows from state to state as listed, and everything else is the platform's to move.
-- Policies see a row as it was or as it becomes, and never both.
CREATE FUNCTION keep_to_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'crossdock_app' AND (OLD.status || ' to ' || NEW.status) <> ALL (TG_ARGV) THEN
        RAISE EXCEPTION 'a tenant may not move % from % to %', TG_TABLE_NAME, OLD.status, NEW.status
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
GRANT INSERT ON outbox TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO crossdock_platform;
CREATE POLICY outbox_platform ON outbox TO crossdock_platform USING (true) WITH CHECK (true);
-- Which events a tenant may add is in each module's rules: those about its own rows, by a policy for the module's events.
CREATE POLICY outbox_add ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id()) AND (SELECT may_become_platform()));

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON idempotency_keys TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO crossdock_platform;
CREATE POLICY idempotency_keys_platform ON idempotency_keys TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY idempotency_keys_read ON idempotency_keys FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));
CREATE POLICY idempotency_keys_add ON idempotency_keys FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id()));
