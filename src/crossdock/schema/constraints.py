"""What Tortoise has no words for: checks, indexes in PostgreSQL's words, and names that are not of its own making.

They stand among the `indexes` of a model, from which both Tortoise and aerich take the SQL as it is.
"""

from abc import abstractmethod
from typing import Any

from tortoise import Model
from tortoise.contrib.postgres.indexes import PostgreSQLIndex

from crossdock.sql.quoting import quoted


class InSql(PostgreSQLIndex):
    """Has words in the place of columns."""

    INDEX_TYPE = ""

    def __init__(self, words: str, name: str) -> None:
        super().__init__(fields=(words,), name=name)
        self.fields = []  # Tortoise looks for a field of each of these names
        self.words = words

    @property
    def field_names(self) -> list[str]:
        return [self.words]

    def describe(self) -> dict[str, Any]:
        """For aerich, which compares indexes by their columns and their name."""
        return super().describe() | {"fields": [self.words]}

    @abstractmethod
    def statement(self, table: str) -> str:
        """The SQL for a table, by its name as it is written in a statement."""

    @abstractmethod
    def undo(self, table: str) -> str:
        """The inverse of the statement."""

    def get_sql(self, schema_generator: Any, model: type[Model], safe: bool) -> str:
        return self.statement(_table_of(model))

    def undone(self, model: type[Model]) -> str:
        return self.undo(_table_of(model))


class SqlIndex(InSql):
    """`SqlIndex("USING gin (facts)", name="by_facts")`: what follows the table's name in CREATE INDEX."""

    def __init__(self, sql: str, *, name: str, unique: bool = False) -> None:
        super().__init__(sql, name)
        self.unique = unique

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return _path(self), [self.words], {"name": self.name, "unique": self.unique}

    def statement(self, table: str) -> str:
        return f"CREATE {'UNIQUE ' if self.unique else ''}INDEX {quoted(self.name or '')} ON {table} {self.words};"

    def undo(self, table: str) -> str:
        return f"DROP INDEX IF EXISTS {quoted(self.name or '')};"

    def get_sql(self, schema_generator: Any, model: type[Model], safe: bool) -> str:
        """Safe, it may be there: an index that was made by hand, before the model said so."""
        sql = super().get_sql(schema_generator, model, safe)
        return sql.replace("INDEX", "INDEX IF NOT EXISTS", 1) if safe else sql


class Check(InSql):
    """`Check("number > 0", name="positive")`. aerich would drop it as an index: write that revision by hand."""

    def __init__(self, sql: str, *, name: str) -> None:
        super().__init__(sql, name)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return _path(self), [self.words], {"name": self.name}

    def statement(self, table: str) -> str:
        return f"ALTER TABLE {table} ADD CONSTRAINT {quoted(self.name or '')} CHECK ({self.words});"

    def undo(self, table: str) -> str:
        return f"ALTER TABLE {table} DROP CONSTRAINT {quoted(self.name or '')};"


class Renamed(InSql):
    """`Renamed("books_pkey", to="pk_books")`: a key or a constraint that Tortoise, or PostgreSQL, names by itself."""

    def __init__(self, made: str, *, to: str) -> None:
        super().__init__(made, to)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return _path(self), [self.words], {"to": self.name}

    def statement(self, table: str) -> str:
        return f"ALTER TABLE {table} RENAME CONSTRAINT {quoted(self.words)} TO {quoted(self.name or '')};"

    def undo(self, table: str) -> str:
        return f"ALTER TABLE {table} RENAME CONSTRAINT {quoted(self.name or '')} TO {quoted(self.words)};"


def _table_of(model: type[Model]) -> str:
    names = (model._meta.schema, model._meta.db_table)
    return ".".join(quoted(name) for name in names if name)


def _path(index: InSql) -> str:
    return f"{type(index).__module__}.{type(index).__name__}"
