"""Who the current tenant is, said to PostgreSQL once per transaction, so that isolation does not depend on the ORM."""

from crossdock.kernel.tenancy.guard import Guard
from crossdock.kernel.tenancy.scope import Platform, Scope, Tenant

__all__ = ["Guard", "Platform", "Scope", "Tenant"]
