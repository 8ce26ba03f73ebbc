"""Who the current tenant is, said to PostgreSQL once per transaction, so that isolation does not depend on the ORM."""

from crossdock.tenancy.guard import Guard
from crossdock.tenancy.scope import Platform, Scope, Tenant
from crossdock.tenancy.signer import Signer

__all__ = ["Guard", "Platform", "Scope", "Signer", "Tenant"]
