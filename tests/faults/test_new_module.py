"""Modules that `crossdock modules new` wrote are modules like the others: for every linter, the migrations, and all the
tests that find modules, tables, paths and tags by themselves."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.application import FREIGHT
from tests.migrations.copies import Project
from tests.world import Server, database_name

pytestmark = [pytest.mark.longest, pytest.mark.timeout(1_800)]
LIMIT_S = 1_500

PLAIN = ("depots",)
EVERY_KIND = (
    *("loading_docks", "--field", "name:text(30)", "--field", "slot:int?", "--field", "width:float"),
    *("--field", "is_open:bool", "--field", "opens_at:time", "--field", "sign:uuid?", "--field", "note:text?"),
)
OWN = tuple(f"tests/{place.format(name)}.py" for name in (PLAIN[0], EVERY_KIND[0])
            for place in ("modules/test_{}", "stores/test_{}_store"))  # fmt: skip
SHARED = (
    *(
        "tests/test_structure.py",
        "tests/web/test_pages.py",
        "tests/web/test_schemas.py",
        "tests/faults/test_examples.py",
    ),
    *("tests/library/test_policies.py", "tests/library/test_tenancy.py", "tests/library/test_registry.py"),
    *("tests/acceptance/test_cli_modules.py", "tests/faults/test_dispatch.py::test_every_get_is_answered_alike"),
    *("-k", "not import_contract"),  # the linter's test has these
)
NOT_COPIED = (".git", ".venv", ".crossdock", "__pycache__", ".*_cache", "*.log")


@pytest.fixture(scope="module")
async def grown(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Project, Settings]]:
    """A copy of the whole project with two new modules, and a database that they were migrated on."""
    root = tmp_path_factory.mktemp("grown") / "project"
    shutil.copytree(FREIGHT.root, root, ignore=shutil.ignore_patterns(*NOT_COPIED))
    project, settings = Project(root), await server.copy(database_name("grown"), template)
    for module in (PLAIN, EVERY_KIND):
        for command in (("modules", "new", *module), ("migrate", "up")):
            ran = await project.crossdock(*command, settings=settings)
            assert (ran.status, ran.errors) == (0, ""), ran
    yield project, settings
    await server.drop(settings.direct.database)


async def test_every_linter_is_content(grown: tuple[Project, Settings]) -> None:
    """All that `make lint` runs, on the whole project."""
    project, settings = grown
    scripts = Path(sys.executable).parent
    folders = ("src", "tests", "examples", "benchmarks", "migrations_new")
    for command in (
        ("-m", "ruff", "format", "--check", *folders),
        ("-m", "ruff", "check", *folders),
        ("-m", "mypy"),
        (str(scripts / "lint-imports"),),
    ):
        ran = await project.python(*command, settings=settings, limit_s=LIMIT_S)
        assert ran.status == 0, ran.output[-4_000:]
    for arguments in (("migrate", "lint"), ("migrate", "check"), ("schema", "check")):
        ran = await project.crossdock(*arguments, settings=settings)
        assert ran.status == 0, ran


@pytest.mark.parametrize("tests", [OWN, SHARED], ids=["their own", "the shared ones"])
async def test_all_tests_pass(server: Server, grown: tuple[Project, Settings], tests: tuple[str, ...]) -> None:
    """Nothing else was written by anybody: no table of names, no example, no id."""
    project, settings = grown
    ran = await project.python(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", *tests),
        settings=settings,
        limit_s=LIMIT_S,
        CROSSDOCK_TEST_DATABASE_URL=server.superuser.url,
    )
    assert ran.status == 0, ran.output[-8_000:]


async def test_its_revision_is_undone_and_done_again(grown: tuple[Project, Settings]) -> None:
    """Down to before both, and up: the database is what the models and the rules say."""
    project, settings = grown
    before = project.files("alembic")[-3].name.partition("_")[0]
    for command in (("down", f"alembic:{before}", "--yes"), ("up",), ("check",)):
        ran = await project.crossdock("migrate", *command, settings=settings)
        assert ran.status == 0, ran


async def test_a_kill_in_the_middle_leaves_no_half_module(server: Server, template: str, tmp_path: Path) -> None:
    """Killed while its files lie beside their place: no module is there, and the same command works afterwards."""
    root = tmp_path / "project"
    shutil.copytree(FREIGHT.root, root, ignore=shutil.ignore_patterns(*NOT_COPIED))
    project, settings = Project(root), await server.copy(database_name("killed"), template)
    modules = root / "src" / "freight" / "modules"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from crossdock.cli.main import main; main()", "modules", "new", "depots"),
        cwd=root,
        env=project.environment(settings),
        stdout=asyncio.subprocess.DEVNULL,
    )
    while not any(modules.glob(".new-*/depots/store.py")):
        assert process.returncode is None
        await asyncio.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert not (modules / "depots").exists()
    assert project.files("alembic") == sorted(project.files("alembic"))
    listed = await project.crossdock("modules", "--json", settings=settings)
    assert "depots" not in {module["name"] for module in listed.json}
    again = await project.crossdock("modules", "new", "depots", settings=settings)
    assert again.status == 0, again
    await server.drop(settings.direct.database)
