"""The bodies on SQLAlchemy that need no translation: those of the methods that every store has, and of plain lists."""

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from types import NoneType
from typing import Any, get_args

from crossdock.schema.sync.asked import Asked, NotPlain, read_asking
from crossdock.schema.sync.contract import Method
from crossdock.schema.sync.description import Field, Model
from crossdock.schema.sync.python import INDENT, WIDTH, Call, Imports, lines
from crossdock.schema.sync.to_sqlalchemy import RESERVED

TRANSACTION = "crossdock.transaction"
VERSIONED = {"id", "version"}
"""The columns without which a table has no `Rows`."""


class Tables:
    """The models of the module as a file on SQLAlchemy writes them, whose dotted name is `file`."""

    def __init__(self, models: Sequence[Model], file: str) -> None:
        self._models = [model for model in models if model.name]
        self._file = file

    def of_row(self, row: type[Any] | None) -> Model | None:
        """The one whose columns the row has, exactly."""
        if row is None:
            return None
        columns = {field.name for field in dataclasses.fields(row)}
        return next((each for each in self._models if {field.column for field in each.fields} == columns), None)

    def of_table(self, name: str) -> Model:
        """Raises NotPlain."""
        found = next((each for each in self._models if each.table.name == name), None)
        if found is None:
            raise NotPlain(f"{name} is a table of another module")
        return found

    def name(self, model: Model, imports: Imports) -> str:
        return imports(self._file, model.name)

    def attribute(self, model: Model, name: str, imports: Imports) -> str:
        """`Thing.word`; `name` is that of a field on the other ORM. Raises NotPlain."""
        named = {"pk": model.table.primary_key.columns[0]} if model.table.primary_key else {}
        field = next((each for each in model.fields if each.attribute == named.get(name, name)), None)
        if field is None:
            raise NotPlain(f"{name} is no column of {model.table.name}")
        return f"{self.name(model, imports)}.{mapped_name(field)}"


def mapped_name(field: Field) -> str:
    """Of the attribute on SQLAlchemy."""
    return f"{field.attribute}_" if field.attribute in RESERVED else field.attribute


class PlainBodies:
    """`constants` and `functions` are what the bodies need beside the classes: name → its lines."""

    def __init__(self, tables: Tables, imports: Imports) -> None:
        self._tables = tables
        self._imports = imports
        self.constants: dict[str, list[str]] = {}
        self.functions: dict[str, list[str]] = {}

    def body(self, method: Method) -> list[str] | None:
        """None where it is to be translated. Raises NotPlain for a list that is, with the reason."""
        row, _ = method.row
        if row is None or not method.lists_rows:
            return self.plain(method)
        model = self._tables.of_row(row)
        if model is None:
            raise NotPlain(f"{row.__name__} is not the columns of one table")
        return self._list(method, model, row)

    def plain(self, method: Method) -> list[str] | None:
        """The one line of `get`, of `change` and of what begins with `add`."""
        row, is_list = method.row
        model = self._tables.of_row(row)
        if row is None or model is None or method.has_conditions:
            return None
        is_versioned = {field.column for field in model.fields} >= VERSIONED
        match method.name, method.parameters:
            case "get", [key, *rest] if (
                is_versioned and not is_list and rest in ([], ["lock"]) and _is_read_by_rows(model)
            ):
                lock = ", lock=lock" if rest else ""
                return [f"return await {self._rows(model, row)}.get(self._unit, {key}{lock})"]
            case "change", [given, "version"] if is_versioned:
                return [f"return await {self._rows(model, row)}.change(self._tx, {given}, version=version)"]
            case name, [given] if name.startswith("add"):
                return [self._added(model, row, given, is_list=is_list)]
        return None

    def _rows(self, model: Model, row: type) -> str:
        name = self._tables.name(model, self._imports)
        rows = Call.of(self._imports(TRANSACTION, "Rows"), name, self._imports.thing(row))
        return self._constant(model.table.name.upper(), list(lines(f"{model.table.name.upper()} = ", rows, indent="")))

    def _constant(self, name: str, text: list[str]) -> str:
        self.constants[name] = text
        return name

    def _added(self, model: Model, row: type, given: str, *, is_list: bool) -> str:
        if not is_list and {field.column for field in model.fields} >= VERSIONED:
            return f"{self._rows(model, row)}.add(self._tx, {given})"
        name = f"ADDED_{model.table.name.upper()}"
        call = Call.of(self._imports(TRANSACTION, "Appending"), self._tables.name(model, self._imports))
        self._constant(name, list(lines(f"{name} = ", call, indent="")))
        columns = self._imports(f"{TRANSACTION}.given", "columns")
        if is_list:
            return f"self._tx.append({name}, [{columns}(row) for row in {given}])"
        return f"self._tx.add({name}, {columns}({given}))"

    def _list(self, method: Method, model: Model, row: type) -> list[str]:
        """All rows of one table that are equal to the parameters, in the order of the key where there is no other."""
        asked = _asked_of(method, model)
        given = [*asked.always.values(), *([asked.limit] if asked.limit else [])]
        if asked.where_given or asked.is_paged or sorted(given) != sorted(method.parameters):
            raise NotPlain("its parameters are not all columns that are equal to them, and a limit")
        if other := _not_as_read(model):
            raise NotPlain(f"the driver gives {model.table.name}.{other.column} as {_given(other)}")
        name = self._constant(method.name.upper(), list(self._statement(method.name.upper(), model, asked)))
        maker = self._maker(model, row)
        sent = "".join(f", {each}={each}" for each in method.parameters)
        return [f"found = await self._unit.rows({name}{sent})", f"return [{maker} for row in found]"]

    def _statement(self, name: str, model: Model, asked: Asked) -> Iterator[str]:
        table = f"{self._tables.name(model, self._imports)}.__table__"
        chain = [f"{self._imports('sqlalchemy', 'select')}({table})"]
        bindparam = self._imports("sqlalchemy", "bindparam") if asked.always or asked.limit else ""
        conditions = [
            f'{self._tables.attribute(model, attribute, self._imports)} == {bindparam}("{parameter}")'
            for attribute, parameter in asked.always.items()
        ]
        if conditions:
            chain.append(f".where({', '.join(conditions)})")
        chain.append(f".order_by({', '.join(self._order(model, asked))})")
        if asked.limit:
            integer = self._imports("sqlalchemy", "Integer")
            chain.append(f'.limit({bindparam}("{asked.limit}", type_={integer}))')
        yield from _chained(f"{name} = {self._imports('crossdock.driver.compiled', 'compiled')}", chain)

    def _order(self, model: Model, asked: Asked) -> Iterator[str]:
        key = model.table.primary_key
        order = asked.order or [model.field(column).attribute for column in (key.columns if key else ())]
        if not order:
            raise NotPlain(f"{model.table.name} has no key to order it by")
        for name in order:
            attribute = self._tables.attribute(model, name.removeprefix("-"), self._imports)
            yield f"{attribute}.desc()" if name.startswith("-") else attribute

    def _maker(self, model: Model, row: type) -> str:
        """How a row of the driver's becomes a frozen one: an enumeration comes as what is kept of it."""
        name = self._imports.thing(row)
        enums = [(field, field.type.enum) for field in model.fields if field.type.enum]
        if not enums:
            return f"{name}(**row)"
        maker = f"_{model.table.name}_row"
        mapping, anything = self._imports("collections.abc", "Mapping"), self._imports("typing", "Any")
        text = [f"def {maker}(row: {mapping}[str, {anything}]) -> {name}:", f"{INDENT}values = dict(row)"]
        for field, enum in enums:
            value = f'values["{field.column}"]'
            may_be_missing = model.table.columns[field.column].nullable
            text += [f"{INDENT}if {value} is not None:"] if may_be_missing else []
            text += [f"{INDENT * (2 if may_be_missing else 1)}{value} = {self._imports.thing(enum)}({value})"]
        self.functions[maker] = [*text, f"{INDENT}return {name}(**values)"]
        return f"{maker}(row)"


def _not_as_read(model: Model) -> Field | None:
    """The first column that the driver does not give as the row has it. JSON comes as text, a duration as a number."""
    return next((field for field in model.fields if field.type.python in (Any, timedelta)), None)


def _given(field: Field) -> str:
    return "text" if field.type.python is Any else "a number of microseconds"


def _is_read_by_rows(model: Model) -> bool:
    """`Rows` reads JSON, and no duration."""
    return not any(field.type.python is timedelta for field in model.fields)


def need_given(method: Method, besides: Collection[str] = ()) -> None:
    """Raises NotPlain for a parameter that may be None, where it is not among those that then ask for nothing: equal to
    None is what no row is in PostgreSQL, and Tortoise asks for NULL."""
    for name in method.parameters:
        if NoneType in get_args(method.hints[name]) and name not in besides:
            raise NotPlain(f"{name} may be None")


def _asked_of(method: Method, model: Model) -> Asked:
    """What the method asks of the one table that it reads. Raises NotPlain."""
    if method.other is None:
        raise NotPlain("there is no other store to read what it asks for")
    need_given(method)
    found = read_asking(method.other, method.store).tables
    if [each._meta.db_table for each in found] != [model.table.name]:
        raise NotPlain(f"it reads more than {model.table.name}, or nothing that is seen")
    return next(iter(found.values()))


def _chained(before: str, chain: list[str]) -> Iterator[str]:
    """A statement in parentheses, broken as ruff breaks it."""
    whole = "".join(chain)
    if len(line := f"{before}({whole})") <= WIDTH:
        yield line
        return
    broken = [whole] if len(whole) + len(INDENT) <= WIDTH else chain
    yield f"{before}("
    for each in broken:
        yield from _arguments(f"{INDENT}{each}")
    yield ")"


def _arguments(line: str) -> Iterator[str]:
    """One line, or its call with its arguments below it."""
    if len(line) <= WIDTH:
        yield line
        return
    name, _, inside = line.partition("(")
    yield f"{name}("
    yield f"{INDENT * 2}{inside.removesuffix(')')}"
    yield f"{INDENT})"
