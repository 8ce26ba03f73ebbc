"""The doctor's own checks for the marketplace: the secret that signs access tokens, and where people sign in from."""

import ipaddress

import asyncpg

from crossdock.cli.diagnosis.proxies import NAME as PROXIES
from crossdock.cli.diagnosis.proxies import NAME_IT
from crossdock.errors import ConfigurationError
from crossdock.operations.check import Check, failed, ok, warning
from freight.secret import auth_secret, kept_at
from freight.settings import FreightSettings
from freight.tenancy import TENANCY

NAME = "secret"
SESSIONS_MIN = 20
"""Fewer say nothing: an office may sign in from one address."""
SHARED = """
SELECT min(address) AS address, count(*) AS sessions, count(DISTINCT address) AS addresses
FROM sessions WHERE created_at > now() - interval '1 day' AND address IS NOT NULL
"""


def look_at_secret(settings: FreightSettings) -> Check:
    """Only looks: where there is no secret yet, the service makes one at its first run."""
    file = kept_at(settings)
    if settings.auth.secret is None and not settings.is_production:
        if not file.exists():
            return ok(NAME, f"none yet; the first run makes one, {file}")
        if file.stat().st_mode & 0o077:
            return warning(NAME, f"{file} can be read by other users", f"chmod 600 {file}")
        return ok(NAME, f"{file}, readable by its owner alone")
    try:
        auth_secret(settings)
    except ConfigurationError as error:
        return failed(NAME, str(error))
    return ok(NAME, "CROSSDOCK_AUTH__SECRET")


async def look_at_clients(settings: FreightSettings, platform: asyncpg.Connection) -> Check | None:
    """A warning where all sign-ins of the last day came from one private address: probably a proxy that is not named in
    the settings. None otherwise."""
    shared = await _shared_address(platform)
    if shared is None:
        return None
    address, sessions = shared
    if ipaddress.ip_address(address).is_loopback and not settings.is_production:
        return None
    words = f"all {sessions} sessions of the last day began at {address}, as from one client"
    return warning(PROXIES, words, NAME_IT)


async def _shared_address(platform: asyncpg.Connection) -> tuple[str, int] | None:
    """The private address that everybody signed in from, and how often. None where there are several, or too few."""
    try:
        async with platform.transaction():
            await platform.execute(f"SET LOCAL ROLE {TENANCY.platform_role}")
            row = await platform.fetchrow(SHARED)
    except asyncpg.PostgresError:  # no role, or no table: other checks report these
        return None
    if row["addresses"] != 1 or row["sessions"] < SESSIONS_MIN or not _is_private(row["address"]):
        return None
    return row["address"], row["sessions"]


def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
