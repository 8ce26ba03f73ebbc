"""How long PostgreSQL may wait or work for one unit of work."""

from pydantic import BaseModel, Field

DRIVER_PATIENCE_S = 5
"""How much longer than the server's own limit the driver waits for a statement."""
MS_MAX = 2_147_483_647
"""The most that PostgreSQL takes for a time in milliseconds."""


class Limits(BaseModel, frozen=True, extra="forbid"):
    """How long PostgreSQL may wait or work for one unit of work, in milliseconds. Each is over the one before it:
    `config/order_of_limits.py`."""

    lock_timeout_ms: int = Field(default=5_000, gt=0, le=MS_MAX)
    statement_timeout_ms: int = Field(default=10_000, gt=0, le=MS_MAX)
    idle_in_transaction_timeout_ms: int = Field(default=40_000, gt=0, le=MS_MAX)

    @property
    def command_timeout_s(self) -> float:
        """The driver's own limit, past the server's: for a server that does not answer at all."""
        return self.statement_timeout_ms / 1000 + DRIVER_PATIENCE_S

    def settings(self) -> dict[str, str]:
        return {
            "lock_timeout": str(self.lock_timeout_ms),
            "statement_timeout": str(self.statement_timeout_ms),
            "idle_in_transaction_session_timeout": str(self.idle_in_transaction_timeout_ms),
        }
