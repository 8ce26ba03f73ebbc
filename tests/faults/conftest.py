"""Long fault runs: `make test-all` runs them, `make test` does not. They use the fixtures of the migrations' tests."""

from tests.migrations.fixtures import (
    current,
    deadly,
    deployed,
    empty,
    migrated,
    runner,
    scene,
    scene_of_three,
    template_of_three,
)

__all__ = [
    "current",
    "deadly",
    "deployed",
    "empty",
    "migrated",
    "runner",
    "scene",
    "scene_of_three",
    "template_of_three",
]
