"""Settings of the bids module, from `CROSSDOCK_BIDS__*`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class BidsSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CROSSDOCK_BIDS__", env_ignore_empty=True, frozen=True)

    award_ttl_s: int = Field(default=3600, ge=1, le=30 * 86_400)
    """How long a carrier has to accept an award before it expires and the booking is open again."""
