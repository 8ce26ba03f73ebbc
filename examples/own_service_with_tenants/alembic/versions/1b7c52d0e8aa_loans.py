"""Loans, each seen by its own branch.

Revision ID: 1b7c52d0e8aa
Revises:
Create Date: 2024-03-12 09:20:11.482913

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "1b7c52d0e8aa"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
NEEDS = ("crossdock:0001",)  # the function current_branch_id()

OWN = "branch_id = (SELECT current_branch_id())"
SECURITY = (
    "ALTER TABLE loans ENABLE ROW LEVEL SECURITY",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON loans TO branches_tenant, branches_platform",
    "GRANT USAGE ON SEQUENCE loans_id_seq TO branches_tenant, branches_platform",
    "CREATE POLICY loans_platform ON loans TO branches_platform USING (true) WITH CHECK (true)",
    f"CREATE POLICY loans_own ON loans TO branches_tenant USING ({OWN}) WITH CHECK ({OWN})",
)


def upgrade() -> None:
    op.create_table(
        "loans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for statement in SECURITY:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("loans")
