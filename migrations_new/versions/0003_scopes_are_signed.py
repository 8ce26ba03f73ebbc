"""The key that signs tenants' scopes, and the functions that believe no tenant without a signature; the policies of the
tables of this chain ask once for a statement.

The login that the release before this one signs in with may become the platform's role: nothing is asked of it.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
NEEDS = ("legacy:6",)  # whose policies ask for the company once for a statement
SAFE = {
    "not-readable": "the DO block fixes the search path of a function that is new here, and locks nothing else",
    "around-policies": "the DO block after it fixes the search path; it answers yes or no, and shows no row",
    "looser-policy": "the same conditions, each in a SELECT of its own, and a company that is believed less often",
}

FUNCTIONS = (
    """
CREATE FUNCTION may_become_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT pg_has_role(session_user, 'crossdock_platform', 'MEMBER') $$;
""",
    """
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
""",
    """
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION scope_is_genuine() SET search_path = %I, pg_temp', current_schema());
END $$;
""",
    """
CREATE OR REPLACE FUNCTION current_company_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED AS
    $$ SELECT CASE WHEN current_setting('crossdock.company_id', true) <> '' AND scope_is_genuine()
                   THEN current_setting('crossdock.company_id', true)::uuid END $$
""",
    """
CREATE OR REPLACE FUNCTION current_company_carries() RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS
    $$ SELECT coalesce(current_setting('crossdock.company_kind', true), '') IN ('carrier', 'both')
              AND scope_is_genuine() $$
""",
)

PROTECTION = (
    "ALTER TABLE tenancy_keys ENABLE ROW LEVEL SECURITY",
    "GRANT SELECT ON tenancy_keys TO crossdock_platform",
    "CREATE POLICY tenancy_keys_platform ON tenancy_keys TO crossdock_platform USING (true) WITH CHECK (true)",
)

KEY = """
INSERT INTO tenancy_keys (id, secret, created_at)
VALUES ('00000000-0000-7000-8000-000000000001', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), now())
"""

POLICIES = """
ALTER POLICY ledger_accounts_read ON ledger_accounts
    USING (company_id = (SELECT current_company_id()) AND kind IN ('wallet', 'held'));
ALTER POLICY ledger_transfers_read ON ledger_transfers
    USING (debit_company_id = (SELECT current_company_id()) OR credit_company_id = (SELECT current_company_id()));
ALTER POLICY ledger_resolutions_read ON ledger_resolutions
    USING (debit_company_id = (SELECT current_company_id()) OR credit_company_id = (SELECT current_company_id()));
ALTER POLICY ledger_entries_read ON ledger_entries
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY idempotency_keys_read ON idempotency_keys
    USING (company_id = (SELECT current_company_id()));
ALTER POLICY idempotency_keys_add ON idempotency_keys
    WITH CHECK (company_id = (SELECT current_company_id()));
"""
FUNCTIONS_BEFORE = (
    """
CREATE OR REPLACE FUNCTION current_company_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('crossdock.company_id', true), '')::uuid $$
""",
    """
CREATE OR REPLACE FUNCTION current_company_carries() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('crossdock.company_kind', true), '') IN ('carrier', 'both') $$
""",
)

POLICIES_BEFORE = """
ALTER POLICY ledger_accounts_read ON ledger_accounts
    USING (company_id = current_company_id() AND kind IN ('wallet', 'held'));
ALTER POLICY ledger_transfers_read ON ledger_transfers
    USING (debit_company_id = current_company_id() OR credit_company_id = current_company_id());
ALTER POLICY ledger_resolutions_read ON ledger_resolutions
    USING (debit_company_id = current_company_id() OR credit_company_id = current_company_id());
ALTER POLICY ledger_entries_read ON ledger_entries
    USING (company_id = current_company_id());
ALTER POLICY idempotency_keys_read ON idempotency_keys
    USING (company_id = current_company_id());
ALTER POLICY idempotency_keys_add ON idempotency_keys
    WITH CHECK (company_id = current_company_id());
"""


def upgrade() -> None:
    op.create_table(
        "tenancy_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenancy_keys"),
    )
    for statement in (*PROTECTION, KEY, *FUNCTIONS, *_statements(POLICIES)):
        op.execute(statement)


def downgrade() -> None:
    for statement in (*_statements(POLICIES_BEFORE), *FUNCTIONS_BEFORE):
        op.execute(statement)
    op.execute("DROP FUNCTION scope_is_genuine()")
    op.execute("DROP FUNCTION may_become_platform()")
    op.drop_table("tenancy_keys")


def _statements(sql: str) -> list[str]:
    return [statement for statement in sql.split(";\n") if statement.strip()]  # the driver takes one at a time
