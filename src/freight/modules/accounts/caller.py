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

RANK = {Role.OPERATOR: -1, Role.EMPLOYEE: 0, Role.MANAGER: 1, Role.ADMIN: 2}
"""What a role may do in a company. An operator is below everybody there: operators take no part in its business."""
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


class NotForOperators(Forbidden):
    """This belongs to a company's own people, and an operator of the platform is none of them.

    Sign in as somebody of the company. An operator reads `/v1/operations`, `/v1/me` and their own sessions.
    """


class OperatorsOnly(Forbidden):
    """Only operators of the platform may see this.

    Sign in as an operator. Whoever runs the service adds one: `python -m freight.operators add`.
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

    def need_company(self) -> None:
        """Raises NotForOperators for one of the platform's own people."""
        if self.role is Role.OPERATOR:
            raise NotForOperators

    def need_operator(self) -> None:
        """Raises OperatorsOnly."""
        if self.role is not Role.OPERATOR:
            raise OperatorsOnly

    def need_carrier(self) -> None:
        """Raises NotACarrier."""
        if self.company_kind not in CARRYING:
            raise NotACarrier

    def need_shipper(self) -> None:
        """Raises NotAShipper."""
        if self.company_kind not in SHIPPING:
            raise NotAShipper
