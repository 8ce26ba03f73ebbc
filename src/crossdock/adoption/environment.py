"""An `env.py` of alembic's, read without running it: which metadata it compares with, and what it is asked to see."""

import ast
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OURS = "run_by_hand"
FILTERS = ("include_object", "include_name", OURS)
"""What keeps alembic from tables that are not its own."""


@dataclass(frozen=True, slots=True)
class Environment:
    """`metadata` is a path as [tool.crossdock] has it, None where none is found. `imports` are the modules that it
    imports, whose models are in that metadata by then."""

    metadata: str | None
    imports: tuple[str, ...]
    version_table: str | None
    is_ours: bool
    has_filter: bool
    has_schemas: bool


def read_environment(file: Path) -> Environment:
    """Raises SyntaxError for what is no Python, OSError where there is no file."""
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    names = _imported(tree)
    keywords = {each.arg: each.value for each in ast.walk(tree) if isinstance(each, ast.keyword) and each.arg}
    table = keywords.get("version_table")
    return Environment(
        metadata=_metadata(tree, names),
        imports=tuple(dict.fromkeys(_modules(tree))),
        version_table=table.value if isinstance(table, ast.Constant) and isinstance(table.value, str) else None,
        is_ours=OURS in text,
        has_filter=any(word in text for word in FILTERS),
        has_schemas="include_schemas" in keywords or "version_table_schema" in keywords,
    )


def _imported(tree: ast.Module) -> dict[str, str]:
    """A name of the file → the dotted path that it was imported from."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                found[each.asname or each.name.partition(".")[0]] = each.name if each.asname else _first(each.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def _first(name: str) -> str:
    return name.partition(".")[0]


def _modules(tree: ast.Module) -> list[str]:
    """What has to be imported for the same models to be there."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    return found


def _metadata(tree: ast.Module, names: dict[str, str]) -> str | None:
    assigned = _assigned(tree)
    value = assigned.get("target_metadata")
    for _ in range(len(assigned)):  # metadata = Base.metadata; target_metadata = metadata
        if not isinstance(value, ast.Name) or value.id not in assigned:
            break
        value = assigned[value.id]
    if not isinstance(value, ast.Name | ast.Attribute):
        return None
    first, *more = ast.unparse(value).split(".")
    return _path([*names[first].split("."), *more]) if first in names else None


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
    return found


def _path(parts: list[str]) -> str | None:
    """`library.models.Base.metadata` → `library.models:Base`: as much of it as is a module comes before the colon."""
    for length in range(len(parts) - 1, 0, -1):
        module, rest = ".".join(parts[:length]), parts[length:]
        if _is_module(module):
            named = rest[:-1] if len(rest) > 1 and rest[-1] == "metadata" else rest
            return f"{module}:{'.'.join(named)}"
    return None


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, AttributeError, ValueError):
        return False
