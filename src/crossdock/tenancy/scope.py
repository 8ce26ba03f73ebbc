"""On whose behalf a unit of work runs, and within which limits.

Both ORMs reach the tables as a role that neither owns them nor bypasses row level security.
"""

from dataclasses import dataclass, field
from uuid import UUID

from pydantic import BaseModel, Field

from crossdock.tenancy.guard import Guard

TENANT_ROLE = "crossdock_app"
PLATFORM_ROLE = "crossdock_platform"

DRIVER_PATIENCE_S = 5
"""How much longer than the server's own limit the driver waits for a statement."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One company, and the person or machine that acts for it. `company_kind` opens what is shared by kind."""

    company_id: UUID
    company_kind: str
    actor_id: UUID | None = None
    guard: Guard | None = field(default=None, compare=False, repr=False)

    @property
    def role(self) -> str:
        return TENANT_ROLE

    def settings(self, signature: str = "") -> dict[str, str]:
        """What PostgreSQL is told for one transaction, with the signature by which it believes it."""
        return {
            "crossdock.company_id": str(self.company_id),
            "crossdock.company_kind": self.company_kind,
            "crossdock.signature": signature,
        }


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform itself: sign-in before a company is known, timeouts, the relay. `reason` goes to the log."""

    reason: str
    actor_id: UUID | None = None
    guard: Guard | None = field(default=None, compare=False, repr=False)

    @property
    def role(self) -> str:
        return PLATFORM_ROLE

    def settings(self, _signature: str = "") -> dict[str, str]:
        return {}


Scope = Tenant | Platform


MS_MAX = 2_147_483_647
"""The most that PostgreSQL takes for a time in milliseconds."""


class Limits(BaseModel, frozen=True, extra="forbid"):
    """How long PostgreSQL may wait or work for one unit of work, in milliseconds. Each is over the one before it:
    `kernel/order_of_limits.py`."""

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
