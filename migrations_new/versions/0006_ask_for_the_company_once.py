"""The policy of bookings works out once which company asks, and not once for each column.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
SAFE = {"looser-policy": "the same rows: the two comparisons with the company are one with a list of two"}


def upgrade() -> None:
    op.execute("""
ALTER POLICY bookings_read ON bookings
    USING (coalesce((SELECT current_company_id()) IN (company_id, carrier_id)
                    OR (status = 'open' AND (SELECT current_company_carries())), false))
""")


def downgrade() -> None:
    op.execute("""
ALTER POLICY bookings_read ON bookings
    USING (coalesce(company_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id())
                    OR (status = 'open' AND (SELECT current_company_carries())), false))
""")
