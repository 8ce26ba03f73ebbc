-- What the models do not say of the kernel's own tables, and the functions that every module's policies call.

-- Who the transaction runs for. Unset is NULL, and NULL equals nothing: no tenant, no rows.
CREATE FUNCTION current_company_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('crossdock.company_id', true), '')::uuid $$;
CREATE FUNCTION current_company_carries() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('crossdock.company_kind', true), '') IN ('carrier', 'both') $$;

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
GRANT INSERT ON outbox TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO crossdock_platform;
CREATE POLICY outbox_platform ON outbox TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY outbox_add ON outbox FOR INSERT TO crossdock_app WITH CHECK (company_id = current_company_id());

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON idempotency_keys TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO crossdock_platform;
CREATE POLICY idempotency_keys_platform ON idempotency_keys TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY idempotency_keys_read ON idempotency_keys FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
CREATE POLICY idempotency_keys_add ON idempotency_keys FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());
