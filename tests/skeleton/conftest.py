"""An empty database, as the tests of the migrations have it."""

from tests.migrations.fixtures import empty

__all__ = ["empty"]
