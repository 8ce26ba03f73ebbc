"""Decisions are superseded and not edited: the history of each page says whether it was."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def git(*arguments: str, at: Path = ROOT) -> str:
    return subprocess.run(["git", *arguments], cwd=at, capture_output=True, text=True, check=True).stdout


def commit(at: Path) -> None:
    """All that is in the folder, as somebody."""
    git("add", ".", at=at)
    git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "-m", "a", at=at)


def decided(text: str) -> list[str]:
    """The words of a page but those of its date and status, where a successor is named. Lines may be broken anew."""
    return [word for part in text.split("\n\n") if not part.startswith("Date: ") for word in part.split()]


def edited(page: Path) -> bool:
    """Whether a page says something else than in its first commit. One that is in none yet may still be written."""
    commits = git("log", "--format=%H", "--", page.name, at=page.parent).split()
    return bool(commits) and decided(page.read_text()) != decided(
        git("show", f"{commits[-1]}:./{page.name}", at=page.parent)
    )


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_an_accepted_decision_keeps_its_text(page: Path) -> None:
    """From its first commit on, only the lines with its date and status change."""
    assert not edited(page), f"{page.name} was edited: write a new page, and name it in the status of this one"


def test_an_edited_decision_is_found_out(tmp_path: Path) -> None:
    """A new page, new line breaks and a successor are no edit; another word is."""
    page, text = tmp_path / "0001-a.md", "# 0001. A\n\nDate: 2026-01-01. Status: accepted.\n\nOne two\nthree.\n"
    git("init", "--quiet", at=tmp_path)
    commit(tmp_path)
    page.write_text(text)
    assert not edited(page)
    commit(tmp_path)
    page.write_text(text.replace("two\nthree", "two three").replace("accepted", "superseded by [0002](0002-b.md)"))
    assert not edited(page)
    page.write_text(text.replace("three", "four"))
    assert edited(page)
