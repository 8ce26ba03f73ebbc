"""The fixtures of the migrations' tests, by name."""

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
