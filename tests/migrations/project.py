"""A copy of the application that a test may write into, and the command run from it, with this checkout's library."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.config.settings import Settings
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from tests.application import FREIGHT, at
from tests.commands.quick import quickly
from tests.migrations.copies import TOOLS

COPIED = ("src/freight", "migrations_legacy", "migrations_new", "alembic.ini", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Result:
    status: int
    out: str
    errors: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Project:
    """The folder of a copy, the database that its commands work on, and what else they find in their environment."""

    folder: Path
    settings: Settings
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def copied(cls, to: Path, settings: Settings) -> "Project":
        for name in COPIED:
            source = FREIGHT.root / name
            if source.is_dir():
                shutil.copytree(source, to / name)
            else:
                shutil.copy(source, to / name)
        return cls(to, settings)

    @property
    def runner(self) -> Runner:
        """In this process, with this process's code and the copy's chains."""
        return Runner(self.settings, Registry.discover(at(self.folder)))

    async def crossdock(self, *arguments: str) -> Result:
        return await self.run("crossdock.cli.main:main", "crossdock", *arguments)

    async def tool(self, name: str, *arguments: str) -> Result:
        """`aerich` or `alembic`, by hand."""
        return await self.run(TOOLS[name], name, *arguments)

    async def run(self, entry: str, *arguments: str) -> Result:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.folder / "src"),
            "DATABASE_URL": self.settings.pooled.url,
            "DIRECT_URL": self.settings.direct.url,
            "CROSSDOCK_PLATFORM_URL": self.settings.platform.url,
            "CROSSDOCK_DATA_DIR": str(self.folder / ".crossdock"),
            **self.variables,
        }
        ran = await quickly(entry, *arguments, folder=self.folder, environment=environment)
        return Result(ran.status, ran.output, ran.errors)

    def path(self, name: str) -> Path:
        return self.folder / name

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.path(name)
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def files(self) -> dict[str, str]:
        """Every revision and manifest, with what it says."""
        patterns = ("migrations_*/**/*.py", "src/freight/modules/*/module.py")
        paths = sorted(path for pattern in patterns for path in self.folder.glob(pattern))
        return {str(path.relative_to(self.folder)): path.read_text(encoding="utf-8") for path in paths}
