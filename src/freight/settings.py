"""The marketplace's settings: the library's, and those of sign-in."""

from pydantic import Field, SecretStr

from crossdock.config.settings import Group, Settings


class AuthSettings(Group, frozen=True):
    """Tokens. The secret is made at the first run (under the data folder, mode 0600) where it is not given."""

    secret: SecretStr | None = None
    access_ttl_s: int = Field(default=900, ge=30, le=86_400)
    refresh_ttl_s: int = Field(default=30 * 86_400, ge=60, le=3_650 * 86_400)


class FreightSettings(Settings):
    """Read from the environment as the library's are."""

    auth: AuthSettings = AuthSettings()
