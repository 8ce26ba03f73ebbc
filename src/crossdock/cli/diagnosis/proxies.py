"""Do the clients have addresses of their own, or that of a proxy which nobody named?"""

import ipaddress

import asyncpg

from crossdock.config.settings import Settings
from crossdock.operations.check import Check, ok, warning
from crossdock.tenancy import Tenancy

NAME = "proxies"
SESSIONS_MIN = 20
"""Fewer say nothing: an office may sign in from one address."""
SHARED = """
SELECT min(address) AS address, count(*) AS sessions, count(DISTINCT address) AS addresses
FROM sessions WHERE created_at > now() - interval '1 day' AND address IS NOT NULL
"""
NAME_IT = (
    "If a proxy stands before the service, name it in CROSSDOCK_HTTP__TRUSTED_PROXIES, and have it set X-Forwarded-For:"
    " until then all clients share its address, and with it one limit of wrong sign-ins."
)


async def look_at_proxies(platform: asyncpg.Connection, settings: Settings, tenancy: Tenancy) -> Check:
    """By the settings, and by where people signed in from in the last day."""
    shared = await _shared_address(platform, tenancy)
    if shared is not None and (settings.is_production or not ipaddress.ip_address(shared[0]).is_loopback):
        address, sessions = shared
        return warning(NAME, f"all {sessions} sessions of the last day began at {address}, as from one client", NAME_IT)
    trusted = settings.http.trusted_proxies
    if trusted:
        return ok(NAME, f"believed: {', '.join(map(str, trusted))}")
    if settings.is_production:
        return warning(NAME, "no proxy is believed: a client's address is the one that it connects from", NAME_IT)
    return ok(NAME, "no proxy is believed: a client's address is the one that it connects from")


async def _shared_address(platform: asyncpg.Connection, tenancy: Tenancy) -> tuple[str, int] | None:
    """The private address that everybody signed in from, and how often; None where there are several, or too few."""
    try:
        async with platform.transaction():
            await platform.execute(f"SET LOCAL ROLE {tenancy.platform_role}")
            row = await platform.fetchrow(SHARED)
    except asyncpg.PostgresError:  # no role, or no table: the checks of those say so
        return None
    if row["addresses"] != 1 or row["sessions"] < SESSIONS_MIN or not _is_private(row["address"]):
        return None
    return row["address"], row["sessions"]


def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
