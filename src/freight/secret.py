"""The secret that signs access tokens. Outside of production the first run makes one, in a file for its owner only."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from crossdock.errors import ConfigurationError
from freight.settings import FreightSettings

SECRET_BYTES_MIN = 32


def auth_secret(settings: FreightSettings) -> str:
    """The secret. Raises ConfigurationError where it is weak, and in production where none is set."""
    given = settings.auth.secret.get_secret_value() if settings.auth.secret else None
    if given is None and settings.is_production:
        raise ConfigurationError(
            "CROSSDOCK_AUTH__SECRET is not set: production makes no secret of its own. Set one of at least"
            f" {SECRET_BYTES_MIN} random bytes, for example from `openssl rand -hex 32`."
        )
    secret = _kept(kept_at(settings)) if given is None else given
    if len(secret.encode()) < SECRET_BYTES_MIN or len(set(secret)) < 10:
        source = f"The secret in {kept_at(settings)}" if given is None else "CROSSDOCK_AUTH__SECRET"
        raise ConfigurationError(
            f"{source} is weak: take at least {SECRET_BYTES_MIN} random bytes, for example from `openssl rand -hex 32`."
        )
    return secret


def kept_at(settings: FreightSettings) -> Path:
    """The file of the secret that the first run makes."""
    return settings.data_dir / "secrets" / "auth"


def _kept(path: Path) -> str:
    """Reads the secret from its file, which is made where it is missing. Two processes that make it at once read the
    same one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written to a file of its own first (mode 0600), then linked to its name: `link` fails where the name exists, so
    # the first of two processes wins, and nobody reads a file that is half written.
    descriptor, fresh = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        Path(fresh).unlink()
    return path.read_text().strip()
