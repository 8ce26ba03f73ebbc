"""The signed-in caller, and the checks of what their role and the kind of their company allow."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from crossdock.errors import Forbidden
from crossdock.tenancy import Guard, Platform
from freight.modules.accounts.store.signing_in import SignedInRow
from freight.modules.accounts.store.staff import Role
from freight.tenancy import CompanyScope

RANK = {Role.EMPLOYEE: 0, Role.MANAGER: 1, Role.ADMIN: 2}
CARRYING = ("carrier", "both")
SHIPPING = ("shipper", "both")


class RoleTooLow(Forbidden):
    """Your role does not allow this.

    Ask somebody of your company with the role that `detail` names.
    """


class NotACarrier(Forbidden):
    """Your company does not carry loads.

    Sign in as somebody of a company of the kind `carrier` or `both`.
    """


class NotAShipper(Forbidden):
    """Your company does not ship loads.

    Sign in as somebody of a company of the kind `shipper` or `both`.
    """


@dataclass(frozen=True, slots=True)
class Caller:
    """The person who makes a request, with their company and role.

    `guard` is a question to PostgreSQL: is all of this still true? Each unit of work in the caller's scope asks it.
    """

    user_id: UUID
    company_id: UUID
    company_kind: str
    role: Role
    session_id: UUID
    guard: Guard | None = field(default=None, compare=False, repr=False)

    @classmethod
    def signed_in(cls, row: SignedInRow, now: datetime) -> Self:
        """A caller with a guard. The function that answers it, `require_session`, is in rules.sql."""
        asked = (row.session_id, row.user_id, row.company_id, row.role, row.company_kind, now)
        guard = Guard("require_session", asked)
        return cls(row.user_id, row.company_id, row.company_kind, row.role, row.session_id, guard)

    @property
    def tenant(self) -> CompanyScope:
        """The scope that this caller's units of work run in."""
        return CompanyScope(self.company_id, self.company_kind, actor_id=self.user_id, guard=self.guard)

    def platform(self, reason: str) -> Platform:
        """The platform's scope, still guarded: for what this caller asks for, and no tenant may read."""
        return Platform(reason, self.user_id, self.guard)

    def need(self, role: Role) -> None:
        """Raises RoleTooLow below `role`."""
        if RANK[self.role] < RANK[role]:
            raise RoleTooLow(f"This needs the role {role.value}; yours is {self.role.value}.")

    def need_carrier(self) -> None:
        """Raises NotACarrier."""
        if self.company_kind not in CARRYING:
            raise NotACarrier

    def need_shipper(self) -> None:
        """Raises NotAShipper."""
        if self.company_kind not in SHIPPING:
            raise NotAShipper
