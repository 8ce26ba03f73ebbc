"""The fixtures of the migrations' tests, by name."""

from tests.migrations.fixtures import *  # noqa: F403  those of its __all__
