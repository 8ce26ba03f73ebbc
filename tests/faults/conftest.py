"""Long fault runs: `make test-all` runs them, `make test` does not. They use the fixtures of the migrations' tests."""

from tests.migrations.fixtures import *  # noqa: F403  those of its __all__
