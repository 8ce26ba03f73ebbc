"""Formats and lints a file that a command has written, as `make lint` wants it."""

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

STEPS = (("format",), ("check", "--fix", "--output-format=concise"), ("format",))
"""What is formatted has fewer faults, and mending one may leave an empty line too many."""


def tidy(paths: Sequence[Path]) -> str:
    """What ruff finds and cannot mend; nothing where ruff, a developer's tool, is not installed."""
    if find_spec("ruff") is None:
        return ""
    found = ""
    for step in STEPS:
        named = [str(path) for path in paths if path.suffix == ".py"]
        command = [*_ruff(), *step, "--quiet", "--no-cache", *named]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = done.stdout + done.stderr if "check" in step else found
    return found.strip()


def _ruff() -> list[str]:
    """The program beside this Python, where it is: a Python that starts it takes ten times as long."""
    beside = Path(sys.executable).with_name("ruff")
    return [str(beside)] if beside.exists() else [sys.executable, "-m", "ruff"]
