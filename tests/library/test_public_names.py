"""The public names: each is what its own module defines, and costs nothing before it is used."""

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import crossdock
from crossdock import guards, web

EACH = pytest.mark.parametrize("package", [crossdock, guards, web], ids=lambda package: package.__name__)


def imported(package: Any) -> dict[str, str]:
    """What a type checker is told: name → the module that it is imported from."""
    tree = ast.parse(Path(package.__file__).read_text())
    [block] = [each for each in tree.body if isinstance(each, ast.If) and isinstance(each.test, ast.Name)]
    imports = [each for each in block.body if isinstance(each, ast.ImportFrom)]
    return {alias.name: str(each.module) for each in imports for alias in each.names}


@EACH
def test_what_is_imported_is_what_a_type_checker_is_told(package: Any) -> None:
    """The same names in the same modules, all of `__all__`, and nothing else."""
    told = imported(package)
    assert sorted(told) == package.__all__ == sorted(package.__all__)
    for name, module in told.items():
        assert getattr(package, name) is getattr(import_module(module), name)
        assert name in dir(package)


@EACH
def test_a_public_name_says_what_it_is_for(package: Any) -> None:
    """It has a docstring, unless it is the name of a type."""
    named = {name: getattr(package, name) for name in package.__all__}
    assert [name for name, each in named.items() if callable(each) and not inspect.getdoc(each)] == []


@EACH
def test_another_name_is_no_attribute(package: Any) -> None:
    """Neither one that is nowhere, nor one that a module has for itself."""
    for name in ("Nothing", "_Table", "CommandError"):
        with pytest.raises(AttributeError, match=f"'{package.__name__}' has no attribute '{name}'"):
            getattr(package, name)


@EACH
def test_the_package_alone_loads_nothing(package: Any) -> None:
    """Neither ORM, nor the web framework, nor a module of ours besides what makes names lazy."""
    asked = f"import sys, {package.__name__}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert {name for name in loaded if name.startswith("crossdock")} == {
        "crossdock",
        "crossdock.lazy",
        package.__name__,
    }
    assert not {"sqlalchemy", "tortoise", "pydantic", "fastapi", "asyncpg"} & set(loaded)
