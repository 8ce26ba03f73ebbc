"""The bodies on Tortoise that need no translation: where the body on SQLAlchemy is the plain one."""

import ast
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from crossdock.schema.sync.contract import Method, definition
from crossdock.schema.sync.description import Model
from crossdock.schema.sync.plain import TRANSACTION, PlainBodies, Tables
from crossdock.schema.sync.python import Imports
from crossdock.schema.sync.to_tortoise import attribute_of

HELPERS = "crossdock.schema.tortoise"
# By their names, since the room of the transaction is above this one.
ROWS, APPENDING = f"{TRANSACTION}.rows.Rows", f"{TRANSACTION}.appending.Appending"
MAKER, COLUMNS = f"{TRANSACTION}.rows._Maker", f"{TRANSACTION}.given.columns"


class BodiesBack:
    """`tables` are those of the file on Tortoise."""

    def __init__(self, tables: Tables, imports: Imports) -> None:
        self._tables = tables
        self._imports = imports

    def body(self, method: Method) -> list[str] | None:
        """None where it is to be translated."""
        row, is_list = method.row
        model = self._tables.of_row(row)
        if row is None or model is None or not _is_named_alike(model) or not self._is_plain(method, model):
            return None
        name, first = self._tables.name(model, self._imports), method.parameters[0]
        match method.name:
            case "get":
                return self._get(name, self._imports.thing(row), first, method.parameters[1:])
            case "change":
                return [f"return await {self._helper('change')}({name}, {first}, version=version)"]
        return [f"await {self._helper('insert')}({name}, {'*' if is_list else ''}{first})"]

    def _get(self, model: str, row: str, key: str, rest: list[str]) -> list[str]:
        lock = ", lock=lock" if rest else ""
        return [
            f"model = await {self._helper('one')}({model}.filter(id={key}){lock})",
            f"return None if model is None else {self._helper('row_of')}({row}, model)",
        ]

    def _helper(self, name: str) -> str:
        return self._imports(HELPERS, name)

    def _is_plain(self, method: Method, model: Model) -> bool:
        """Is the body on SQLAlchemy the one that would be written there? Without one, the signature is enough."""
        plain = PlainBodies(self._tables, Imports())
        written = plain.plain(replace(method, other=None))
        if written is None or method.other is None:
            return written is not None
        known: dict[str, Any] = getattr(method.other, "__globals__", {})
        found = definition(method.other).body
        statements = [
            each for each in found if not isinstance(each, ast.Expr) or not isinstance(each.value, ast.Constant)
        ]
        there = _called(statements, {name for name, thing in known.items() if _adds_nothing(thing, model)})
        is_same = there == _called(ast.parse(written[0]).body, plain.constants)
        return is_same and ("columns" not in known or _named(known["columns"]) == COLUMNS)


def _called(statements: Sequence[ast.stmt], constants: Collection[str]) -> str:
    """The text, with one name for each of the constants."""
    for node in (each for statement in statements for each in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id in constants:
            node.id = "_"
    return "\n".join(map(ast.unparse, statements))


def _is_named_alike(model: Model) -> bool:
    return all(attribute_of(model, field) == field.column for field in model.fields)


def _adds_nothing(thing: Any, model: Model) -> bool:
    """Is it a `Rows` or an `Appending` of the table that reads and writes each column as it is?"""
    if _named(type(thing)) == APPENDING:
        return bool(thing.table.name == model.table.name)
    if _named(type(thing)) != ROWS or thing._added.table.name != model.table.name:
        return False
    others = sorted({field.column for field in model.fields} - {"id"})
    is_as_it_is = _named(thing._to_columns) == COLUMNS and _named(type(thing._from_columns)) == MAKER
    return is_as_it_is and bool(thing._changing == others)


def _named(thing: Any) -> str:
    return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}"
