"""On whose behalf a unit of work runs, and the one statement that tells PostgreSQL so.

Both ORMs reach the tables as a role that neither owns them nor bypasses row level security. The role and the company
are set with SET LOCAL: they end with the transaction, so they cannot leak to a transaction pooler's next client.
"""

from dataclasses import dataclass
from uuid import UUID

TENANT_ROLE = "crossdock_app"
PLATFORM_ROLE = "crossdock_platform"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One company, and the person or machine that acts for it. `company_kind` opens what is shared by kind."""

    company_id: UUID
    company_kind: str
    actor_id: UUID | None = None

    @property
    def role(self) -> str:
        return TENANT_ROLE

    def settings(self) -> dict[str, str]:
        return {"crossdock.company_id": str(self.company_id), "crossdock.company_kind": self.company_kind}


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform itself: sign-in before a company is known, timeouts, the relay. `reason` goes to the log."""

    reason: str
    actor_id: UUID | None = None

    @property
    def role(self) -> str:
        return PLATFORM_ROLE

    def settings(self) -> dict[str, str]:
        return {}


Scope = Tenant | Platform


@dataclass(frozen=True, slots=True)
class Limits:
    """How long PostgreSQL may wait or work for one unit of work, in milliseconds."""

    lock_timeout_ms: int = 5_000
    statement_timeout_ms: int = 10_000
    idle_in_transaction_timeout_ms: int = 30_000

    @property
    def command_timeout_s(self) -> float:
        """The driver's own limit, past the server's: for a server that does not answer at all."""
        return self.statement_timeout_ms / 1000 + 5


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def begin_sql(scope: Scope, limits: Limits, *, read_only: bool = False, search_path: str | None = None) -> str:
    """BEGIN, role, tenant and limits as one simple-protocol string: one round trip.

    The simple protocol takes no parameters, so values are quoted here; all of them are UUIDs, words or whole numbers
    that were checked before.
    """
    local = {
        "role": scope.role,
        "lock_timeout": str(limits.lock_timeout_ms),
        "statement_timeout": str(limits.statement_timeout_ms),
        "idle_in_transaction_session_timeout": str(limits.idle_in_transaction_timeout_ms),
        **scope.settings(),
    }
    if search_path:
        local["search_path"] = search_path
    settings = "; ".join(f"SET LOCAL {name} = {_literal(value)}" for name, value in local.items())
    return f"BEGIN{' READ ONLY' if read_only else ''}; {settings}"
