"""The two roles of row level security, and whether the logins of the service may become them."""

import asyncpg

from crossdock.operations.check import Check, failed, ok, skipped
from crossdock.tenancy import Tenancy

MAKE_THEM = "Run `crossdock migrate up`: it makes the roles, and lets the service's logins become them."


async def look_at_roles(tenancy: Tenancy, tenants: asyncpg.Connection, platform: asyncpg.Connection) -> list[Check]:
    """On a connection of each login; the two may be one. None where there are no tenants."""
    roles = tenancy.roles
    if not roles:
        return []
    missing = [
        role for role in roles if not await tenants.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    ]
    if missing:
        return [
            failed("roles", f"the server has no role {' and no role '.join(missing)}", MAKE_THEM),
            skipped("membership", "needs the roles"),
        ]
    return [ok("roles", " and ".join(roles)), await _membership(tenancy, tenants, platform)]


async def _membership(tenancy: Tenancy, tenants: asyncpg.Connection, platform: asyncpg.Connection) -> Check:
    """Tried, not looked up: what counts is whether SET ROLE works."""
    needed = {(platform, role) for role in tenancy.roles} | (
        {(tenants, tenancy.tenant_role)} if tenancy.tenant_role else set()
    )
    refused: dict[str, dict[str, None]] = {}  # in their order, each once: both logins may be one user
    for login, role in sorted(needed, key=lambda each: each[1]):
        if not await _may_become(login, role):
            refused.setdefault(await login.fetchval("SELECT current_user"), {})[role] = None
    if refused:
        refusals = "; ".join(f"{user} may not become {' or '.join(theirs)}" for user, theirs in refused.items())
        return failed("membership", refusals, MAKE_THEM)
    return ok(
        "membership", f"tenants' statements run as {tenancy.tenant_role}, the platform's as {tenancy.platform_role}"
    )


async def _may_become(pooled: asyncpg.Connection, role: str) -> bool:
    try:
        async with pooled.transaction():
            await pooled.execute(f"SET LOCAL ROLE {role}")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True
