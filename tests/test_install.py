"""The installer of a fresh clone: by uv, told what pip is told, and by pip where uv cannot be had."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = """
import json, os, sys
name = os.path.basename(os.path.dirname(__file__))
if sys.argv[1:3] == ["config", "list"]:
    print(os.environ["PIP_SAYS"])
else:
    with open(os.environ["CALLS"], "a") as calls:
        told = {key: value for key, value in os.environ.items() if key.startswith("UV_") or key == "SSL_CERT_FILE"}
        calls.write(json.dumps([name, sys.argv[1:], told]) + "\\n")
    sys.exit(any(word in " ".join([name, *sys.argv[1:]]) for word in os.environ["FAILS"].split()))
"""


@dataclass
class Tried:
    """Pip and uv of a test's own, which note how they are called."""

    folder: Path
    status: int = 0
    errors: str = ""
    calls: list[tuple[str, list[str], dict[str, str]]] = field(default_factory=list)

    def install(self, fails: str, pip_says: str = "") -> "Tried":
        for name in ("pip", "uv"):
            (self.folder / name).mkdir(exist_ok=True)
            (self.folder / name / "__init__.py").touch()
            (self.folder / name / "__main__.py").write_text(PROGRAM)
        calls = self.folder / "calls"
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("UV_", "SSL_"))}
        mine = {"PYTHONPATH": str(self.folder), "CALLS": str(calls), "FAILS": fails, "PIP_SAYS": pip_says}
        program = [sys.executable, str(ROOT / "tools" / "install.py")]
        ran = subprocess.run(program, env=clean | mine, capture_output=True, text=True, check=False)
        self.status, self.errors = ran.returncode, ran.stderr
        self.calls = [tuple(json.loads(line)) for line in calls.read_text().splitlines()]
        return self

    @property
    def what(self) -> list[str]:
        """Who was told to install what, in order."""
        return [f"{name} {Path(arguments[-1]).name}" for name, arguments, _ in self.calls]


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    return Tried(tmp_path)


def test_uv_installs_what_is_locked_and_then_the_checkout(tried: Tried) -> None:
    """Pip gets uv by its hashes, uv the rest by theirs, without a file or a Python of its own."""
    tried.install("no-call-has-this-word")
    assert (tried.status, tried.errors) == (0, "")
    assert tried.what == ["pip uv.lock", "uv requirements.lock", f"uv {ROOT.name}"]
    assert all("--require-hashes" in arguments for _, arguments, _ in tried.calls[:2])
    assert all(told["UV_PYTHON_DOWNLOADS"] == "never" and told["UV_NO_CONFIG"] for *_, told in tried.calls[1:])


@pytest.mark.parametrize("fails", ["uv.lock", "uvpip", "requirements.lock"])
def test_pip_does_it_where_uv_does_not(tried: Tried, fails: str) -> None:
    """One line says so, whether uv cannot be had or cannot do it; and where pip cannot either, that is the end."""
    tried.install({"uvpip": "--python"}.get(fails, fails))
    assert "pip installs the packages" in tried.errors
    assert len(tried.errors.splitlines()) == 1
    if fails == "requirements.lock":
        assert (tried.status, tried.what[-1]) == (1, "pip requirements.lock")
    else:
        assert (tried.status, tried.what[-2:]) == (0, ["pip requirements.lock", f"pip {ROOT.name}"])


PIP_SAYS = """
:env:.extra-index-url='https://more.example/simple'
global.cert='/etc/certificates.crt'
global.constraint='/etc/constraints.txt'
global.extra-index-url='https://other.example/simple'
global.find-links='/not/there {here}'
global.index-url='https://index.example/simple'
install.index-url='https://nearer.example/simple'
"""


def test_uv_asks_the_index_that_pip_asks(tried: Tried) -> None:
    """What pip's files and variables say is said to uv in its words, the nearest of them where there are several."""
    tried.install("no-call-has-this-word", PIP_SAYS.format(here=tried.folder))
    told: dict[str, Any] = tried.calls[-1][2]
    assert told == {
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INDEX": "https://more.example/simple",
        "UV_FIND_LINKS": str(tried.folder),
        "UV_DEFAULT_INDEX": "https://nearer.example/simple",
        "SSL_CERT_FILE": "/etc/certificates.crt",
    }
