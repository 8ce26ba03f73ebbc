"""Which errors a function can raise, read from its code: those that it names, and those of all that it calls.

Names are looked up as Python does: in the module's globals, and as attributes of modules and objects. For a method of a
value (`store.page(...)`) each class that the function names, or is annotated with, is tried. So more errors may be
found than can happen. Hardly one is missed, since an error has to be named in some function to be raised.
"""

import ast
import builtins
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any, Self, get_args

from crossdock.errors import CrossdockError, OutcomeUnknown, ProgrammingError, ReadOnly, Unavailable
from crossdock.registry import Registry
from crossdock.transaction import Database

WRITING = (OutcomeUnknown, ReadOnly)
READING = [
    kind for kind in Unavailable.__subclasses__() if kind.__module__ == Unavailable.__module__ and kind not in WRITING
]
UNITS_OF_WORK: dict[Any, list[type[Unavailable]]] = {
    Database.reading: READING,
    Database.transaction: [*READING, *WRITING],
}
"""What a unit of work raises by itself. Its code is not read."""
FOLLOWED = ("crossdock.documents.", "crossdock.idempotency", "crossdock.web.")
"""What is read besides the application's code. The rest of the library is called by units of work only."""

Errors = dict[type[CrossdockError], str | None]
"""Each error, with the field that it names where one is written beside it."""


@dataclass(frozen=True)
class Raised:
    """Finds the errors of functions, and remembers what it found: one is enough for all routes of an app."""

    registry: Registry
    _reached: dict[FunctionType, "Reached"] = field(default_factory=dict)

    def of(self, *calls: Callable[..., Any]) -> Errors:
        """The errors of all these functions together."""
        found: Errors = {}
        seen: set[FunctionType] = set()
        left = [each for call in calls for each in _functions(call)]
        while left:
            function = left.pop()
            if function in seen:
                continue
            seen.add(function)
            reached = self._reach(function)
            for error, where in reached.errors.items():
                found[error] = found.get(error) or where
            left += reached.functions
        return found

    def _reach(self, function: FunctionType) -> "Reached":
        if function in UNITS_OF_WORK:
            return Reached(dict.fromkeys(UNITS_OF_WORK[function]), [])
        if not self._is_followed(function):
            return Reached({}, [])
        if function not in self._reached:
            self._reached[function] = _read(function, self._store_of)
        return self._reached[function]

    def _is_followed(self, function: FunctionType) -> bool:
        application = self.registry.package.partition(".")[0]  # its packages beside the modules too
        return function.__module__.startswith((*FOLLOWED, f"{application}."))

    def _store_of(self, kind: type[Any]) -> type[Any]:
        """For the contract of a store, the class that fulfils it; any other class as it is."""
        is_contract = getattr(kind, "_is_protocol", False) and kind.__module__.startswith(f"{self.registry.package}.")
        try:
            return self.registry.store(kind)[1] if is_contract else kind
        except (AttributeError, ProgrammingError):  # a part of a contract
            return kind


@dataclass(frozen=True, slots=True)
class Reached:
    """What one function names itself."""

    errors: Errors
    functions: list[FunctionType]


def _read(function: FunctionType, store_of: Callable[[type[Any]], type[Any]]) -> Reached:
    """Errors and functions that are named, and the methods of such a name of any class that is."""
    names = _Names.of(function)
    kinds = {store_of(kind) for each in names.named for kind in _kinds(each)}
    functions = [each for thing in names.named for each in _functions(thing)]
    functions += [each for kind in names.made for each in _makers(kind)]
    for name, is_called in names.attributes:
        found = [inspect.getattr_static(kind, name, None) for kind in kinds]
        functions += [each for thing in found if is_called or isinstance(thing, property) for each in _functions(thing)]
    return Reached(names.errors, functions)


def _kinds(thing: Any) -> Iterator[type[Any]]:
    """The classes whose methods may be meant where a thing is named: itself, or its own, or those of an annotation."""
    if isinstance(thing, type) and not get_args(thing):
        yield thing
    elif get_args(thing):
        yield from (kind for each in get_args(thing) for kind in _kinds(each))
    elif isinstance(thing, MethodType):
        yield from _kinds(thing.__self__)
    elif not isinstance(thing, FunctionType | ModuleType):
        yield type(thing)


def _functions(thing: Any) -> list[FunctionType]:
    """What runs when a thing is called, or read: a function, a method, a property."""
    if isinstance(thing, FunctionType):
        return [inspect.unwrap(thing)]  # without its decorators
    if isinstance(thing, classmethod | staticmethod | MethodType):
        return _functions(thing.__func__)
    if isinstance(thing, property):
        return _functions(thing.fget)
    return []


def _makers(kind: type[Any]) -> list[FunctionType]:
    """What runs when an object of the class is made."""
    made = [inspect.getattr_static(kind, name, None) for name in ("__init__", "__post_init__")]
    return [each for each in made if isinstance(each, FunctionType)]


class _Names(ast.NodeVisitor):
    """The objects that a function names, the attributes that it reads of values, and the errors among them.

    An error after `except` is not counted: it ends there.
    """

    def __init__(self, function: FunctionType) -> None:
        self._scope = {**vars(builtins), **function.__globals__, **_closed_over(function)}
        self.named: list[Any] = []
        self.attributes: set[tuple[str, bool]] = set()
        """Each with whether it is called there."""
        self.made: list[type[Any]] = []
        self.errors: Errors = {}

    @classmethod
    def of(cls, function: FunctionType) -> Self:
        names, node, owner = cls(function), _definition(function), _owner(function)
        if node is not None:
            names.visit(node)
        if owner is not None:
            names.named.append(owner)
        return names

    def visit_Name(self, node: ast.Name) -> None:
        self._note(self._scope.get(node.id))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        thing = self._value(node)
        if thing is None:
            self.attributes.add((node.attr, False))
            self.visit(node.value)
        else:
            self._note(thing)

    def visit_Call(self, node: ast.Call) -> None:
        thing = self._value(node.func)
        self.generic_visit(node)
        if thing is None and isinstance(node.func, ast.Attribute):
            self.attributes.add((node.func.attr, True))
        if _is_error(thing):
            given = [each.value for each in node.keywords if each.arg == "field"]
            fields = [each.value for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            self.errors[thing] = fields[0] if fields else self.errors.get(thing)
        elif isinstance(thing, type):
            self.made.append(thing)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        for each in node.body:
            self.visit(each)

    def visit_arguments(self, node: ast.arguments) -> None:
        """An annotation says what is called, and raises nothing."""
        for each in ast.walk(node):
            if isinstance(each, ast.Name | ast.Attribute) and not _is_error(self._value(each)):
                self.visit(each)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.visit(node.args)
        for each in node.body:
            self.visit(each)

    def _note(self, thing: Any) -> None:
        if _is_error(thing):
            self.errors.setdefault(thing, None)
        elif thing is not None:
            self.named.append(thing)

    def _value(self, node: ast.expr) -> Any:
        """What an expression of names and dots stands for, None where it takes a value to know."""
        if isinstance(node, ast.Name):
            return self._scope.get(node.id)
        if isinstance(node, ast.Attribute):
            return getattr(self._value(node.value), node.attr, None)
        return None


def _is_error(thing: Any) -> bool:
    """Whether a client may get this error. Of a ProgrammingError it gets the same as of any internal error."""
    return isinstance(thing, type) and issubclass(thing, CrossdockError) and not issubclass(thing, ProgrammingError)


def _closed_over(function: FunctionType) -> dict[str, Any]:
    values = function.__closure__ or ()
    return dict(zip(function.__code__.co_freevars, (each.cell_contents for each in values), strict=True))


def _owner(function: FunctionType) -> Any:
    """The class that a method is of."""
    name = function.__qualname__.rpartition(".")[0]
    return function.__globals__.get(name) if name.isidentifier() else None


def _definition(function: FunctionType) -> ast.AST | None:
    lines = _definitions(Path(function.__code__.co_filename))
    return lines.get(function.__code__.co_firstlineno)


@cache
def _definitions(file: Path) -> dict[int, ast.AST]:
    """Line → the function that begins there, with its decorators."""
    if not file.is_file():
        return {}
    nodes = [each for each in ast.walk(ast.parse(file.read_text())) if isinstance(each, _FUNCTIONS)]
    return {min([node.lineno, *(each.lineno for each in node.decorator_list)]): node for node in nodes}


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
