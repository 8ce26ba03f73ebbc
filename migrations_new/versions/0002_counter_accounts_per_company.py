"""Companies get an account of their own for deposits and one for fees, which the platform alone reads.

The rows of the platform's shared accounts stay as they are: only the policy changes, so the release before goes on
booking on them.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

READ = """
ALTER POLICY ledger_accounts_read ON ledger_accounts
    USING (company_id = current_company_id() AND kind IN ('wallet', 'held'))
"""
READ_ALL = "ALTER POLICY ledger_accounts_read ON ledger_accounts USING (company_id = current_company_id())"


def upgrade() -> None:
    op.execute(READ)


def downgrade() -> None:
    op.execute(READ_ALL)
