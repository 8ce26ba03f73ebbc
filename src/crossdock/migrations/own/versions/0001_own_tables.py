"""The outbox, the answers kept for idempotency keys, and with tenants the keys that sign their scopes.

Where the application's own chain made these tables, before the library had a chain of its own, there is nothing to do.

Revision ID: 0001
Revises:
"""

from typing import Any

from alembic import op

from crossdock.migrations.own.context import application, statements
from crossdock.models.own_rules import SQL_TYPES, own_rules

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID_TYPES = {"uuid": "uuid", "bigint": "bigint", "text": "text"}

OUTBOX = """
CREATE TABLE outbox (
    id uuid NOT NULL,
    type varchar(100) NOT NULL,
    subject_id {id} NOT NULL,
    {tenant}actor_id {id},
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE INDEX ix_outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
"""
IDEMPOTENCY_KEYS = """
CREATE TABLE idempotency_keys (
    id uuid NOT NULL,
    {tenant}key varchar(200) NOT NULL,
    request_hash bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (id),
    CONSTRAINT uq_idempotency_keys_{names} UNIQUE ({columns})
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
"""
TENANCY_KEYS = """
CREATE TABLE tenancy_keys (
    id uuid NOT NULL,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_tenancy_keys PRIMARY KEY (id)
);
"""
KEY = """
INSERT INTO tenancy_keys (id, secret, created_at) VALUES ('00000000-0000-7000-8000-000000000001',
    decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), now());
"""


def upgrade() -> None:
    given = application(op)
    if given.library_tables is not None:
        return
    tenancy = given.tenancy_object
    nullable, required = _of_tenant(tenancy, ""), _of_tenant(tenancy, " NOT NULL")
    columns = [*tenancy.columns, "key"]
    sql = OUTBOX.format(id=ID_TYPES[given.ids], tenant=nullable)
    sql += IDEMPOTENCY_KEYS.format(tenant=required, names="_".join(columns), columns=", ".join(columns))
    sql += TENANCY_KEYS + (KEY if tenancy.signature else "")
    for statement in statements(sql + own_rules(tenancy)):
        op.execute(statement)


def downgrade() -> None:
    given = application(op)
    if given.library_tables is not None:
        return
    tenancy = given.tenancy_object
    for table in ("outbox", "idempotency_keys"):
        op.execute(f"DROP TABLE {table}")
    for column in tenancy.columns:
        op.execute(f"DROP FUNCTION current_{column}()")
    if tenancy.signature:
        op.execute("DROP FUNCTION scope_is_genuine()")
        op.execute("DROP FUNCTION may_become_platform()")
    op.execute("DROP TABLE tenancy_keys")


def _of_tenant(tenancy: Any, null: str) -> str:
    return "".join(f"{column} {SQL_TYPES[kind]}{null},\n    " for column, kind in tenancy.columns.items())
