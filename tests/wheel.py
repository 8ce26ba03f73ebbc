"""The library as others install it: a wheel of this tree, in an environment of its own without the checkout."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]


def build(folder: Path) -> Path:
    """The wheel, made from the sources as they are."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(
        self, *command: str, folder: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program of the environment in a folder. This process's PYTHONPATH is not passed on."""
        program, *arguments = command
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [self.folder / "bin" / program, *arguments],
            cwd=folder,
            env=clean | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def install(wheel: Path, folder: Path, *extras: str, besides: tuple[str, ...] = ()) -> Installed:
    """An empty environment with the wheel, the extras and what else is wanted, at the versions of the lock file. They
    come from uv's cache, or from the index that `make setup` uses; by pip where there is no uv."""
    environment = os.environ | _uv_variables()
    wanted = [f"crossdock[{','.join(extras)}] @ {wheel.as_uri()}", *besides]
    pins = folder.with_suffix(".pins")
    pins.write_text("\n".join(re.findall(r"^[\w.\[\],-]+==\S+", _lock(), re.MULTILINE)))
    pinned = ("--constraint", str(pins), *wanted)
    if find_spec("uv"):
        uv = [sys.executable, "-m", "uv"]
        made: list[list[str]] = [[*uv, "venv", "--python", sys.executable, str(folder)]]
        made += [[*uv, "pip", "install", "--python", str(folder / "bin" / "python"), *pinned]]
    else:
        made = [[sys.executable, "-m", "venv", str(folder)], [str(folder / "bin" / "pip"), "install", *pinned]]
    for command in made:
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
    return Installed(folder)


def _lock() -> str:
    return (ROOT / "requirements.lock").read_text()


def _uv_variables() -> dict[str, str]:
    """What tools/install.py tells uv: where to ask, and to read no file of its own."""
    installer = _installer()
    asked = [sys.executable, "-m", "pip", "config", "list"]
    config = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    variables: dict[str, str] = installer.ALONE | installer.uv_settings(config)
    return variables


def _installer() -> ModuleType:
    spec = spec_from_file_location("install", ROOT / "tools" / "install.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
