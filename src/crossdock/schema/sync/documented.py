"""Documents in the frame of a store: for the methods of a contract whose docstring names the schema that they show."""

import importlib
import pkgutil
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import ModuleType, NoneType
from typing import Any, get_args

from pydantic import BaseModel

from crossdock.documents import CannotCompile, Document, Page
from crossdock.documents.annotations import kind_of
from crossdock.documents.catalogue import FILE
from crossdock.documents.listing import FILTERS_MAX
from crossdock.documents.schema import Member, members
from crossdock.registry.registry import is_there
from crossdock.schema.sync.asked import Asked, NotPlain, read_asking
from crossdock.schema.sync.contract import Method
from crossdock.schema.sync.description import Model
from crossdock.schema.sync.plain import Tables, mapped_name, need_given
from crossdock.schema.sync.python import INDENT, Call, Imports, lines

DOCUMENTS = "crossdock.documents"
SQL = "sqlalchemy"
SCHEMAS = "schemas"
READ = re.compile(rf"return await {FILE}\.\w+\.(read|find)\([\w.=, ]*\)")
PAGE_FIELDS = ("items", "next_cursor")
TAKEN = {"limit", "after"}
"""Parameters of a page's own."""
TO_FILL = "# To be filled, since no column says what these are made of:"


def is_document(method: Method) -> bool:
    returned = method.hints.get("return")
    return Document in (returned, *get_args(returned))


class DocumentsWriter:
    """`open` are the fields that no column has: `document.amount`. `there` are the documents that the module has
    already: they are read by their names, and not written."""

    def __init__(self, package: str, name: str, tables: Tables, there: Collection[str]) -> None:
        self._package = package
        self._name = name
        self._tables = tables
        self._there = there
        self._schemas = list(_schemas(package))
        self._written: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.imports = Imports()

    def body(self, method: Method, imports: Imports) -> list[str]:
        """The method's body in the store, whose imports are given. Raises NotPlain with the reason where there is no
        document."""
        page = next((name for name in method.parameters if method.hints[name] is Page), None)
        sent = [name for name in method.parameters if name != page]
        if method.name not in self._there:
            self._write(method, sent, is_page=page is not None)
        arguments = ["self._unit", *([page] if page else []), *(f"{name}={name}" for name in sent)]
        return [f"return await {imports(self._package, FILE)}.{method.name}.read({', '.join(arguments)})"]

    def as_it_is(self, method: Method, imports: Imports) -> list[str] | None:
        """The body of the other store where all that it does is to read a document: that belongs to no ORM."""
        known = getattr(method.other, "__globals__", {})
        match [each for each in map(str.strip, method.body) if each]:
            case [line] if READ.match(line) and getattr(known.get(FILE), "__name__", "") == f"{self._package}.{FILE}":
                imports(self._package, FILE)
                return [line]
        return None

    def text(self, sources: Iterable[Path]) -> str:
        """Imports and documents; nothing where there is no document."""
        if not self._written:
            return ""
        declared = "\n".join(line for text in self._written.values() for line in text)
        return f"{self.imports.written(sources)}\n\n{declared}\n"

    @property
    def title(self) -> str:
        return (
            f'"""The JSON documents of {self._name}, which PostgreSQL builds in the shape of the response schemas."""'
        )

    def _write(self, method: Method, sent: list[str], *, is_page: bool) -> None:
        schema = self._schema(method)
        text, left = self._listing(method, schema, sent) if is_page else self._single(method, schema, sent)
        self._written[method.name] = text
        self.open += [f"{method.name}.{name}" for name in left]

    def _schema(self, method: Method) -> type[BaseModel]:
        """The rule: the docstring of the method in the contract names one schema of the module, in backticks."""
        named = dict.fromkeys(re.findall(r"`(\w+)`", method.function.__doc__ or ""))
        found = [schema for name in named for schema in self._schemas if schema.__name__ == name]
        if len(found) != 1:
            names = ", ".join(each.__name__ for each in found)
            raise NotPlain(f"its docstring in store.py names {f'several schemas: {names}' if found else 'no schema'}")
        return found[0]

    def _single(self, method: Method, schema: type[BaseModel], sent: list[str]) -> tuple[list[str], list[str]]:
        if NoneType not in get_args(method.hints["return"]):
            raise NotPlain("it returns a document where there is no row")
        need_given(method)
        asking = read_asking(_other(method), method.store)
        model, asked = self._first(asking.tables)
        if list(asked.always.values()) != sent or len(sent) != 1 or asked.where_given:
            raise NotPlain(
                f"it asks {model.table.name} for something else than one column that is equal to its parameter"
            )
        if not _is_unique(model, self._column(model, next(iter(asked.always)))):
            raise NotPlain(f"several rows of {model.table.name} may fit")
        where = self._equal(model, *next(iter(asked.always.items())))
        version = {"version": self._tables.attribute(model, "version", self.imports)} if asking.is_versioned else {}
        return self._declared("Single", method, (schema, schema), model, {"where": where, **version})

    def _listing(self, method: Method, schema: type[BaseModel], sent: list[str]) -> tuple[list[str], list[str]]:
        tables = read_asking(_other(method), method.store).tables
        model, asked = self._first(tables)
        need_given(method, asked.where_given.values())
        given = [*asked.always.values(), *asked.where_given.values()]
        if len(tables) > 1 or not asked.is_paged or asked.order != ["-id"] or asked.limit:
            raise NotPlain("it is no page of one table by `newest`")
        if sorted(given) != sorted(sent) or TAKEN & set(sent) or len(asked.where_given) > FILTERS_MAX:
            raise NotPlain("its parameters are not all columns that are equal to them")
        item = kind_of(schema.model_fields["items"].annotation).model if "items" in schema.model_fields else None
        if tuple(schema.model_fields) != PAGE_FIELDS or item is None:
            raise NotPlain(f"{schema.__name__} is no page: `items` and `next_cursor`")
        return self._declared("Listing", method, (schema, item), model, dict(self._page(model, asked)))

    def _page(self, model: Model, asked: Asked) -> Iterator[tuple[str, str]]:
        where = [self._equal(model, attribute, name) for attribute, name in asked.always.items()]
        if where:
            both = where[0] if len(where) == 1 else f"{self.imports(SQL, 'and_')}({', '.join(where)})"
            yield "where", both
        yield "order_by", f"{self._tables.attribute(model, 'id', self.imports)}.desc()"
        filters = [f'"{name}": {self._equal(model, attribute, name)}' for attribute, name in asked.where_given.items()]
        if filters:
            yield "filters", f"{{{', '.join(filters)}}}"

    def _first(self, tables: dict[Any, Asked]) -> tuple[Model, Asked]:
        """The table whose rows the method shows. Raises NotPlain."""
        if not tables:
            raise NotPlain("it reads no table that is seen")
        first = next(iter(tables))
        return self._tables.of_table(first._meta.db_table), tables[first]

    def _column(self, model: Model, attribute: str) -> str:
        name = self._tables.attribute(model, attribute, self.imports).rpartition(".")[2]
        return next(field.column for field in model.fields if mapped_name(field) == name)

    def _equal(self, model: Model, attribute: str, parameter: str) -> str:
        bound = f'{self.imports(SQL, "bindparam")}("{parameter}")'
        return f"{self._tables.attribute(model, attribute, self.imports)} == {bound}"

    def _declared(
        self, kind: str, method: Method, schemas: tuple[type[BaseModel], type[BaseModel]], model: Model, rest: Any
    ) -> tuple[list[str], list[str]]:
        """The lines, and the names of the open fields. `schemas` are that of the whole and that of one thing."""
        whole, one = schemas
        try:
            left = [member for member in members(one) if not _is_column(member, model)]
        except CannotCompile as error:
            raise NotPlain(str(error).removesuffix(".")) from None
        first = [self.imports.thing(whole), self._tables.name(model, self.imports)]
        call = Call.of(self.imports(DOCUMENTS, kind), *first, **rest)
        if not left:
            return list(lines(f"{method.name} = ", call, indent="")), []
        fields = [f"{INDENT * 2}# {member.name}: {_said(one, member)}" for member in left]
        head = [f"{method.name} = {call.name}(", *(f"{INDENT}{each}," for each in first), f"{INDENT}{{"]
        todo = f"{INDENT * 2}{TO_FILL}"
        arguments = [line for name, value in rest.items() for line in lines(f"{name}=", value, ",")]
        return [*head, todo, *fields, f"{INDENT}}},", *arguments, ")"], [member.name for member in left]


def _other(method: Method) -> Any:
    if method.other is None:
        raise NotPlain("there is no other store to read what it asks for")
    return method.other


def _is_unique(model: Model, column: str) -> bool:
    """Is there one row at most where the column has a value?"""
    table = model.table
    keys = [key.columns for key in (table.primary_key, *table.uniques) if key]
    indexes = [index.columns for index in table.indexes if index.is_unique and index.is_plain and not index.where]
    return (column,) in (*keys, *indexes)


def _is_column(member: Member, model: Model) -> bool:
    """Has it a column of its name, which is there wherever the schema says so?"""
    field = next((each for each in model.fields if mapped_name(each) == member.name), None)
    if field is None or member.is_computed or member.kind.model is not None:
        return False
    return member.kind.optional or not model.table.columns[field.column].nullable


def _said(schema: type[BaseModel], member: Member) -> str:
    """What the schema says of a field, in a word."""
    if member.kind.is_list_of is not None:
        word = str(member.kind)
    else:
        word = getattr(member.kind.python, "__name__", str(member.kind.python))
    return f"{word} | None" if member.kind.optional else word


def _schemas(package: str) -> Iterator[type[BaseModel]]:
    """The classes of a module's `schemas`, a file or a folder of files."""
    if not is_there(f"{package}.{SCHEMAS}"):
        return
    whole = importlib.import_module(f"{package}.{SCHEMAS}")
    inner = [name for _, name, _ in pkgutil.iter_modules(getattr(whole, "__path__", []))]
    files: list[ModuleType] = [whole, *(importlib.import_module(f"{whole.__name__}.{name}") for name in inner)]
    for file in files:
        for thing in vars(file).values():
            if isinstance(thing, type) and issubclass(thing, BaseModel) and thing.__module__ == file.__name__:
                yield thing
