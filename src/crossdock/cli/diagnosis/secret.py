"""Is the secret that signs tokens there, strong and private?"""

from crossdock.cli.diagnosis.check import Check, failed, ok, warning
from crossdock.kernel.config import Settings
from crossdock.kernel.errors import ConfigurationError
from crossdock.kernel.secrets import auth_secret, kept_at

NAME = "secret"


def look_at_secret(settings: Settings) -> Check:
    """Makes none: the service does that at its first run."""
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
