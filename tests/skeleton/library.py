"""A project of somebody else's: a package `library` with models on SQLAlchemy, and a module that the library wrote."""

import os
from dataclasses import dataclass
from pathlib import Path

from crossdock.config.settings import Settings
from tests.acceptance.process import environment
from tests.commands.quick import Ran, quickly

PYPROJECT = """
[tool.crossdock]
name = "library"
modules = "library.modules"
app = "library.app:create_app"
{tenancy}
[tool.crossdock.alembic]
folder = "migrations"
metadata = "library.models:Base"

[tool.alembic]
script_location = "%(here)s/migrations"
"""
MODELS = '''"""The base of all models."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
'''
TENANCY = '''"""Each branch has its own books."""

from dataclasses import dataclass

from crossdock.tenancy import Tenancy, Tenant


@dataclass(frozen=True, slots=True)
class BranchScope(Tenant):
    branch_id: int


TENANCY = Tenancy(
    scope=BranchScope,
    columns={"branch_id": int},
    settings={"library.branch_id": "branch_id"},
    tenant_role="library_branch",
    platform_role="library_platform",
)
'''
APP = '''"""The app: a database for its life, the routers of the modules, and problems for errors."""

from contextlib import asynccontextmanager

from fastapi import FastAPI

from crossdock.registry import Registry, load_settings
from crossdock.transaction import Database
from crossdock.web import install_errors


def create_app():
    registry = Registry.found()

    @asynccontextmanager
    async def lifespan(app):
        async with Database(load_settings(registry), registry) as database:
            app.state.database = database
            yield

    app = FastAPI(lifespan=lifespan)
    {scope_of}
    install_errors(app)
    for router in registry.routers():
        app.include_router(router)
    return app
'''
OF_BRANCH = """
    async def scope_of(request):
        from library.tenancy import BranchScope

        return BranchScope(int(request.headers["x-branch"]))

    app.state.scope_of = scope_of
"""
ENV = "from crossdock.migrations.tools.alembic_env import run_by_hand\n\nrun_by_hand()\n"
MAKO = Path(__file__).parents[2] / "migrations_new" / "script.py.mako"


@dataclass(frozen=True)
class Library:
    """Where it lies."""

    root: Path

    @classmethod
    def made(cls, root: Path, *, has_tenants: bool) -> "Library":
        for folder in ("library/modules", "migrations/versions"):
            (root / folder).mkdir(parents=True)
        tenancy = 'tenancy = "library.tenancy:TENANCY"' if has_tenants else ""
        texts = {
            "pyproject.toml": PYPROJECT.format(tenancy=tenancy),
            "library/__init__.py": "",
            "library/modules/__init__.py": "",
            "library/models.py": MODELS,
            "library/app.py": APP.replace("{scope_of}", OF_BRANCH if has_tenants else ""),
            "migrations/env.py": ENV,
            "migrations/script.py.mako": MAKO.read_text(),
        } | ({"library/tenancy.py": TENANCY} if has_tenants else {})
        for path, text in texts.items():
            (root / path).write_text(text)
        return cls(root)

    async def crossdock(self, *arguments: str, settings: Settings) -> Ran:
        """Runs a command in the project, on a database."""
        called = environment(settings, CROSSDOCK_AUTH__SECRET=None)
        return await quickly(
            "crossdock.cli.main:main",
            "crossdock",
            *arguments,
            folder=self.root,
            environment=called | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        )
