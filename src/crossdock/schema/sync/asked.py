"""What a method of a store on Tortoise asks of a table, read from its source. What is not understood is an error.

Only what is known to add no condition passes: anything else could hide rows, or change their order.
"""

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from tortoise import Model as TortoiseModel

from crossdock import documents
from crossdock.schema import tortoise
from crossdock.schema.sync.contract import definition

QUERYING = {"filter", "get_or_none", "all", "first", "order_by", "limit"}
"""Methods of Tortoise's queries that are understood."""
MAKING = {"model_validate", "model_dump"}
HELPERS = (tortoise.newest, tortoise.one, tortoise.row_of, documents.document, documents.collection)
BUILTINS = {"list", "tuple", "reversed", "dict", "vars"}
NODES = (
    *(ast.Name, ast.Attribute, ast.Call, ast.Await, ast.Constant, ast.keyword, ast.ListComp, ast.GeneratorExp),
    *(ast.comprehension, ast.IfExp, ast.Compare, ast.Is, ast.IsNot, ast.List, ast.Tuple, ast.Starred, ast.expr_context),
)
"""What an expression may be made of."""


class NotPlain(Exception):
    """The method asks for something that is not understood: the message says for what."""


@dataclass(slots=True)
class Asked:
    """Of one table. `always` and `where_given` are conditions: the model's attribute → the method's parameter that it
    is equal to. `order` is Tortoise's, as `-id`; `limit` is a parameter."""

    always: dict[str, str] = field(default_factory=dict)
    where_given: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    limit: str | None = None
    is_paged: bool = False


@dataclass(slots=True)
class Asking:
    """All that a method asks for, model by model, in the order in which it does; `is_versioned`: its document has the
    version of the row."""

    tables: dict[type[TortoiseModel], Asked] = field(default_factory=dict)
    is_versioned: bool = False


def read_asking(function: Callable[..., Any], store: type[Any]) -> Asking:
    """Raises NotPlain. `store` is the class that has the method."""
    asking = Asking()
    own = [name for name in inspect.signature(function).parameters if name != "self"]
    _Reading(function, store, asking, {name: name for name in own}, ()).read()
    return asking


class _Reading:
    """One function on the way. `given` are its parameters → those of the method that it was called with."""

    def __init__(
        self,
        function: Callable[..., Any],
        store: type[Any],
        asking: Asking,
        given: Mapping[str, str],
        outer: tuple[Callable[..., Any], ...],
    ) -> None:
        if function in outer:
            raise NotPlain(f"{function.__name__} calls itself")
        self._function, self._store, self._asking, self._given = function, store, asking, given
        self._outer = (*outer, function)
        self._who = function.__name__ if outer else "it"
        self._names: Mapping[str, Any] = getattr(function, "__globals__", {})
        self._held: dict[str, set[type[TortoiseModel]]] = {}
        """Variable → the models that its value was read from."""
        self._optional: str | None = None
        """The parameter that is known not to be None where the reading is."""

    def read(self) -> set[type[TortoiseModel]]:
        """The models that it reads."""
        found: set[type[TortoiseModel]] = set()
        for statement in definition(self._function).body:
            found |= self._statement(statement)
        return found

    def _statement(self, statement: ast.stmt) -> set[type[TortoiseModel]]:
        match statement:
            case ast.Expr(value=ast.Constant()):
                return set()
            case ast.Return(value=None):
                return set()
            case ast.Return(value=value) if value is not None:
                return self._expression(value)
            case ast.Assign(targets=[target], value=value):
                found = self._expression(value)
                self._hold(target, found)
                return found
            case ast.If(test=test, body=body, orelse=[]):
                return self._if(test, body)
        raise NotPlain(f"{self._who} has a line that could hide rows: {ast.unparse(statement)}")

    def _hold(self, target: ast.expr, found: set[type[TortoiseModel]]) -> None:
        for name in target.elts if isinstance(target, ast.Tuple) else [target]:
            if not isinstance(name, ast.Name) or name.id in self._given:
                raise NotPlain(f"{self._who} assigns to {ast.unparse(name)}")
            self._held[name.id] = found

    def _if(self, test: ast.expr, body: list[ast.stmt]) -> set[type[TortoiseModel]]:
        """`if row is None: return None`, or one more condition where a parameter is given."""
        match test, body:
            case (
                ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)]),
                [ast.Return(value=ast.Constant(value=None))],
            ) if self._is_of_the_first(name):
                return set()
            case (
                ast.Compare(left=ast.Name(id=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]),
                [ast.Assign() as assigned],
            ) if name in self._given:
                self._optional = self._given[name]
                found = self._statement(assigned)
                self._optional = None
                return found
        raise NotPlain(f"{self._who} has a condition in Python: {ast.unparse(test)}")

    def _is_of_the_first(self, name: str) -> bool:
        """The first table that is read is the method's own; what hangs on it may be missing."""
        return self._held.get(name) == {next(iter(self._asking.tables), None)}

    def _expression(self, value: ast.expr) -> set[type[TortoiseModel]]:
        for node in ast.walk(value):
            if not isinstance(node, NODES) or (isinstance(node, ast.comprehension) and node.ifs):
                raise NotPlain(f"{self._who} computes: {ast.unparse(value)}")
        inside = {id(each) for node in ast.walk(value) if isinstance(node, ast.keyword) for each in ast.walk(node)}
        calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
        found = {model for call in calls for model in self._call(call)}
        found |= {model for node in ast.walk(value) if isinstance(node, ast.Name) for model in self._of(node)}
        for node in (each for each in ast.walk(value) if isinstance(each, ast.IfExp)):
            self._need_missing(node, is_field=id(node) in inside)
        return found

    def _need_missing(self, node: ast.IfExp, *, is_field: bool) -> None:
        """Only what asks whether a row is there; what is no field of a row asks for the row itself."""
        match node.test:
            case ast.Compare(left=left, comparators=[ast.Constant(value=None)]):
                if is_field or (isinstance(left, ast.Name) and self._is_of_the_first(left.id)):
                    return
        raise NotPlain(f"{self._who} has a condition in Python: {ast.unparse(node.test)}")

    def _call(self, call: ast.Call) -> set[type[TortoiseModel]]:
        match call.func:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self._follow(getattr(self._store, name, None), call, skipped=1)
            case ast.Attribute(attr=name) if name in MAKING:
                return set()
            case ast.Attribute(attr=name, value=receiver) if name in QUERYING:
                return self._query(name, receiver, call)
            case ast.Name(id=name):
                return self._named(name, call)
        raise NotPlain(f"{self._who} calls {ast.unparse(call.func)}")

    def _named(self, name: str, call: ast.Call) -> set[type[TortoiseModel]]:
        thing = self._names.get(name)
        if thing is tortoise.newest:
            for model in self._expression(call.args[0]):
                self._table(model).is_paged = True
                self._table(model).order = ["-id"]
        elif thing is documents.document:
            self._version(call)
        elif isinstance(thing, FunctionType) and thing.__module__ == self._function.__module__:
            return self._follow(thing, call)
        elif not (thing in HELPERS or isinstance(thing, type) or (thing is None and name in BUILTINS)):
            raise NotPlain(f"{self._who} calls {name}")
        return set()

    def _version(self, call: ast.Call) -> None:
        match call.args[1:], call.keywords:
            case [], []:
                pass
            case [ast.Attribute(attr="version")], []:
                self._asking.is_versioned = True
            case _:
                raise NotPlain(f"its version is made by {ast.unparse(call)}")

    def _follow(self, function: Any, call: ast.Call, skipped: int = 0) -> set[type[TortoiseModel]]:
        if not isinstance(function, FunctionType) or self._optional:
            raise NotPlain(f"{self._who} calls {ast.unparse(call.func)}")
        names = list(inspect.signature(function).parameters)[skipped:]
        sent = [*zip(names, call.args, strict=False), *((each.arg or "", each.value) for each in call.keywords)]
        given = {
            name: self._given[value.id]
            for name, value in sent
            if isinstance(value, ast.Name) and value.id in self._given
        }
        held = {name: self._of(value) for name, value in sent if isinstance(value, ast.Name)}
        inner = _Reading(function, self._store, self._asking, given, self._outer)
        inner._held |= {name: models for name, models in held.items() if models}
        return inner.read()

    def _query(self, name: str, receiver: ast.expr, call: ast.Call) -> set[type[TortoiseModel]]:
        models = self._root(receiver)
        if len(models) != 1 or (self._optional and name != "filter"):
            raise NotPlain(f"{self._who} asks {ast.unparse(receiver)} for something")
        asked = self._table(next(iter(models)))
        match name:
            case "order_by":
                asked.order = [_text(each) for each in call.args]
            case "limit":
                asked.limit = self._parameter(call.args[0])
            case _:
                self._conditions(asked, call)
        return models

    def _conditions(self, asked: Asked, call: ast.Call) -> None:
        if call.args:
            raise NotPlain(f"{self._who} asks for {ast.unparse(call.args[0])}")
        conditions = asked.always if self._optional is None else asked.where_given
        for keyword in call.keywords:
            value = self._parameter(keyword.value)
            if conditions.setdefault(keyword.arg or "**", value) != value or self._optional not in (None, value):
                raise NotPlain(f"{self._who} asks for {ast.unparse(keyword)}")

    def _parameter(self, value: ast.expr) -> str:
        """Its name; of anything else the text, which is no name."""
        named = self._given.get(value.id) if isinstance(value, ast.Name) else None
        return named or f"={ast.unparse(value)}"

    def _table(self, model: type[TortoiseModel]) -> Asked:
        return self._asking.tables.setdefault(model, Asked())

    def _root(self, receiver: ast.expr) -> set[type[TortoiseModel]]:
        while not isinstance(receiver, ast.Name):
            match receiver:
                case ast.Attribute(value=inner) | ast.Await(value=inner) | ast.Call(func=inner):
                    receiver = inner
                case _:
                    return set()
        return self._of(receiver)

    def _of(self, name: ast.Name) -> set[type[TortoiseModel]]:
        thing = self._names.get(name.id)
        if name.id not in self._held and isinstance(thing, type) and issubclass(thing, TortoiseModel):
            return {thing}
        return self._held.get(name.id, set())


def _text(value: ast.expr) -> str:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    raise NotPlain(f"it is in the order of {ast.unparse(value)}")
