"""`crossdock serve --reload`: a changed file starts the service anew, which takes as long as a start does."""

import asyncio
from pathlib import Path

from crossdock.config.settings import Settings
from tests.acceptance.process import PATIENCE_S, Service
from tests.acceptance.test_workers import told

YARDS = {
    "__init__.py": "",
    "yards/__init__.py": "",
    "yards/module.py": """
from crossdock.registry import Module, Orm

MODULE = Module(name="yards", orm=Orm.TORTOISE, tables=("yards",))
""",
    "yards/models_tortoise.py": """
from tortoise import Model, fields


class Yard(Model):
    id = fields.UUIDField(primary_key=True)

    class Meta:
        table = "yards"
""",
}
"""A package of modules, of one that Tortoise finds a model in."""


async def test_reload_starts_anew_when_a_file_changes(settings: Settings, tmp_path: Path) -> None:
    """A template as well as code."""
    package = tmp_path / "watched_modules"
    for file, text in YARDS.items():
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text(text)
    service = Service(settings, "--reload", CROSSDOCK_MODULES_PACKAGE=package.name, PYTHONPATH=str(tmp_path))
    await service.start()
    for name in ("late.py", "page.html"):
        before = service.log.count("connected: pooled lane")
        (package / name).write_text("# new\n")
        async with asyncio.timeout(PATIENCE_S):
            while service.log.count("connected: pooled lane") == before or await told(service) != "200":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert name in service.log
    await service.stop()
    assert service.process.returncode == 0, service.log
