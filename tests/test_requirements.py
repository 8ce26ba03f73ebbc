"""What is installed: nothing that no code needs, and no newer release of what is used by its private names."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SOURCES = {path: ast.parse(path.read_text()) for path in sorted((ROOT / "src").rglob("*.py"))}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = {canonicalize_name(each.name): each for each in map(Requirement, PROJECT["dependencies"])}
TRACING = {canonicalize_name(Requirement(each).name) for each in PROJECT["optional-dependencies"]["tracing"]}

PRIVATE_ATTRIBUTES = {
    "_connection_record": "sqlalchemy",
    "_embed_body_fields": "fastapi",
    "_execute_mutex": "sqlalchemy",
    "_meta": "tortoise-orm",
    "_upgrade": "aerich",
}
"""Of objects whose class a name does not tell, and whose they are."""

USED_WITHOUT_IMPORT = {
    "email-validator": "Pydantic's EmailStr asks for it",
    "python-multipart": "FastAPI reads forms by it",
}

BROUGHT = {"asyncclick": "aerich", "pydantic_core": "pydantic", "typing_extensions": "pydantic"}
"""Imported, and part of what the other one is: it brings the version that fits."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@cache
def packages() -> dict[str, set[str]]:
    """Import name → the distributions that have it. Made once: it reads what every one of them has installed."""
    return {
        name: {canonicalize_name(each) for each in found} for name, found in metadata.packages_distributions().items()
    }


def imports(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Module, name and local name of each import; the name is empty where the module itself is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, "", name.asname or name.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for name in node.names:
                yield node.module, name.name, name.asname or name.name


def private_uses(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Import name or distribution → a private name of it that the file uses."""
    local = {}
    for module, name, alias in imports(tree):
        local[alias] = module.partition(".")[0]
        for part in [*module.split("."), name]:
            if is_private(part):
                yield module.partition(".")[0], part
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not is_private(node.attr):
            continue
        if isinstance(node.value, ast.Name) and node.value.id in local:
            yield local[node.value.id], node.attr
        elif node.attr in PRIVATE_ATTRIBUTES:
            yield PRIVATE_ATTRIBUTES[node.attr], node.attr


def own_private_names() -> set[str]:
    """What our own classes and modules define: it may be used within the tree."""
    names = set()
    for tree in SOURCES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names


def unbounded(uses: Iterator[tuple[str, str]], requirements: dict[str, Requirement]) -> Iterator[str]:
    """The private names of libraries whose next release would be taken as well."""
    known = packages()
    for library, name in uses:
        if library == "crossdock" or library in sys.stdlib_module_names:
            continue
        distributions = known.get(library, set()) | {canonicalize_name(library)}
        bounded = [each for each in distributions if each in requirements and has_upper_bound(requirements[each])]
        if not bounded:
            yield f"{name} of {library}, which has no upper bound in pyproject.toml"


def has_upper_bound(requirement: Requirement) -> bool:
    return any(each.operator in ("<", "<=", "==", "~=") for each in requirement.specifier)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_library_with_a_private_name_has_an_upper_bound(path: Path) -> None:
    """It may change or go with any release, and nobody would be told."""
    assert list(unbounded(private_uses(SOURCES[path]), RUNTIME)) == []


def test_every_private_attribute_is_somebodys() -> None:
    """Of ours, or of a library that the table names."""
    ours = own_private_names()
    stray = {
        f"{path.relative_to(ROOT)}: {node.attr}"
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and is_private(node.attr)
        and not (
            isinstance(node.value, ast.Name) and node.value.id in {alias for _, _, alias in imports(tree)} | {"self"}
        )
        and node.attr not in ours | set(PRIVATE_ATTRIBUTES)
    }
    assert stray == set()


def test_the_rule_can_fail() -> None:
    """By an import, a module's name, an attribute of what is imported, and one of the table."""
    loose = {"uvicorn": Requirement("uvicorn>=0.54"), "sqlalchemy": Requirement("sqlalchemy>=2.1")}
    for code in (
        "from uvicorn._subprocess import spawn",
        "from uvicorn.config import _hidden",
        "import uvicorn\nuvicorn._hidden",
        "held._execute_mutex",
    ):
        assert list(unbounded(private_uses(ast.parse(code)), loose)), code
        bounded = {name: Requirement(f"{each},<9") for name, each in loose.items()}
        assert list(unbounded(private_uses(ast.parse(code)), bounded)) == []


def test_what_is_required_is_imported() -> None:
    """By the code that is installed with it: what tests and examples need is in the extra for developers."""
    known = packages()
    imported = {
        distribution
        for tree in SOURCES.values()
        for module, _, _ in imports(tree)
        for distribution in known.get(module.partition(".")[0], ())
    }
    assert set(RUNTIME) - imported - set(USED_WITHOUT_IMPORT) == set()
    assert not set(USED_WITHOUT_IMPORT) - set(RUNTIME)


def test_what_is_imported_is_required() -> None:
    """By us, and not only by something that we require."""
    known = packages()
    missing = {
        module
        for tree in SOURCES.values()
        for module, _, _ in imports(tree)
        if (found := known.get(module.partition(".")[0])) and not found & (set(RUNTIME) | TRACING | {"crossdock"})
    }
    assert missing <= set(BROUGHT)
    assert set(BROUGHT.values()) <= set(RUNTIME)


def test_the_lock_file_fits_the_bounds() -> None:
    """What is installed by it is what the bounds allow."""
    lock = dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )
    outside = {
        name: lock.get(name) for name, each in RUNTIME.items() if not each.specifier.contains(lock.get(name, ""))
    }
    assert outside == {}
