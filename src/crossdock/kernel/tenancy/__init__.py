"""Who the current tenant is, said to PostgreSQL once per transaction, so that isolation does not depend on the ORM."""

from crossdock.kernel.tenancy.guard import Guard
from crossdock.kernel.tenancy.scope import Platform, Scope, Tenant
from crossdock.kernel.tenancy.signer import Signer

__all__ = ["Guard", "Platform", "Scope", "Signer", "Tenant"]
