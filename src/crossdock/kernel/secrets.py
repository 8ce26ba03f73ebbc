"""Secrets that are made at the first run and kept in a file that only its owner reads."""

import os
import secrets
from pathlib import Path

from crossdock.kernel.config import Settings
from crossdock.kernel.errors import ConfigurationError

SECRET_BYTES_MIN = 32


def auth_secret(settings: Settings) -> str:
    """The key that signs access tokens. Raises ConfigurationError in production when it is missing or weak."""
    given = settings.auth.secret.get_secret_value() if settings.auth.secret else None
    if given is None and settings.is_production:
        raise ConfigurationError(
            "CROSSDOCK_AUTH__SECRET is not set: production makes no secret of its own. Set one of at least"
            f" {SECRET_BYTES_MIN} random bytes, for example from `openssl rand -hex 32`."
        )
    if given is not None and (len(given.encode()) < SECRET_BYTES_MIN or len(set(given)) < 10):
        raise ConfigurationError(
            f"CROSSDOCK_AUTH__SECRET is weak: take at least {SECRET_BYTES_MIN} random bytes, for example from"
            " `openssl rand -hex 32`."
        )
    return given or _kept(kept_at(settings))


def kept_at(settings: Settings) -> Path:
    """Where the secret is that the first run makes."""
    return settings.data_dir / "secrets" / "auth"


def _kept(path: Path) -> str:
    """Reads the secret, or makes it: the first of two processes that try wins, and both read the same."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text().strip()
