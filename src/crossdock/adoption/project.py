"""The folder of a project that is to be taken in: its pyproject, and where its code is imported from."""

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from crossdock.application import FILE
from crossdock.errors import ConfigurationError

CANNOT_IMPORT = (
    "{what} cannot be imported here, and nothing was written: {error!r}. Install what the service needs beside"
    " Crossdock, set the environment variables that it reads, and run this again."
)
PASSED_OVER = {"node_modules", "site-packages", "build", "dist", "tests", "test", "__pycache__"}
"""Folders without code of the service, besides those that begin with a point."""


@dataclass(frozen=True)
class Project:
    """`text` is that of its pyproject; empty where there is none."""

    root: Path
    text: str
    tables: dict[str, Any]

    @classmethod
    def read(cls, root: Path) -> "Project":
        """Raises ConfigurationError for a pyproject that is no TOML."""
        file = root / FILE
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        try:
            return cls(root, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{file} cannot be read, and nothing was written: {error}.") from None

    def tool(self, name: str) -> dict[str, Any]:
        """Of the pyproject; empty where there is no such table."""
        found = self.tables.get("tool", {}).get(name, {})
        return found if isinstance(found, dict) else {}

    @property
    def aerich(self) -> dict[str, Any]:
        """aerich's table. `aerich init` writes [tool.tortoise] beside Tortoise 1.0 and newer, and reads either."""
        return self.tool("aerich") or self.tool("tortoise")

    @property
    def is_configured(self) -> bool:
        return bool(self.tool("crossdock"))

    @cached_property
    def name(self) -> str:
        """The project's, or its folder's, as an identifier."""
        said = str(self.tables.get("project", {}).get("name") or self.root.name)
        return re.sub(r"\W+", "_", said.lower()).strip("_") or "service"

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The folders that its code is imported from, as aerich and alembic are configured, `src`, and its root."""
        said = [str(self.aerich.get("src_folder", ".")), *self._prepended(), "src", "."]
        folders = [(self.root / each).resolve() for each in said]
        below = [each for each in folders if each.is_dir() and each.is_relative_to(self.root)]
        packages = [each for each in below if each == self.root or not (each / "__init__.py").exists()]
        return tuple(dict.fromkeys(str(each.relative_to(self.root)) for each in packages))

    def _prepended(self) -> list[str]:
        """What alembic puts on the path."""
        ini = ConfigParser(interpolation=None)
        ini.read(self.root / "alembic.ini", encoding="utf-8")
        said = self.tool("alembic").get("prepend_sys_path") or ini.get("alembic", "prepend_sys_path", fallback="")
        folders = said if isinstance(said, list) else str(said).replace(":", " ").split()
        return [str(each).replace("%(here)s", ".") for each in folders]

    def make_importable(self) -> None:
        """First on Python's path, so that what is imported is this project's."""
        for folder in reversed(self.sources):
            path = str((self.root / folder).resolve())
            if path not in sys.path:
                sys.path.insert(0, path)

    def holds(self, file: str | None) -> bool:
        """Whether a file is one of the project's own, and none that is installed in it."""
        path = Path(file or "").resolve()
        return path.is_relative_to(self.root) and "site-packages" not in path.parts

    def code(self) -> Iterator[Path]:
        """Its Python files, without tests."""
        for folder, names, files in os.walk(self.root):
            names[:] = sorted(name for name in names if name not in PASSED_OVER and not name.startswith("."))
            yield from (Path(folder) / name for name in sorted(files) if name.endswith(".py"))
