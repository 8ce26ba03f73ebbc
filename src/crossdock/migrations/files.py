"""The revisions of both chains, read from their files without running them: neither tool is loaded for that."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crossdock.migrations.names import AERICH, ALEMBIC, spelled
from crossdock.migrations.revision import BrokenChain, Revision

AERICH_NAME_MAX, ALEMBIC_NAME_MAX = 255, 32
"""What the version tables can hold."""
Values = dict[str, Any]
"""What a file assigns at its top level, where that is a literal; `__doc__` is its docstring, `__functions__`
are the names of its functions."""


def aerich_revisions(folder: Path, chain: str) -> list[Revision]:
    """aerich's files, by the number at their heads. Raises BrokenChain when two have the same, or one is missing."""
    paths = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    for path in paths:
        if not path.name.partition("_")[0].isdigit() or len(path.name) > AERICH_NAME_MAX:
            raise BrokenChain(
                f"{path.name} in the {chain} chain is no revision: its name begins with a number and _, and has at most"
                f" {AERICH_NAME_MAX} characters."
            )
    numbered = sorted((int(path.name.partition("_")[0]), path) for path in paths)
    for expected, (number, path) in enumerate(numbered):
        if number < expected:
            raise BrokenChain(f"Two files of the {chain} chain begin with {number}_: {_twins(numbered, number)}.")
        if number > expected:
            raise BrokenChain(
                f"The {chain} chain has no file {expected}_*.py before {path.name}: put it back (git restore), or give"
                " this one its number."
            )
    return [_revision(chain, AERICH, path.name, path, literals(path)) for _, path in numbered]


def _twins(numbered: list[tuple[int, Path]], number: int) -> str:
    return ", ".join(path.name for other, path in numbered if other == number)


def next_number(revisions: list[Revision]) -> str:
    """The next of a chain of alembic's. An id that is no number, as alembic makes them by hand, counts as a place."""
    numbers = [int(revision.number) for revision in revisions if revision.number.isdigit()]
    return f"{max([len(revisions), *numbers]) + 1:04d}"


def alembic_revisions(folder: Path, chain: str) -> list[Revision]:
    """alembic's files, each after the one that it names. Raises BrokenChain for two heads, a gap or a circle."""
    files = {path: literals(path) for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"}
    after: dict[str | None, list[Path]] = {}
    for path, values in files.items():
        if not isinstance(values.get("revision"), str):
            raise BrokenChain(f"{path.name} has no `revision`: it is no revision of alembic.")
        if len(values["revision"]) > ALEMBIC_NAME_MAX:
            raise BrokenChain(
                f"The revision of {path.name} has more than {ALEMBIC_NAME_MAX} characters, and alembic's version table"
                " holds no more: give it the next number."
            )
        twins = [other.name for other in files if files[other].get("revision") == values["revision"]]
        if len(twins) > 1:
            raise BrokenChain(f"Two files of the {chain} chain are revision {values['revision']}: {', '.join(twins)}.")
        after.setdefault(values.get("down_revision"), []).append(path)
    revisions: list[Revision] = []
    name: str | None = None
    while name in after:
        path = _only(chain, after.pop(name), name)
        name = str(files[path]["revision"])
        revisions.append(_revision(chain, ALEMBIC, name, path, files[path]))
    _all_reached(chain, after)
    return revisions


def _only(chain: str, paths: list[Path], after: str | None) -> Path:
    if len(paths) > 1:
        names = " and ".join(path.name for path in paths)
        raise BrokenChain(
            f"The {chain} chain forks: {names} both follow {after or 'nothing'}. Let the later one follow the other"
            " (`down_revision`)."
        )
    return paths[0]


def _all_reached(chain: str, left: dict[str | None, list[Path]]) -> None:
    for before, paths in left.items():
        raise BrokenChain(
            f"{paths[0].name} follows {before}, and no file of the {chain} chain leads there: put that file back"
            " (git restore), or mend `down_revision`."
        )


def _revision(chain: str, tool: str, name: str, path: Path, values: Values) -> Revision:
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
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:
        raise BrokenChain(f"{path.name} is no Python: {error}.") from None
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
