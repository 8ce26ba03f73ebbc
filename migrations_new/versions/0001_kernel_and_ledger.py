"""The kernel's tables and the ledger's, each with row level security; triggers that keep the books immutable.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
NEEDS = ("legacy:1",)  # current_company_id(), the roles, companies

TIME = sa.DateTime(timezone=True)

SECURITY = """
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

-- A company reads its own books. Only the platform writes them, for both sides at once.
ALTER TABLE ledger_accounts ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_accounts TO crossdock_app;
GRANT SELECT, INSERT, UPDATE ON ledger_accounts TO crossdock_platform;
CREATE POLICY ledger_accounts_platform ON ledger_accounts TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_accounts_read ON ledger_accounts FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());

ALTER TABLE ledger_transfers ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_transfers TO crossdock_app;
GRANT SELECT, INSERT ON ledger_transfers TO crossdock_platform;
CREATE POLICY ledger_transfers_platform ON ledger_transfers TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_transfers_read ON ledger_transfers FOR SELECT TO crossdock_app
    USING (debit_company_id = current_company_id() OR credit_company_id = current_company_id());

ALTER TABLE ledger_resolutions ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_resolutions TO crossdock_app;
GRANT SELECT, INSERT ON ledger_resolutions TO crossdock_platform;
CREATE POLICY ledger_resolutions_platform ON ledger_resolutions TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_resolutions_read ON ledger_resolutions FOR SELECT TO crossdock_app
    USING (debit_company_id = current_company_id() OR credit_company_id = current_company_id());

ALTER TABLE ledger_entries ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON ledger_entries TO crossdock_app;
GRANT SELECT, INSERT ON ledger_entries TO crossdock_platform;
CREATE POLICY ledger_entries_platform ON ledger_entries TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY ledger_entries_read ON ledger_entries FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
"""

BOOKS = ("ledger_transfers", "ledger_resolutions", "ledger_entries")

# Not even the owner edits the books: grants do not bind it, triggers do.
REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed: book a reversal instead', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
IMMUTABLE = """
CREATE TRIGGER {table}_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    _kernel()
    _accounts()
    _transfers()
    _entries()
    for statement in filter(str.strip, SECURITY.split(";\n")):  # the driver prepares, so it takes one at a time
        op.execute(statement)
    op.execute(REFUSE)
    for table in BOOKS:
        op.execute(IMMUTABLE.format(table=table))


def _kernel() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("payload", JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("published_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_unpublished", "outbox", ["id"], postgresql_where=sa.text("published_at IS NULL"))
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSONB(none_as_null=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_keys"),
        sa.UniqueConstraint("company_id", "key", name="uq_idempotency_keys_company_id_key"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def _accounts() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("posted_minor", sa.BigInteger(), nullable=False),
        sa.Column("pending_out_minor", sa.BigInteger(), nullable=False),
        sa.Column("pending_in_minor", sa.BigInteger(), nullable=False),
        sa.Column("may_go_negative", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_accounts"),
        sa.UniqueConstraint("company_id", "kind", "currency", name="uq_ledger_accounts_company_id_kind_currency"),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name="fk_ledger_accounts_company_id_companies", ondelete="RESTRICT"
        ),
        sa.CheckConstraint(
            "may_go_negative OR posted_minor - pending_out_minor >= 0", name=op.f("ck_ledger_accounts_covered")
        ),
        sa.CheckConstraint("pending_out_minor >= 0 AND pending_in_minor >= 0", name=op.f("ck_ledger_accounts_pending")),
    )


def _transfers() -> None:
    op.create_table(
        "ledger_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("debit_account_id", sa.Uuid(), nullable=False),
        sa.Column("credit_account_id", sa.Uuid(), nullable=False),
        sa.Column("debit_company_id", sa.Uuid(), nullable=False),
        sa.Column("credit_company_id", sa.Uuid(), nullable=False),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("reverses_id", sa.Uuid()),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_transfers"),
        sa.UniqueConstraint("reference", name="uq_ledger_transfers_reference"),
        sa.UniqueConstraint("reverses_id", name="uq_ledger_transfers_reverses_id"),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_transfers_amount")),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name=op.f("ck_ledger_transfers_two_accounts")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=f"fk_ledger_transfers_{column}_{target}", ondelete="RESTRICT"
            )
            for column, target in (
                ("debit_account_id", "ledger_accounts"),
                ("credit_account_id", "ledger_accounts"),
                ("reverses_id", "ledger_transfers"),
            )
        ),
    )
    for column in ("debit_account_id", "credit_account_id", "subject_id"):
        op.create_index(f"ix_ledger_transfers_{column}", "ledger_transfers", [column])
    overdue = sa.text("expires_at IS NOT NULL")
    op.create_index("ix_ledger_transfers_expires_at", "ledger_transfers", ["expires_at"], postgresql_where=overdue)
    op.create_table(
        "ledger_resolutions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("debit_company_id", sa.Uuid(), nullable=False),
        sa.Column("credit_company_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_resolutions"),
        sa.UniqueConstraint("transfer_id", name="uq_ledger_resolutions_transfer_id"),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["ledger_transfers.id"],
            name="fk_ledger_resolutions_transfer_id_ledger_transfers",
            ondelete="RESTRICT",
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_ledger_resolutions_amount")),
        sa.CheckConstraint("outcome IN ('posted', 'voided', 'expired')", name=op.f("ck_ledger_resolutions_outcome")),
    )


def _entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_after_minor", sa.BigInteger(), nullable=False),
        sa.Column("account_version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entries"),
        sa.UniqueConstraint("account_id", "account_version", name="uq_ledger_entries_account_id_account_version"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["ledger_accounts.id"],
            name="fk_ledger_entries_account_id_ledger_accounts",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["ledger_transfers.id"],
            name="fk_ledger_entries_transfer_id_ledger_transfers",
            ondelete="RESTRICT",
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entries_amount")),
    )
    op.create_index("ix_ledger_entries_transfer_id", "ledger_entries", ["transfer_id"])


def downgrade() -> None:
    for table in ("ledger_entries", "ledger_resolutions", "ledger_transfers", "ledger_accounts"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_table("idempotency_keys")
    op.drop_table("outbox")
