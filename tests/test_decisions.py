"""Decisions: each is a page of one form, superseded and never edited. The history says whether one was."""

import re
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


def is_one_page(text: str) -> bool:
    return len(text.split()) < 600


def accepted(page: Path) -> str | None:
    """The text of the first commit in which it was one page. None: there is none yet, and it may still be written."""
    commits = git("log", "--reverse", "--format=%H", "--", page.name, at=page.parent).split()
    texts = (git("show", f"{commit}:./{page.name}", at=page.parent) for commit in commits)
    return next((text for text in texts if is_one_page(text)), None)


def edited(page: Path) -> bool:
    """Whether it says something else than what was accepted."""
    text = accepted(page)
    return text is not None and decided(page.read_text()) != decided(text)


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_a_decision_has_its_sections_and_is_in_the_index(page: Path) -> None:
    """Number, date, status, context, decision, consequences; at most a page."""
    text = page.read_text()
    number = page.name[:4]
    assert text.startswith(f"# {number}. ")
    assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: (accepted|superseded by \[\d{4}\])", text, re.MULTILINE)
    sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert [each for each in sections if each != "Alternatives"] == ["Context", "Decision", "Consequences"]
    assert is_one_page(text)


def test_the_index_has_each_decision_once_in_order() -> None:
    """Whoever looks for the next number reads the last row."""
    listed = re.findall(r"^\| \[\d{4}\]\((.*)\) \|", (ROOT / "docs" / "adr" / "README.md").read_text(), re.MULTILINE)
    assert listed == [page.name for page in ADRS]
    assert len({page.name[:4] for page in ADRS}) == len(ADRS)


@pytest.mark.parametrize("page", ADRS, ids=lambda page: page.stem)
def test_an_accepted_decision_keeps_its_text(page: Path) -> None:
    """From then on, only the lines with its date and status change."""
    assert not edited(page), f"{page.name} was edited: write a new page, and name it in the status of this one"


def test_an_edited_decision_is_found_out(tmp_path: Path) -> None:
    """A new page, one that was too long, new line breaks and a successor are no edit; another word is."""
    page, text = tmp_path / "0001-a.md", "# 0001. A\n\nDate: 2026-01-01. Status: accepted.\n\nOne two\nthree.\n"
    git("init", "--quiet", at=tmp_path)
    commit(tmp_path)
    for draft in (text * 100, text):
        page.write_text(draft)
        assert not edited(page)
        commit(tmp_path)
    page.write_text(text.replace("two\nthree", "two three").replace("accepted", "superseded by [0002](0002-b.md)"))
    assert not edited(page)
    page.write_text(text.replace("three", "four"))
    assert edited(page)
