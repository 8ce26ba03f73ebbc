"""The two roles of row level security, and whether the service's user may become them."""

import asyncpg

from crossdock.cli.diagnosis.check import Check, failed, ok, skipped
from crossdock.kernel.tenancy.scope import PLATFORM_ROLE, TENANT_ROLE

ROLES = (TENANT_ROLE, PLATFORM_ROLE)
MAKE_THEM = "Run `crossdock migrate up`: it makes the roles, and lets the user of DATABASE_URL become them."


async def look_at_roles(pooled: asyncpg.Connection, roles: tuple[str, ...] = ROLES) -> list[Check]:
    """On a connection of the service's own user."""
    missing = [
        role for role in roles if not await pooled.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    ]
    if missing:
        return [
            failed("roles", f"the server has no role {' and no role '.join(missing)}", MAKE_THEM),
            skipped("membership", "needs the roles"),
        ]
    return [ok("roles", " and ".join(ROLES)), await _membership(pooled)]


async def _membership(pooled: asyncpg.Connection) -> Check:
    """Tried, not looked up: what counts is whether SET ROLE works."""
    user = await pooled.fetchval("SELECT current_user")
    refused = [role for role in ROLES if not await _may_become(pooled, role)]
    if refused:
        return failed("membership", f"{user} may not become {' or '.join(refused)}", MAKE_THEM)
    return ok("membership", f"{user} may become both")


async def _may_become(pooled: asyncpg.Connection, role: str) -> bool:
    try:
        async with pooled.transaction():
            await pooled.execute(f"SET LOCAL ROLE {role}")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True
