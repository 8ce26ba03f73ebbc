"""Long fault runs: `make test-all` runs them, `make test` does not. They use fixtures of the quick ones."""

from tests.cutover.conftest import apart  # noqa: F401
from tests.migrations.fixtures import *  # noqa: F403  those of its __all__
