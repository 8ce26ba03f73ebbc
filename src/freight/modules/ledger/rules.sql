-- The rules of the ledger that no ORM's models can state: which rows a tenant may see, and that entries never change.

-- A company may read its wallet and its held account. It also has accounts for deposits from outside and for fees,
-- which only the platform reads. Only the platform writes here, because every transfer has two sides.
ALTER TABLE ledger_accounts ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_accounts TO crossdock_app;
GRANT SELECT, INSERT, UPDATE ON ledger_accounts TO crossdock_platform;
CREATE POLICY ledger_accounts_platform ON ledger_accounts TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_accounts_read ON ledger_accounts FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()) AND kind IN ('wallet', 'held'));

ALTER TABLE ledger_transfers ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_transfers TO crossdock_app;
GRANT SELECT, INSERT ON ledger_transfers TO crossdock_platform;
CREATE POLICY ledger_transfers_platform ON ledger_transfers TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_transfers_read ON ledger_transfers FOR SELECT TO crossdock_app
    USING (debit_company_id = (SELECT current_company_id()) OR credit_company_id = (SELECT current_company_id()));

ALTER TABLE ledger_resolutions ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_resolutions TO crossdock_app;
GRANT SELECT, INSERT ON ledger_resolutions TO crossdock_platform;
CREATE POLICY ledger_resolutions_platform ON ledger_resolutions TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_resolutions_read ON ledger_resolutions FOR SELECT TO crossdock_app
    USING (debit_company_id = (SELECT current_company_id()) OR credit_company_id = (SELECT current_company_id()));

ALTER TABLE ledger_entries ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_entries TO crossdock_app;
GRANT SELECT, INSERT ON ledger_entries TO crossdock_platform;
CREATE POLICY ledger_entries_platform ON ledger_entries TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_entries_read ON ledger_entries FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));

-- The owner of a table is not bound by grants, but it is by triggers: these keep everybody from changing entries.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed: book a reversal instead', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ledger_transfers_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_resolutions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_resolutions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
