"""Statements, put into a revision's file that its tool has written."""

from pathlib import Path

from crossdock.migrations.authoring.rules_change import RulesChange
from crossdock.migrations.tools.format import Format


def insert(path: Path, format: Format, change: RulesChange) -> None:
    """Into both directions of a file."""
    text = format.insert(path.read_text(encoding="utf-8"), "upgrade", [], change.up)
    path.write_text(format.insert(text, "downgrade", change.before, change.after), encoding="utf-8")
