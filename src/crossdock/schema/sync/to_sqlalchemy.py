"""Writes the models of a module in SQLAlchemy: declarative classes on the application's own base."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import MetaData

from crossdock.models.types import enum_comment
from crossdock.schema.sync.description import Check, Column, Field, ForeignKey, Index, Link, Made, Model, Value
from crossdock.schema.sync.kinds import Type, type_of
from crossdock.schema.sync.python import (
    INDENT,
    WIDTH,
    Call,
    Expression,
    Imports,
    docstring,
    function_name,
    lines,
    literal,
    text,
)

SQL = "sqlalchemy"
POSTGRESQL = "sqlalchemy.dialects.postgresql"
OURS = "crossdock.models.types"
MODULES = {"JSONB": POSTGRESQL, "ARRAY": POSTGRESQL, **dict.fromkeys(("Microseconds", "EnumNumber", "enum_text"), OURS)}
RESERVED = {"metadata", "registry"}
"""Attributes that a declarative base keeps for itself."""


class SqlAlchemyWriter:
    """Writes models against a base: `base` is its module and its name, `metadata` its MetaData."""

    def __init__(self, models: Sequence[Model], base: tuple[str, str], metadata: MetaData) -> None:
        self._models = models
        self._base = base
        self._conventions: Any = metadata.naming_convention
        # In the body of a class an attribute `date` hides what was imported by that name.
        attributes = {field.attribute for model in models if model.name for field in model.fields}
        self.imports = Imports({base[1], *(model.name for model in models), *attributes} - {""})
        self._own = {model.table.name for model in models}

    def written(self) -> str:
        """The file from its first class on, without its imports."""
        self.imports._taken[self._base[1]] = self._base[0]
        blocks = [self._class(model) if model.name else self._association(model) for model in self._models]
        return "\n\n\n".join(filter(None, ["\n".join(self._stubs()), *("\n".join(block) for block in blocks)])) + "\n"

    def _stubs(self) -> Iterator[str]:
        """The tables of other modules that foreign keys lead to."""
        keys = {key.target: key for model in self._models for key in model.table.foreign_keys}
        for target, key in sorted(keys.items()):
            if target not in self._own:
                named = {} if key.target_columns == ("id",) else {"column": text(key.target_columns[0])}
                of_type = self._type(type_of(key.target_type, f"{target}.{key.target_columns[0]}"))
                arguments = (f"{self._name_base()}.metadata", text(target), of_type)
                stub = Call.of(self.imports("crossdock.models.foreign", "foreign_table"), *arguments, **named)
                yield from lines("", stub, indent="")

    def _name_base(self) -> str:
        return self.imports(*self._base)

    def _class(self, model: Model) -> Iterator[str]:
        yield f"class {model.name}({self._name_base()}):"
        yield from docstring(model.docstring)
        yield f"{INDENT}__tablename__ = {text(model.table.name)}"
        yield from self._arguments(model)
        yield ""
        for field in model.fields:
            yield from self._attribute(model, field)
        for link in model.links:
            yield self._relationship(link)

    def _arguments(self, model: Model) -> Iterator[str]:
        """`__table_args__`: what belongs to no single column, and names."""
        options = ", ".join(self._options(model))
        items: list[Expression] = [*self._items(model), *([f"{{{options}}}"] if options else [])]
        short = f"{INDENT}__table_args__ = ({items[0]},)" if len(items) == 1 else ""
        if short and len(short) <= WIDTH:
            yield short
            return
        yield f"{INDENT}__table_args__ = ("
        for each in items:
            yield from lines("", each, ",", INDENT * 2)
        yield f"{INDENT})"

    def _options(self, model: Model) -> Iterator[str]:
        comment = model.table.comment
        if comment is not None:
            yield f'"comment": {"__doc__" if comment == model.docstring else text(comment)}'
        if model.table.is_target:  # another module may have made a stub of it
            yield '"extend_existing": True'

    def _items(self, model: Model) -> Iterator[Call]:
        table = model.table
        if table.primary_key:
            yield self._key("PrimaryKeyConstraint", "pk", table.primary_key.columns, table.primary_key.name)
        for unique in table.uniques:
            yield self._key("UniqueConstraint", "uq", unique.columns, unique.name)
        for key in table.foreign_keys:
            if len(key.columns) > 1:
                yield self._foreign_key_constraint(key)
        for check in table.checks:
            yield self._check(check)
        for index in table.indexes:
            yield self._index(index)

    def _key(self, kind: str, convention: str, columns: Iterable[str], name: str) -> Call:
        return Call.of(self.imports(SQL, kind), *map(text, columns), name=self._name(convention, name))

    def _check(self, check: Check) -> Call:
        return Call.of(self.imports(SQL, "CheckConstraint"), text(check.sql), name=self._name("ck", check.name))

    def _name(self, convention: str, name: str) -> Expression:
        """A name as it is, also where a convention would make another one of it."""
        if "constraint_name" in str(self._conventions.get(convention, "")):
            return Call.of(self.imports("sqlalchemy.schema", "conv"), text(name))
        return text(name)

    def _foreign_key_constraint(self, key: ForeignKey) -> Call:
        columns = f"[{', '.join(map(text, key.columns))}]"
        targets = f"[{', '.join(text(f'{key.target}.{column}') for column in key.target_columns)}]"
        return Call.of(self.imports(SQL, "ForeignKeyConstraint"), columns, targets, **self._of_foreign_key(key))

    def _of_foreign_key(self, key: ForeignKey) -> dict[str, Expression]:
        options: dict[str, Expression] = {"name": self._name("fk", key.name)}
        options |= {"ondelete": text(key.on_delete)} if key.on_delete else {}
        options |= {"onupdate": text(key.on_update)} if key.on_update else {}
        options |= {"deferrable": "True"} if key.is_deferrable else {}
        return options | ({"initially": text("DEFERRED")} if key.is_deferred else {})

    def _index(self, index: Index) -> Call:
        keys = [
            Call.of(self.imports(SQL, "text"), text(f"({key.sql})" if key.is_expression and not key.order else sql))
            if key.is_expression or key.order
            else text(key.sql)
            for key, sql in zip(index.keys, index.columns, strict=True)
        ]
        return Call.of(self.imports(SQL, "Index"), text(index.name), *keys, **self._of_index(index))

    def _of_index(self, index: Index) -> dict[str, Expression]:
        options: dict[str, Expression] = {"unique": "True"} if index.is_unique else {}
        if index.method != "btree":
            options["postgresql_using"] = text(index.method)
        if index.where is not None:
            options["postgresql_where"] = Call.of(self.imports(SQL, "text"), text(index.where))
        if index.included:
            options["postgresql_include"] = f"[{', '.join(map(text, index.included))}]"
        if index.nulls_not_distinct:
            options["postgresql_nulls_not_distinct"] = "True"
        operators = {key.sql: key.operators for key in index.keys if key.operators}
        if operators:
            pairs = ", ".join(f"{text(column)}: {text(name)}" for column, name in operators.items())
            options["postgresql_ops"] = f"{{{pairs}}}"
        return options

    def _attribute(self, model: Model, field: Field) -> Iterator[str]:
        column = model.table.columns[field.column]
        attribute = f"{field.attribute}_" if field.attribute in RESERVED else field.attribute
        named = [] if attribute == column.name else [text(column.name)]
        constraints = [self._foreign_key(key)] if (key := model.table.foreign_key(column.name)) else []
        options = self._of_column(model, field, column)
        mapped = self.imports("sqlalchemy.orm", "mapped_column")
        call = Call.of(mapped, *named, self._type(field.type), *constraints, **options)
        yield from lines(f"{attribute}: {self._annotation(field, column)} = ", call)

    def _annotation(self, field: Field, column: Column) -> str:
        python = (
            self.imports.thing(field.type.python) if field.type.python is not Any else self.imports("typing", "Any")
        )
        whole = f"list[{python}]" if field.type.is_array else python
        return f"{self.imports('sqlalchemy.orm', 'Mapped')}[{whole}{' | None' if column.nullable else ''}]"

    def _foreign_key(self, key: ForeignKey) -> Call:
        target = text(f"{key.target}.{key.target_columns[0]}")
        return Call.of(self.imports(SQL, "ForeignKey"), target, **self._of_foreign_key(key))

    def _of_column(self, model: Model, field: Field, column: Column) -> dict[str, Expression]:
        options: dict[str, Expression] = {}
        key = model.table.primary_key
        if key and column.name in key.columns:
            options["primary_key"] = "True"
            if field.type.python is int and not column.is_serial:
                options["autoincrement"] = "False"
        elif field.type.python is Any:
            options["nullable"] = str(column.nullable)  # Any says nothing of it
        return options | self._defaults(model, field, column) | self._comment(field, column)

    def _defaults(self, model: Model, field: Field, column: Column) -> dict[str, Expression]:
        options: dict[str, Expression] = {}
        where = f"{model.name}.{field.attribute}"
        match field.default:
            case Value(value):
                options["default"] = literal(value, self.imports, where)
            case Made(function, on_change):
                options["default"] = function_name(function, self.imports, where)
                options |= {"onupdate": options["default"]} if on_change else {}
        if column.default is not None:
            options["server_default"] = Call.of(self.imports(SQL, "text"), text(column.default))
        return options

    def _comment(self, field: Field, column: Column) -> dict[str, Expression]:
        if column.comment is None:
            return {}
        if field.type.enum and column.comment == enum_comment(field.type.enum):
            return {"comment": Call.of(self.imports(OURS, "enum_comment"), self.imports.thing(field.type.enum))}
        return {"comment": text(column.comment)}

    def _type(self, of: Type) -> Expression:
        kind = of.kind
        name = self.imports(MODULES.get(kind.sqlalchemy, SQL), kind.sqlalchemy)
        values: list[Expression] = [self.imports.thing(of.enum)] if of.enum else []
        arguments: list[Expression] = [*values, *filter(None, [kind.arguments.format(*of.numbers)])]
        written: Expression = Call.of(name, *arguments) if arguments else name
        return Call.of(self.imports(POSTGRESQL, "ARRAY"), written) if of.is_array else written

    def _relationship(self, link: Link) -> str:
        mapped = self.imports("sqlalchemy.orm", "Mapped")
        relationship = self.imports("sqlalchemy.orm", "relationship")
        return (
            f'{INDENT}{link.attribute}: {mapped}[list["{link.target}"]] = {relationship}(secondary={text(link.table)})'
        )

    def _association(self, model: Model) -> Iterator[str]:
        """The table of a many-to-many relation: no class is mapped to it."""
        table = model.table
        columns = [self._plain_column(model, field) for field in model.fields]
        options = {"comment": text(table.comment)} if table.comment is not None else {}
        arguments: list[Expression] = [text(table.name), f"{self._name_base()}.metadata", *columns, *self._items(model)]
        yield from lines(f"{table.name} = ", Call.of(self.imports(SQL, "Table"), *arguments, **options), indent="")

    def _plain_column(self, model: Model, field: Field) -> Call:
        column = model.table.columns[field.column]
        key = model.table.foreign_key(column.name)
        constraints = [self._foreign_key(key)] if key else []
        options: dict[str, Expression] = {} if column.nullable else {"nullable": "False"}
        return Call.of(self.imports(SQL, "Column"), text(column.name), self._type(field.type), *constraints, **options)
