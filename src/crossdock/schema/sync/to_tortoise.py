"""Writes the models of a module in Tortoise. Names that Tortoise would make otherwise are said."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from crossdock.clock import now
from crossdock.models.types import enum_comment
from crossdock.schema.sync.description import Column, Field, ForeignKey, Index, Link, Made, Model, Value
from crossdock.schema.sync.kinds import POSTGRES_FIELDS, UnknownType
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

TORTOISE = "tortoise"
OURS = "crossdock.schema.constraints"
UNINDEXED = {"TextField", "JSONField", "BinaryField"}
"""Fields that Tortoise makes no unique ones of."""


class TortoiseWriter:
    """`known`: table → the model that it has in Tortoise, as `models.Author`, for all that are not written here."""

    def __init__(self, models: Sequence[Model], app: str, known: Mapping[str, str]) -> None:
        self._models = [model for model in models if model.name]
        self._app = app
        self._known = {**known, **{model.table.name: f"{app}.{model.name}" for model in self._models}}
        self.imports = Imports(model.name for model in self._models)
        self._tables = {model.table.name: model.table for model in models}

    def written(self) -> str:
        """The file from its first class on, without its imports."""
        linked = {link.table for model in self._models for link in model.links}
        alone = sorted(self._tables.keys() - linked - {model.table.name for model in self._models})
        if alone:
            raise UnknownType(f"The table {alone[0]} has neither a class nor a relationship that goes through it.")
        return "\n\n\n".join("\n".join(self._class(model)) for model in self._models) + "\n"

    def _class(self, model: Model) -> Iterator[str]:
        table = model.table
        yield f"class {model.name}({self.imports(TORTOISE, 'Model')}):"
        if table.comment is None and model.docstring:  # Tortoise would make a comment of a docstring
            yield from (f"{INDENT}# {line}".rstrip() for line in model.docstring.splitlines())
        else:
            yield from docstring(model.docstring)
        for field in model.fields:
            yield from self._field(model, field)
        for link in model.links:
            yield from self._many_to_many(link)
        yield from ["", f"{INDENT}class Meta:", f"{INDENT * 2}table = {text(table.name)}"]
        yield from self._meta(model)

    def _meta(self, model: Model) -> Iterator[str]:
        table = model.table
        if table.comment is not None and table.comment != (model.docstring or "").split("\n")[0]:
            yield f"{INDENT * 2}table_description = {text(table.comment)}"
        together = [self._names(model, key.columns) for key in table.uniques if not self._on_field(model, key.columns)]
        yield from _tuple("unique_together", together)
        yield from _tuple("indexes", list(self._indexes(model)))

    def _names(self, model: Model, columns: Sequence[str]) -> str:
        names = [text(attribute_of(model, model.field(column))) for column in columns]
        return f"({', '.join(names)}{',' if len(names) == 1 else ''})"

    def _on_field(self, model: Model, columns: Sequence[str]) -> bool:
        """Whether a unique constraint is an argument of its field."""
        return len(columns) == 1 and model.field(columns[0]).type.kind.tortoise not in UNINDEXED

    def _indexes(self, model: Model) -> Iterator[Expression]:
        for index in model.table.indexes:
            yield self._index(model, index)
        for check in model.table.checks:
            yield Call.of(self.imports(OURS, "Check"), text(check.sql), name=text(check.name))
        for made, name in self._made_names(model):
            if made != name:
                yield Call.of(self.imports(OURS, "Renamed"), text(made), to=text(name))

    def _made_names(self, model: Model) -> Iterator[tuple[str, str]]:
        """What Tortoise and PostgreSQL would call a key or a constraint, and what it is called."""
        table = model.table
        if table.primary_key:
            yield f"{table.name}_pkey", table.primary_key.name
        for key in table.foreign_keys:
            yield f"{table.name}_{key.columns[0]}_fkey", key.name
        for unique in table.uniques:
            made = f"{table.name}_{unique.columns[0]}_key"
            on_field = self._on_field(model, unique.columns)
            yield made if on_field else _hash_name("uid", table.name, unique.columns), unique.name

    def _index(self, model: Model, index: Index) -> Expression:
        columns = tuple(key.sql.strip('"') for key in index.keys)
        is_usual = index.is_plain and index.method == "btree" and not index.is_unique and index.where is None
        if is_usual and all(model.field(column).attribute == column for column in columns):
            if index.name == _hash_name("idx", model.table.name, columns):
                return self._names(model, columns)
            fields = f"({', '.join(map(text, columns))}{',' if len(columns) == 1 else ''})"
            return Call.of(self.imports("tortoise.indexes", "Index"), fields=fields, name=text(index.name))
        sql = index.sql[index.sql.index(" USING ") + 1 :]
        unique: dict[str, Expression] = {"unique": "True"} if index.is_unique else {}
        return Call.of(self.imports(OURS, "SqlIndex"), text(sql), name=text(index.name), **unique)

    def _field(self, model: Model, field: Field) -> Iterator[str]:
        column = model.table.columns[field.column]
        key = model.table.foreign_key(column.name)
        if key is not None:
            yield from lines(f"{_relation(column.name)} = ", self._foreign_key(model, field, column, key))
            return
        kind = field.type.kind
        options: dict[str, Expression] = {}
        if field.type.is_array:
            name = self.imports(POSTGRES_FIELDS, "ArrayField")
            options["element_type"] = text(column.sql.removesuffix("[]"))
        else:
            name = f"{self.imports(TORTOISE, 'fields')}.{kind.tortoise}"
            options |= _split(kind.keywords.format(*field.type.numbers))
        enum: list[Expression] = [self.imports.thing(field.type.enum)] if field.type.enum else []
        options |= self._of_field(model, field, column)
        yield from lines(f"{field.attribute} = ", Call.of(name, *enum, **options))

    def _of_field(self, model: Model, field: Field, column: Column) -> dict[str, Expression]:
        key = model.table.primary_key
        is_key = key is not None and key.columns == (column.name,)
        if key is None or len(key.columns) > 1:
            raise UnknownType(f"{model.name} has no key of one column, which each of Tortoise's models needs.")
        options: dict[str, Expression] = {"primary_key": "True"} if is_key else {}
        if is_key and field.type.python is int and not column.is_serial:
            options["generated"] = "False"
        if column.is_serial and not is_key:
            raise UnknownType(f"{model.name}.{field.attribute} is a serial column and no key: Tortoise has no such.")
        options |= {"null": "True"} if column.nullable else {}
        options |= {"unique": "True"} if self._is_unique(model, column) else {}
        options |= self._defaults(model, field, column)
        if is_key and field.type.kind.tortoise == "UUIDField":
            options.setdefault("default", "None")  # else Tortoise would make a key by itself
        options |= self._description(field, column)
        return options | ({} if field.attribute == column.name else {"source_field": text(column.name)})

    def _is_unique(self, model: Model, column: Column) -> bool:
        return any(key.columns == (column.name,) and self._on_field(model, key.columns) for key in model.table.uniques)

    def _defaults(self, model: Model, field: Field, column: Column) -> dict[str, Expression]:
        options: dict[str, Expression] = {}
        where = f"{model.name}.{field.attribute}"
        match field.default:
            case Value(value):
                options["default"] = literal(value, self.imports, where)
            case Made(function, on_change) if function is now:
                options["auto_now" if on_change else "auto_now_add"] = "True"
            case Made(function, False):
                options["default"] = function_name(function, self.imports, where)
            case Made():
                raise UnknownType(f"{where} is made anew at each change, by something else than `crossdock.clock.now`.")
        if column.default is not None:
            default = Call.of(self.imports("tortoise.fields.db_defaults", "SqlDefault"), text(column.default))
            options["db_default"] = default
        return options

    def _description(self, field: Field, column: Column) -> dict[str, Expression]:
        made = enum_comment(field.type.enum) if field.type.enum else None
        return {} if column.comment == made else {"description": text(column.comment or "")}

    def _foreign_key(self, model: Model, field: Field, column: Column, key: ForeignKey) -> Call:
        where = f"{model.name}.{field.attribute}"
        if key.on_update or key.is_deferrable:
            raise UnknownType(f"The foreign key {key.name} has ON UPDATE, or is deferrable: Tortoise has neither.")
        if key.target not in self._known:
            raise UnknownType(
                f"{where} leads to {key.target}, which has no model in Tortoise. Write that one first:"
                " `crossdock schema sync MODULE --to tortoise`."
            )
        fields = self.imports(TORTOISE, "fields")
        options: dict[str, Expression] = {"on_delete": f"{fields}.{(key.on_delete or 'NO ACTION').replace(' ', '_')}"}
        options |= {"null": "True"} if column.nullable else {}
        options |= {"to_field": text(key.target_columns[0])} if self._is_no_key(key) else {}
        options |= self._defaults(model, field, column) | {"related_name": "False"}
        options |= {"description": text(column.comment)} if column.comment else {}
        options |= {} if f"{_relation(column.name)}_id" == column.name else {"source_field": text(column.name)}
        kind = "OneToOneField" if self._is_unique(model, column) else "ForeignKeyField"
        return Call.of(f"{fields}.{kind}", text(self._known[key.target]), **options)

    def _is_no_key(self, key: ForeignKey) -> bool:
        """Whether it leads to another column than the key. Of a table that is not written here, that is not known."""
        table = self._tables.get(key.target)
        return bool(table and table.primary_key and table.primary_key.columns != key.target_columns)

    def _many_to_many(self, link: Link) -> Iterator[str]:
        table, (backward, forward) = self._tables[link.table], link.columns
        fields = self.imports(TORTOISE, "fields")
        key = table.foreign_key(forward)
        unique = _hash_name("uidx", table.name, (backward, forward))
        options: dict[str, Expression] = {
            "through": text(table.name),
            "backward_key": text(backward),
            "forward_key": text(forward),
            "on_delete": f"{fields}.{((key and key.on_delete) or 'NO ACTION').replace(' ', '_')}",
        }
        options |= {} if unique in {index.name for index in table.indexes} else {"unique": "False"}
        call = Call.of(f"{fields}.ManyToManyField", text(f"{self._app}.{link.target}"), **options)
        yield from lines(f"{link.attribute} = ", call)


def attribute_of(model: Model, field: Field) -> str:
    """Its name on Tortoise: a relation gives its column one."""
    return f"{_relation(field.column)}_id" if model.table.foreign_key(field.column) else field.attribute


def _relation(column: str) -> str:
    """The name of a relation: Tortoise gives its column the same name with `_id`."""
    return column.removesuffix("_id") or column


def _hash_name(prefix: str, table: str, columns: Sequence[str]) -> str:
    """As Tortoise makes one."""
    hashed = sha256(";".join((table, *columns)).encode()).hexdigest()[:6]
    return f"{prefix}_{table[:11]}_{columns[0][:7]}_{hashed}"


def _split(keywords: str) -> dict[str, Expression]:
    pairs = (each.partition("=") for each in keywords.split(", ") if each)
    return {name: value for name, _, value in pairs}


def _tuple(name: str, items: Sequence[Expression]) -> Iterator[str]:
    """`name = (item, ...)`, as ruff writes it."""
    if not items:
        return
    indent = INDENT * 2
    line = f"{indent}{name} = ({', '.join(map(str, items))}{',' if len(items) == 1 else ''})"
    if len(items) == 1 and len(line) <= WIDTH:
        yield line
        return
    yield f"{indent}{name} = ("
    for each in items:
        yield from lines("", each, ",", indent + INDENT)
    yield f"{indent})"
