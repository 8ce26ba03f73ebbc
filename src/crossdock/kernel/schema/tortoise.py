"""What every Tortoise model shares, and the one kind of index that Tortoise lacks."""

from typing import Any

from tortoise import Model, fields
from tortoise.contrib.postgres.indexes import PostgreSQLIndex

from crossdock.kernel.ids import new_id


class Row(Model):
    """The key and the times that every table has. Times are set by the service's clock, never by the ORM."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField()

    class Meta:
        abstract = True


class VersionedRow(Row):
    """A row that changes: `version` counts its changes and is its ETag."""

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
