"""Settings of the ledger module, from `CROSSDOCK_LEDGER__*`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LedgerSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CROSSDOCK_LEDGER__", env_ignore_empty=True, frozen=True)

    fee_basis_points: int = Field(default=500, ge=0, le=10_000)
    """The platform's share of a settled amount, in hundredths of a percent, rounded down to a whole minor unit."""
