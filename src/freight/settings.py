"""The marketplace's settings: those of the library, and those of signing in."""

from pydantic import Field, SecretStr

from crossdock.config.settings import Group, Settings


class AuthSettings(Group, frozen=True):
    """How tokens are signed, and how long they last. Without a secret the first run makes one, in the data folder."""

    secret: SecretStr | None = None
    access_ttl_s: int = Field(default=900, ge=30, le=86_400)
    refresh_ttl_s: int = Field(default=30 * 86_400, ge=60, le=3_650 * 86_400)


class FreightSettings(Settings):
    """All settings of the service. They are read from the environment, with the library's prefix."""

    auth: AuthSettings = AuthSettings()
