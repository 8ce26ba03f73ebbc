"""Which proxies are believed when they say where a request comes from."""

from crossdock.config.settings import Settings
from crossdock.operations.check import Check, ok, warning

NAME = "proxies"
NAME_IT = (
    "If a proxy stands before the service, name it in CROSSDOCK_HTTP__TRUSTED_PROXIES, and have it set X-Forwarded-For:"
    " until then all clients share its address, and with it one limit of wrong sign-ins."
)


def look_at_proxies(settings: Settings) -> Check:
    """By the settings. In production a service without a proxy before it is rare, so there it is a warning that none is
    named."""
    trusted = settings.http.trusted_proxies
    if trusted:
        return ok(NAME, f"believed: {', '.join(map(str, trusted))}")
    nobody = "no proxy is believed: a client's address is the one that it connects from"
    return warning(NAME, nobody, NAME_IT) if settings.is_production else ok(NAME, nobody)
