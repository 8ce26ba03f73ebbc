"""Settings: read from the environment once, at the entry point, and passed down."""

from crossdock.config.settings import (
    HttpSettings,
    LogSettings,
    MigrationSettings,
    PoolSettings,
    Settings,
)

__all__ = ["HttpSettings", "LogSettings", "MigrationSettings", "PoolSettings", "Settings"]
