"""Outside of a project: each command says so, and writes nothing."""

from pathlib import Path

import pytest

from tests.acceptance.process import environment
from tests.commands.quick import Ran, quickly

COMMANDS = (
    *(("serve", "--port", "0"), ("seed",), ("doctor",), ("openapi",), ("schema", "check"), ("modules",)),
    *(("modules", "show", "books"), ("modules", "new", "books"), ("documents",), ("documents", "show", "books.page")),
    *(("migrate", "up"), ("migrate", "down"), ("migrate", "status"), ("migrate", "plan"), ("migrate", "check")),
    *(
        ("migrate", "lint"),
        ("migrate", "mend"),
        ("migrate", "restate"),
        ("migrate", "handover", "books", "--to", "alembic"),
    ),
    ("migrate", "new", "-m", "Add books", "--module", "books"),
)
WITHOUT = (("--help",), ("serve", "--help"), ("migrate", "--help"), ("modules", "new", "--help"))


async def called(folder: Path, *command: str) -> Ran:
    return await quickly("crossdock.cli.main:main", "crossdock", *command, folder=folder, environment=environment())


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_a_command_needs_a_project(tmp_path: Path, command: tuple[str, ...]) -> None:
    """One line says where it looked and what to do, with exit status 1."""
    ran = await called(tmp_path, *command)
    assert ran.is_one_line(f"No pyproject.toml in {tmp_path}, or above it", "crossdock init"), ran
    assert files(tmp_path) == []


@pytest.mark.parametrize("command", WITHOUT, ids=" ".join)
async def test_help_needs_none(tmp_path: Path, command: tuple[str, ...]) -> None:
    """It says what there is."""
    ran = await called(tmp_path, *command)
    assert (ran.status, ran.errors) == (0, ""), ran
    assert "Usage" in ran.output
    assert files(tmp_path) == []
