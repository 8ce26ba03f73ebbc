"""What is installed: nothing that no code needs, and no newer release of what is used by its private names."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from crossdock.extras import EXTRAS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS_LISTED = PYPROJECT["project"]["optional-dependencies"]


@cache
def parsed(path: Path) -> ast.Module:
    """Not for all of them at once: most of the processes that collect this file run few of its tests."""
    return ast.parse(path.read_text())


def by_name(requirements: Iterable[str]) -> dict[str, Requirement]:
    return {canonicalize_name(each.name): each for each in map(Requirement, requirements)}


BASE = by_name(PYPROJECT["project"]["dependencies"])
LIBRARY = BASE | by_name(chain.from_iterable(EXTRAS_LISTED.values()))
FREIGHT = by_name(PYPROJECT["dependency-groups"]["freight"])
REQUIRED = {"crossdock": LIBRARY, "freight": LIBRARY | FREIGHT}
"""Package → what is installed with it."""
OWN = {"crossdock": LIBRARY, "freight": FREIGHT}
"""Package → what is installed because of it."""

PRIVATE_ATTRIBUTES = {
    "_column_default_generator": "tortoise-orm",
    "_connection_record": "sqlalchemy",
    "_embed_body_fields": "fastapi",
    "_escape_default_value": "tortoise-orm",
    "_execute_mutex": "sqlalchemy",
    "_generated": "tortoise-orm",
    "_meta": "tortoise-orm",
    "_upgrade": "aerich",
}
"""Of objects whose class a name does not tell, and whose they are."""

USED_WITHOUT_IMPORT = {
    "email-validator": "Pydantic's EmailStr asks for it",
    "python-multipart": "FastAPI reads forms by it",
    "squawk-cli": "the lint calls its program",
}

HELD_BY = {
    "httptools": {"uvicorn"},
    "opentelemetry.exporter.otlp.proto.http": {"opentelemetry-exporter-otlp-proto-http"},
    "opentelemetry.sdk": {"opentelemetry-sdk"},
    "uvloop": {"uvicorn"},
}
"""Of modules whose first name does not say it: the distribution that brings them."""

BROUGHT = {
    "asyncclick": "aerich",
    "greenlet": "sqlalchemy",
    "pydantic_core": "pydantic",
    "typing_extensions": "pydantic",
}
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
    for tree in map(parsed, SOURCES):
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
        if library in REQUIRED or library in sys.stdlib_module_names:
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
    assert list(unbounded(private_uses(parsed(path)), LIBRARY | FREIGHT)) == []


def test_every_private_attribute_is_somebodys() -> None:
    """Of ours, or of a library that the table names."""
    known = own_private_names() | set(PRIVATE_ATTRIBUTES)
    assert {
        f"{path.relative_to(ROOT)}: {name}" for path in SOURCES for name in private_attributes(path) - known
    } == set()


def private_attributes(path: Path) -> set[str]:
    """Those that a file asks of something that is neither itself nor what it has imported."""
    told = {alias for _, _, alias in imports(parsed(path))} | {"self"}
    return {
        node.attr
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and is_private(node.attr)
        and not (isinstance(node.value, ast.Name) and node.value.id in told)
    }


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


def imported_by(package: str) -> Iterator[tuple[str, set[str]]]:
    """Each module that a package imports, with the distributions that have it: none of the standard library's."""
    for path in SOURCES:
        if path.is_relative_to(ROOT / "src" / package):
            for module, _, _ in imports(parsed(path)):
                found = packages().get(module.partition(".")[0])
                if found and module.partition(".")[0] not in REQUIRED:
                    yield module, found


@pytest.mark.parametrize("package", OWN)
def test_what_is_required_is_imported(package: str) -> None:
    """By the code that it is installed for: what tests and examples need is in the group of the developers."""
    imported = set(chain.from_iterable(found for _, found in imported_by(package)))
    assert set(OWN[package]) - imported - set(USED_WITHOUT_IMPORT) == set()
    assert set(USED_WITHOUT_IMPORT) <= set(LIBRARY | FREIGHT)


@pytest.mark.parametrize("package", REQUIRED)
def test_what_is_imported_is_required(package: str) -> None:
    """By us, and not only by something that we require; the library gets by without what only freight requires."""
    missing = {module for module, found in imported_by(package) if not found & set(REQUIRED[package])}
    assert missing <= set(BROUGHT)
    assert set(BROUGHT.values()) <= set(BASE)


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_is_looked_for_by_modules_of_its_own(extra: str) -> None:
    """`need_extra` looks for modules of what the extra lists, none of which is there without it."""
    known, listed = packages() | HELD_BY, by_name(EXTRAS_LISTED[extra]).keys()
    assert [module for module in EXTRAS[extra] if find_spec(module) is None] == []
    assert [module for module in EXTRAS[extra] if not known[module] & listed - BASE.keys()] == []


def test_the_lock_file_fits_the_bounds() -> None:
    """What is installed by it is what the bounds allow."""
    lock = dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )
    outside = {
        name: lock.get(name)
        for name, each in (LIBRARY | FREIGHT).items()
        if not each.specifier.contains(lock.get(name, ""))
    }
    assert outside == {}
