"""Tenants: PostgreSQL is given the current one in each transaction, so that isolation does not depend on the ORM."""

from crossdock.tenancy.guard import Guard
from crossdock.tenancy.scope import Everybody, Platform, Scope, Tenant
from crossdock.tenancy.signer import Signer
from crossdock.tenancy.statements import Statements
from crossdock.tenancy.tenancy import NO_TENANCY, Tenancy

__all__ = ["NO_TENANCY", "Everybody", "Guard", "Platform", "Scope", "Signer", "Statements", "Tenancy", "Tenant"]
