"""The doctor's check of the secret that signs access tokens: it must be set, strong, and private."""

from crossdock.errors import ConfigurationError
from crossdock.operations.check import Check, failed, ok, warning
from freight.secret import auth_secret, kept_at
from freight.settings import FreightSettings

NAME = "secret"


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
