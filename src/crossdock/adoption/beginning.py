"""What a project gets that has nothing yet: the smallest service, and a chain of alembic's with no revision in it."""

import json
from pathlib import Path

ENV = '''"""alembic's entry for the raw command: under the lock of `crossdock migrate`, and on its conditions."""

from crossdock.migrations.tools.alembic_env import run_by_hand

run_by_hand()
'''
TEMPLATE = '''"""${message}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''
SETTINGS = '''"""The settings of the service, read from the environment."""

from pydantic import SecretStr

from crossdock.config import Settings


class ServiceSettings(Settings, frozen=True):
    """The library's, and what is the service's own: a field `secret` is read from CROSSDOCK_SECRET."""

    secret: SecretStr = SecretStr("for development")
    """Signs the fingerprints of requests that have an Idempotency-Key. Set one of its own where others can reach it."""
'''
APP = '''"""The service put together: the routers of its modules behind the library's HTTP shell."""

from fastapi import FastAPI

from crossdock.registry import Registry
from crossdock.web import app as shell
from crossdock.web.about import About
from {name}.settings import ServiceSettings

ABOUT = About(title={title}, summary="A service on Crossdock.", version="0.1.0")


def create_app(settings: ServiceSettings, registry: Registry) -> FastAPI:
    """`crossdock serve` calls it, with the settings of the environment and the modules of the project."""
    return shell.create_app(settings, registry, ABOUT, secret=settings.secret.get_secret_value())
'''
ALEMBIC_FOLDER = "migrations"


def service(root: Path, source: str, name: str) -> dict[Path, str]:
    """A package with an empty package of modules in it, its settings and its app."""
    package = root / source / name
    return {
        package / "__init__.py": "",
        package / "settings.py": SETTINGS,
        package / "app.py": APP.format(name=name, title=json.dumps(name.replace("_", " ").capitalize())),
        package / "modules" / "__init__.py": "",
    }


def alembic_chain(folder: Path) -> dict[Path, str]:
    """The files of a chain without a revision."""
    return {
        folder / "env.py": ENV,
        folder / "script.py.mako": TEMPLATE,
        folder / "versions" / ".gitkeep": "",
    }


def alembic_table(folder: str, sources: tuple[str, ...]) -> dict[str, str | list[str]]:
    """[tool.alembic], for the raw command."""
    return {
        "script_location": f"%(here)s/{folder}",
        "file_template": "%%(rev)s_%%(slug)s",
        "prepend_sys_path": [f"%(here)s/{source}".removesuffix("/.") for source in sources],
    }
