"""A tenant tells of its own rows only: a policy on the outbox for the events of each module.

The login that the release before this one signs in with may become the platform's role: nothing is asked of it.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
NEEDS = ("legacy:6",)  # the functions that say whose a row is
SAFE = {"looser-policy": "together they let through less than outbox_add did: its company's events, of its own rows"}

POLICIES = (
    """
CREATE POLICY outbox_add_accounts ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'accounts.') AND company_id = (SELECT current_company_id())
        AND is_account_of(subject_id, company_id))
""",
    """
CREATE POLICY outbox_add_bids ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'bids.') AND company_id = (SELECT current_company_id())
        AND is_bid_of(subject_id, company_id))
""",
    """
CREATE POLICY outbox_add_bookings ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'bookings.') AND company_id = (SELECT current_company_id())
        AND is_booking_of(subject_id, company_id))
""",
    """
CREATE POLICY outbox_add_shipments ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'shipments.') AND company_id = (SELECT current_company_id())
        AND is_carried_by(subject_id, company_id))
""",
)


def upgrade() -> None:
    op.execute("""
ALTER POLICY outbox_add ON outbox
    WITH CHECK (company_id = (SELECT current_company_id()) AND (SELECT may_become_platform()))
""")
    for policy in POLICIES:
        op.execute(policy)


def downgrade() -> None:
    for module in ("accounts", "bids", "bookings", "shipments"):
        op.execute(f"DROP POLICY outbox_add_{module} ON outbox")
    op.execute("ALTER POLICY outbox_add ON outbox WITH CHECK (company_id = current_company_id())")
