"""Who is calling, and what their role and their company's kind allow."""

from dataclasses import dataclass
from uuid import UUID

from crossdock.kernel.errors import Forbidden
from crossdock.kernel.tenancy import Tenant
from crossdock.modules.accounts.store import Role

RANK = {Role.EMPLOYEE: 0, Role.MANAGER: 1, Role.ADMIN: 2}
CARRYING = ("carrier", "both")
SHIPPING = ("shipper", "both")


class RoleTooLow(Forbidden):
    """Your role does not allow this."""


class NotACarrier(Forbidden):
    """Your company does not carry loads."""


class NotAShipper(Forbidden):
    """Your company does not ship loads."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The signed-in person, as the database knows them now."""

    user_id: UUID
    company_id: UUID
    company_kind: str
    role: Role
    session_id: UUID

    @property
    def tenant(self) -> Tenant:
        """The scope that this caller's units of work run in."""
        return Tenant(self.company_id, self.company_kind, self.user_id)

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
