"""An empty database for each test that asks for one."""

from tests.migrations.fixtures import empty

__all__ = ["empty"]
