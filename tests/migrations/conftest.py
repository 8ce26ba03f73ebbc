"""The fixtures of the migrations' tests, by name."""

from tests.migrations.fixtures import deadly, deployed, empty, migrated, runner, scene

__all__ = ["deadly", "deployed", "empty", "migrated", "runner", "scene"]
