"""Hand bookings, booking_history over to alembic.

State only: no statement is run, and every name stays as it is.
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
NEEDS = ("aerich:9",)
HANDED_OVER = {"bookings": "alembic", "booking_history": "alembic"}


def upgrade() -> None:
    """alembic migrates bookings, booking_history from here on."""


def downgrade() -> None:
    """Undone: the state alone."""
