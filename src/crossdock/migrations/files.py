"""A revision's file, read without running it: what it assigns, and what it says of its place."""

import ast
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from crossdock.migrations.names import spelled
from crossdock.migrations.revision import BrokenChain, Revision

Values = dict[str, Any]
"""What a file assigns at its top level, where that is a literal; `__doc__` is its docstring, `__functions__`
are the names of its functions."""

FILES_MAX = 1_024
"""Of how many files it is remembered what they say."""


def revision_of(chain: str, tool: str, name: str, path: Path, values: Values) -> Revision:
    """From what its file says. Raises BrokenChain where that is not what it has to be."""
    for verb in ("upgrade", "downgrade"):
        if verb not in values["__functions__"]:
            raise BrokenChain(f"{path.name} has no {verb}().")
    summary = str(values.get("__doc__", "")).strip().partition("\n\n")[0]
    handed_over = _checked(path, values, "HANDED_OVER", {}, _are_reasons)
    return Revision(
        chain=chain,
        tool=tool,
        name=name,
        path=path,
        summary=" ".join(summary.split()),
        needs=tuple(map(spelled, _checked(path, values, "NEEDS", (), lambda value: _are_texts(value, tuple)))),
        safe=_checked(path, values, "SAFE", {}, _are_reasons),
        handed_over={table: spelled(to) for table, to in handed_over.items()},
        stands_alone=not values.get("RUN_IN_TRANSACTION", True),
    )


def _are_texts(values: Any, kind: type[list[Any]] | type[tuple[Any, ...]] = list) -> bool:
    return isinstance(values, kind) and all(isinstance(value, str) and value.strip() for value in values)


def _are_reasons(value: Any) -> bool:
    return isinstance(value, dict) and _are_texts([*value, *value.values()])


def _checked(path: Path, values: Values, name: str, default: Any, is_right: Callable[[Any], bool]) -> Any:
    value = values.get(name, default)
    if not is_right(value):
        wanted = {
            "NEEDS": 'a tuple, as in ("aerich:2",)',
            "SAFE": "a dict of a rule's name and the reason",
            "HANDED_OVER": "a dict of a table and the chain that takes it",
        }[name]
        raise BrokenChain(f"{name} of {path.name} has to be {wanted}.")
    return value


def literals(path: Path) -> Values:
    """Raises BrokenChain for what is no Python."""
    try:
        return dict(_literals(path.read_text(encoding="utf-8")))
    except (SyntaxError, ValueError) as error:
        raise BrokenChain(f"{path.name} is no Python: {error}.") from None


@lru_cache(maxsize=FILES_MAX)
def _literals(text: str) -> Values:
    """Looked at once for each content: one command asks several times for the same chain."""
    tree = ast.parse(text)
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    values: Values = {"__doc__": ast.get_docstring(tree) or "", "__functions__": functions}
    for node in tree.body:
        target = _assigned(node)
        if target is not None:
            try:
                values[target[0]] = ast.literal_eval(target[1])
            except ValueError:
                continue  # computed: none of ours is
    return values


def _assigned(node: ast.stmt) -> tuple[str, ast.expr] | None:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        return node.target.id, node.value
    return None
