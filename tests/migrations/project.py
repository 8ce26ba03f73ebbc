"""A copy of the project that a test may write into, and the command run from it."""

import asyncio
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.kernel.config import Settings
from crossdock.kernel.migrations.history import PROJECT

COPIED = ("src", "migrations_legacy", "migrations_new", "alembic.ini", "pyproject.toml")
MAIN = "import sys; from crossdock.cli.main import main; sys.argv[0] = 'crossdock'; main()"


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
    """The folder of a copy, and the database that its commands work on."""

    folder: Path
    settings: Settings

    @classmethod
    def copied(cls, to: Path, settings: Settings) -> "Project":
        for name in COPIED:
            source = PROJECT / name
            if source.is_dir():
                shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, to / name)
        return cls(to, settings)

    async def crossdock(self, *arguments: str) -> Result:
        return await self.run(sys.executable, "-c", MAIN, *arguments)

    async def tool(self, name: str, *arguments: str) -> Result:
        """`aerich` or `alembic`, by hand."""
        return await self.run(str(Path(sys.executable).parent / name), *arguments)

    async def run(self, *command: str) -> Result:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(self.folder / "src"),
                "DATABASE_URL": self.settings.pooled.url,
                "DIRECT_URL": self.settings.direct.url,
                "CROSSDOCK_DATA_DIR": str(self.folder / ".crossdock"),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            out, errors = await process.communicate()
        assert process.returncode is not None
        return Result(process.returncode, out.decode(), errors.decode())

    def path(self, name: str) -> Path:
        return self.folder / name

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.path(name)
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def files(self) -> dict[str, str]:
        """Every revision and manifest, with what it says."""
        patterns = ("migrations_*/**/*.py", "src/crossdock/modules/*/module.py")
        paths = sorted(path for pattern in patterns for path in self.folder.glob(pattern))
        return {str(path.relative_to(self.folder)): path.read_text(encoding="utf-8") for path in paths}
