"""One runner over aerich and alembic: both chains in one plan, under one advisory lock, on the direct lane."""

from crossdock.kernel.migrations.runner import ChainStatus, Runner

__all__ = ["ChainStatus", "Runner"]
