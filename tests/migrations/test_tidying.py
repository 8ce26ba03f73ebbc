"""A file that a program wrote is formatted before it is linted, where ruff is installed."""

import sys
from pathlib import Path

import pytest

from crossdock.migrations.authoring import tidying
from crossdock.migrations.authoring.tidying import tidy

LONG = f"import os\nimport sys\nnames = [{', '.join(repr(f'a name of {number}') for number in range(20))}, sys.path]\n"


def test_what_formatting_mends_is_no_finding(tmp_path: Path) -> None:
    """A line that is too long is broken, an import that nobody needs goes."""
    path = tmp_path / "long.py"
    path.write_text(LONG)
    assert tidy([path]) == ""
    text = path.read_text()
    assert "import os" not in text
    assert max(map(len, text.splitlines())) < 100


def test_what_is_left_is_told(tmp_path: Path) -> None:
    """In ruff's words, with the place."""
    path = tmp_path / "wrong.py"
    path.write_text("there()\n")
    assert "F821" in tidy([path])


def test_a_ruff_that_is_not_beside_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is run as a module: where packages lie in a folder of a person's own, as after `pip install --user`."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    test_what_is_left_is_told(tmp_path)


def test_without_ruff_the_file_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's tool: where the library alone is installed, it is not there."""
    monkeypatch.setattr(tidying, "find_spec", lambda _: None)
    path = tmp_path / "long.py"
    path.write_text(LONG)
    assert tidy([path]) == ""
    assert path.read_text() == LONG
