"""The tenants are branches, each with a whole number as its key."""

from dataclasses import dataclass

from crossdock import Tenancy, Tenant


@dataclass(frozen=True, slots=True)
class BranchScope(Tenant):
    branch_id: int


TENANCY = Tenancy(
    scope=BranchScope,
    columns={"branch_id": int},  # whose a row is: current_branch_id() in the policies
    settings={"branches.branch_id": "branch_id"},  # what PostgreSQL is told for one transaction
    tenant_role="branches_tenant",
    platform_role="branches_platform",
)
