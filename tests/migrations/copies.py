"""Copies of the project: one whose chains a test may add to, change and lose, and a released one with its own code."""

import asyncio
import os
import shutil
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from crossdock.application import Application
from crossdock.config.settings import Settings
from crossdock.migrations.chain import Chain, chains_of
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from tests.acceptance.process import Ran, environment
from tests.application import FREIGHT, at
from tests.commands.quick import PATIENCE_S, quickly

COPIED = ("src", "migrations_legacy", "migrations_new", "pyproject.toml", "alembic.ini")
TOOLS = {"aerich": "aerich.cli:main", "alembic": "alembic.config:main"}
RELEASES = sorted(
    (path.name for path in (FREIGHT.root / "releases").iterdir()),
    key=lambda name: [int(part) for part in name.split(".")],
)
"""The last one is what is deployed when today's code arrives."""

LEGACY = '''"""{summary}"""

from tortoise import BaseDBAsyncClient

{head}

async def upgrade(db: BaseDBAsyncClient) -> str:
    return """{up}"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """{down}"""
'''
NEW = '''"""{summary}"""

from alembic import op

revision = "{name}"
down_revision = "{before}"
branch_labels = None
depends_on = None
{head}

def upgrade() -> None:
{up}


def downgrade() -> None:
{down}
'''


@dataclass(frozen=True)
class Project:
    """Code, both chains and the tools' configuration under `root`."""

    root: Path

    @property
    def application(self) -> Application:
        return at(self.root)

    def chain(self, name: str) -> Chain:
        return next(chain for chain in chains_of(self.application) if chain.name == name)

    def files(self, chain: str) -> list[Path]:
        """Of one chain, oldest first."""
        return sorted(self.chain(chain).folder.glob("[0-9]*.py"), key=lambda path: int(path.name.partition("_")[0]))

    def revision_keys(self) -> list[str]:
        """Of both chains, each oldest first."""
        return [revision.key for chain in chains_of(self.application) for revision in chain.revisions()]

    def add_aerich(self, up: str, down: str, *, alone: bool = False, needs: tuple[str, ...] = ()) -> Path:
        """One more revision at the end of aerich's chain, from its SQL."""
        number = len(self.files("aerich"))
        path = self.chain("aerich").folder / f"{number}_20270101000000_more.py"
        path.write_text(
            LEGACY.format(summary=f"Legacy {number}.", head=_head(alone, needs, stated=True), up=up, down=down)
        )
        return path

    def add_alembic(self, up: str, down: str, *, alone: bool = False, needs: tuple[str, ...] = ()) -> Path:
        """One more revision at the end of alembic's chain: SQL whose statements end in `;`, or Python that begins with
        `op.`."""
        files = self.files("alembic")
        before, name = files[-1].name.partition("_")[0], f"{len(files) + 1:04}"
        path = self.chain("alembic").folder / f"{name}_more.py"
        parts = {"up": _python(up, alone=alone), "down": _python(down, alone=alone)}
        head = _head(alone, needs, stated=alone)
        path.write_text(NEW.format(summary=f"New {name}.", name=name, before=before, head=head, **parts))
        return path

    def add_three(self) -> None:
        """Two revisions more in each chain, so that there is a first, a middle and a last one."""
        for number in range(2):
            self.add_aerich(f"CREATE TABLE l{number} (id int)", f"DROP TABLE l{number}")
            self.add_alembic(f"CREATE TABLE n{number} (id int)", f"DROP TABLE n{number}")

    def runner(self, settings: Settings) -> Runner:
        """In this process, with this process's code and the copy's chains."""
        return Runner(settings, Registry.discover(self.application))

    async def crossdock(self, *arguments: str, settings: Settings, **variables: str) -> Ran:
        """The copy's own command, with the copy's own code."""
        return await self._quickly("crossdock.cli.main:main", "crossdock", *arguments, settings=settings, **variables)

    async def tool(self, *command: str, settings: Settings, **variables: str) -> Ran:
        """`aerich` or `alembic`, as a person calls it."""
        return await self._quickly(TOOLS[command[0]], *command, settings=settings, **variables)

    async def _quickly(self, entry: str, *arguments: str, settings: Settings, **variables: str) -> Ran:
        environment = self.environment(settings, **variables)
        return await quickly(entry, *arguments, folder=self.root, environment=environment)

    async def python(self, *arguments: str, settings: Settings, limit_s: float = PATIENCE_S, **variables: str) -> Ran:
        return await self._run(sys.executable, *arguments, settings=settings, variables=variables, limit_s=limit_s)

    def environment(self, settings: Settings, **variables: str) -> dict[str, str]:
        return environment(settings, PYTHONPATH=os.pathsep.join([str(self.root / "src"), str(self.root)]), **variables)

    async def _run(
        self, *command: str, settings: Settings, variables: dict[str, str], limit_s: float = PATIENCE_S
    ) -> Ran:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.root,
            env=self.environment(settings, **variables),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            output, errors = await asyncio.wait_for(process.communicate(), limit_s)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        assert process.returncode is not None
        return Ran(process.returncode, output.decode(), errors.decode())


def copied(root: Path, *, own_code: bool = True) -> Project:
    """The project as it is now. Without `own_code` its `src` is ours, by a link: for those who change the chains alone,
    which is cheaper by far."""
    root.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source = FREIGHT.root / name
        if name == "src" and not own_code:
            (root / name).symlink_to(source)
        elif source.is_dir():
            shutil.copytree(source, root / name)
        else:
            shutil.copy2(source, root / name)
    project = Project(root)
    for chain in ("aerich", "alembic"):
        _keep_nothing_compiled(project.files(chain)[0].parent)
    return project


def _keep_nothing_compiled(folder: Path) -> None:
    """A test may edit a revision twice within a second, which compiled code would hide from the tools: where it would
    be kept is a file."""
    kept = folder / "__pycache__"
    shutil.rmtree(kept, ignore_errors=True)
    kept.touch()


def released(root: Path, version: str) -> Project:
    """A release, from its archive."""
    with tarfile.open(FREIGHT.root / "releases" / version / "source.tar.gz") as archive:
        archive.extractall(root, filter="data")
    return Project(root)


def _head(alone: bool, needs: tuple[str, ...], *, stated: bool) -> str:
    lines = [f"RUN_IN_TRANSACTION = {not alone}"] if stated else []
    return "\n".join([*lines, f"NEEDS = {needs!r}" if needs else ""])


def _python(body: str, *, alone: bool) -> str:
    lines = body.strip().splitlines()
    if not body.strip().startswith("op."):
        lines = [f'op.execute("""{part.strip()}""")' for part in body.split(";") if part.strip()]
    if alone:
        lines = ["with op.get_context().autocommit_block():", *(f"    {line}" for line in lines)]
    return "\n".join(f"    {line}" for line in lines) or "    pass"
