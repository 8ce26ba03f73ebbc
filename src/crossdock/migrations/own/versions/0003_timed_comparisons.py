"""How many comparisons were timed: those of writes are not, where another transaction held a lock.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A default: the release before this one goes on counting while the new one is rolled out.
    op.execute("ALTER TABLE module_comparisons ADD COLUMN timed bigint NOT NULL DEFAULT 0")
    op.execute("UPDATE module_comparisons SET timed = same + different")


def downgrade() -> None:
    op.execute("ALTER TABLE module_comparisons DROP COLUMN timed")
