"""What Tortoise models and stores share: bases for models, reads and inserts, and a unique index with a condition."""

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar

from tortoise import Model, fields
from tortoise.contrib.postgres.indexes import PostgreSQLIndex
from tortoise.queryset import QuerySet

from crossdock.documents import Page
from crossdock.ids import new_id

Found = TypeVar("Found", bound=Model)
Row = TypeVar("Row")


class KeyedModel(Model):
    """The key and the times that every table has. Times are set by the service's clock, never by the ORM."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField()

    class Meta:
        abstract = True


class VersionedModel(KeyedModel):
    """A model whose rows change: `version` counts the changes of a row and is its ETag."""

    updated_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        abstract = True


class UniqueIndex(PostgreSQLIndex):
    """A unique index over some of the rows: `where` is SQL."""

    INDEX_TYPE = ""

    def __init__(self, *, fields: tuple[str, ...], name: str, where: str | None = None) -> None:
        super().__init__(fields=fields, name=name)
        self.where = where
        self.extra = f" WHERE {where}" if where else ""

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        path, arguments, keywords = super().deconstruct()
        return path, arguments, keywords | {"where": self.where}

    def get_sql(self, schema_generator: Any, model: type[Model], safe: bool) -> str:
        return super().get_sql(schema_generator, model, safe).replace("CREATE INDEX", "CREATE UNIQUE INDEX", 1)


async def insert(model: type[Model], *rows: Any) -> None:
    """Inserts frozen rows, dataclasses whose fields are the model's columns: one statement for all of them."""
    await model.bulk_create(model(**_columns(row)) for row in rows)


async def change(model: type[Model], row: Any, *, version: int) -> bool:
    """Writes such a row where its version still is `version`. False: it changed meanwhile, or is not there."""
    values = _columns(row)
    key = values.pop("id")
    return await model.filter(id=key, version=version).update(**values) == 1


def row_of(row: type[Row], model: Model) -> Row:
    """The frozen row of a model, by the names of its fields."""
    return row(**{field.name: getattr(model, field.name) for field in dataclasses.fields(row)})  # type: ignore[arg-type]


async def one(query: QuerySet[Found], *, lock: bool = False) -> Found | None:
    """The first model of a query, or None. `lock` holds its row to the end of the transaction."""
    # FOR NO KEY UPDATE: makes whoever changes the row wait, and not whoever inserts one that refers to it.
    return await (query.select_for_update(no_key=True) if lock else query).first()


async def newest(query: QuerySet[Found], page: Page) -> tuple[Sequence[Found], str | None]:
    """A keyset page, newest first since the keys are UUIDv7, and the cursor of the next one."""
    if page.after is not None:
        query = query.filter(id__lt=page.after)
    return page.cut(await query.order_by("-id").limit(page.fetch), lambda model: model.pk)


def _columns(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
