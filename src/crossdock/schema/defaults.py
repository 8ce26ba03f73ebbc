"""The defaults that aerich gives a column when it adds it to a table with rows. Tortoise makes the column without."""

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from tortoise import Model, fields
from tortoise.backends.base.schema_generator import BaseSchemaGenerator

from crossdock.schema.ownership import table_of
from crossdock.sql.quoting import quoted

VALUES = (bool, int, float, Decimal, str)
WITHOUT = (fields.JSONField, fields.TextField, fields.UUIDField)
"""Of these fields aerich writes no default."""


def added_defaults(generator: BaseSchemaGenerator, model: type[Model]) -> Iterator[str]:
    """A statement for each column of a model whose default is a plain value of Python's."""
    table = table_of(model)
    for name, column in model._meta.fields_db_projection.items():
        value = _default(model._meta.fields_map[name])
        if type(value) in VALUES:
            written = generator._column_default_generator(table, column, generator._escape_default_value(value))
            yield f"ALTER TABLE {quoted(table)} ALTER COLUMN {quoted(column)} SET{written}"


def _default(field: fields.Field[Any]) -> Any:
    if field.pk or field.has_db_default() or isinstance(field, WITHOUT):
        return None
    return field.default.value if isinstance(field.default, Enum) else field.default
