"""A call that writes more rows than are noted is compared by their sums.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from crossdock.migrations.own.context import statements
from crossdock.models.own_rules import CAPTURE, CAPTURE_MORE

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in statements(CAPTURE_MORE):
        op.execute(statement)


def downgrade() -> None:
    for statement in statements(CAPTURE):
        op.execute(statement)
    op.execute("DROP FUNCTION crossdock_summed(jsonb, text)")
