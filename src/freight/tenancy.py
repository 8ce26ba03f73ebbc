"""The tenants of the marketplace are companies: what PostgreSQL gets to know about the one that calls."""

from dataclasses import dataclass
from uuid import UUID

from crossdock.tenancy import Tenancy, Tenant


@dataclass(frozen=True, slots=True)
class CompanyScope(Tenant):
    """One company, and the user who acts for it. A policy may share rows with a kind of company, as with carriers."""

    company_id: UUID
    company_kind: str


TENANCY = Tenancy(
    scope=CompanyScope,
    columns={"company_id": UUID},
    settings={"crossdock.company_id": "company_id", "crossdock.company_kind": "company_kind"},
    tenant_role="crossdock_app",
    platform_role="crossdock_platform",
    signature="crossdock.signature",
)
