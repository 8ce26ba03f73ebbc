"""Reads the contract of a module's store: its methods, and the body that each has in the store that is there."""

import ast
import builtins
import dataclasses
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any, get_args, get_type_hints

from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import STORE_PREFIX
from crossdock.schema.sync.python import Imports

READS = "Reads"
STORE = "Store"
CONDITIONED = {"filter", "exclude", "get", "get_or_none", "first"}
"""Methods of Tortoise's that take conditions."""
KEYS = {"id", "pk", "version"}


@dataclass(frozen=True, slots=True)
class Method:
    """One of a contract. `other` is the function that fulfils it on the other ORM, of the class `store`; both are None
    where there is none."""

    function: Callable[..., Any]
    other: Callable[..., Any] | None
    store: Any
    is_read: bool

    @property
    def name(self) -> str:
        return self.function.__name__

    def signature(self, imports: Imports) -> list[str]:
        """The lines from `async def` to the colon, as they are written, with what they name imported."""
        node, module = definition(self.function), self.function.__module__
        known = _imported(module)
        for each in (each for part in (node.args, node.returns) if part for each in ast.walk(part)):
            if isinstance(each, ast.Name) and not hasattr(builtins, each.id):
                imports(*known.get(each.id, (module, each.id)))
        return _before(_source(self.function), node.body[0])

    @property
    def parameters(self) -> list[str]:
        """Without `self`."""
        return [name for name in inspect.signature(self.function).parameters if name != "self"]

    @property
    def hints(self) -> dict[str, Any]:
        """The types of the parameters, and `return`."""
        return get_type_hints(self.function)

    @property
    def row(self) -> tuple[type[Any] | None, bool]:
        """The frozen row that it takes first or returns, and whether it is a list of them."""
        hints = self.hints
        returned = hints.pop("return", NoneType)
        hint = returned if self.is_read else next(iter(hints.values()), NoneType)
        kinds = [each for each in (hint, *get_args(hint)) if dataclasses.is_dataclass(each)]
        return (kinds[0] if kinds and isinstance(kinds[0], type) else None), getattr(hint, "__origin__", None) is list

    @property
    def lists_rows(self) -> bool:
        """Does it return a list of frozen rows?"""
        returned = self.hints.get("return")
        return getattr(returned, "__origin__", None) is list and dataclasses.is_dataclass(get_args(returned)[0])

    @property
    def body(self) -> list[str]:
        """The lines of the body on the other ORM, without its docstring."""
        if self.other is None:
            return []
        source = _source(self.other).splitlines()
        statements = definition(self.other).body
        if isinstance(statements[0], ast.Expr) and isinstance(statements[0].value, ast.Constant):
            statements = statements[1:]
        return textwrap.dedent("\n".join(source[statements[0].lineno - 1 :])).splitlines() if statements else []

    @property
    def has_conditions(self) -> bool:
        """Whether it asks for more than a key: a filter of its own on Tortoise, which must not be lost."""
        if self.other is None:
            return False
        calls = [each for each in ast.walk(definition(self.other)) if isinstance(each, ast.Call)]
        asked = [each for each in calls if isinstance(each.func, ast.Attribute) and each.func.attr in CONDITIONED]
        return any(each.args or {keyword.arg for keyword in each.keywords} - KEYS for each in asked)


def methods_of(registry: Registry, module: Module, other_orm: Orm) -> list[Method]:
    """Those of the contract, beside what fulfils them on one ORM.

    The reads come first, each as the store has it: with a lock, where a transaction takes one.
    """
    assert module.store is not None
    contract = registry.load(module, f"store:{module.store}")
    reads = {name for each in contract.__mro__ if each.__name__.endswith(READS) for name, _ in _functions(each)}
    found = {name: function for each in reversed(contract.__mro__) for name, function in _functions(each)}
    other = _other(registry, module, other_orm)
    made = [Method(function, getattr(other, name, None), other, name in reads) for name, function in found.items()]
    return sorted(made, key=lambda each: not each.is_read)


def _other(registry: Registry, module: Module, orm: Orm) -> Any:
    try:
        return registry.load(module, f"store_{orm.value}:{STORE_PREFIX[orm]}{module.store}")
    except (ImportError, AttributeError):
        return None


def _functions(contract: type[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, function in vars(contract).items():
        if inspect.isfunction(function) and not name.startswith("_"):
            yield name, function


def definition(function: Callable[..., Any]) -> ast.AsyncFunctionDef | ast.FunctionDef:
    """The source of a function, as a tree."""
    node = ast.parse(_source(function)).body[0]
    assert isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
    return node


def _source(function: Callable[..., Any]) -> str:
    return textwrap.dedent(inspect.getsource(function))


def _before(source: str, statement: ast.stmt) -> list[str]:
    """The lines of a function before its first statement."""
    *whole, last = source.splitlines()[: statement.lineno]
    return "\n".join([*whole, last[: statement.col_offset]]).rstrip().splitlines()


@cache
def _imported(module: str) -> dict[str, tuple[str, str]]:
    """Name → where a file has it from."""
    nodes = ast.walk(ast.parse(inspect.getsource(sys.modules[module])))
    return {
        name.asname or name.name: (node.module, name.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }
