"""One thing as a document: its JSON and its version, by one statement."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, FromClause, SQLColumnExpression

from crossdock.documents.document import Document
from crossdock.documents.fields import Fields, Source
from crossdock.documents.objects import Scope, object_of
from crossdock.documents.reader import Reader
from crossdock.driver.compiled import Compiled, compiled


class Single:
    """`book = Single(BookOut, Book, {...}, where=Book.id == bindparam("book_id"))`

    `where` finds at most one row that the tenant may see. `tables` is for a join that the fields need, where `source`
    alone does not have them all.
    """

    def __init__(
        self,
        schema: type[BaseModel],
        source: Source,
        fields: Fields | None = None,
        *,
        where: ColumnElement[bool],
        version: SQLColumnExpression[Any] | None = None,
        tables: FromClause | None = None,
    ) -> None:
        self.schema = schema
        self.source = source
        self.fields = fields or {}
        self.where = where
        self.version = version
        self.tables = tables

    async def read(self, reader: Reader, **given: Any) -> Document | None:
        """None where there is no such row, or none that the tenant may see."""
        statement = self.compiled
        row = await reader.first(statement.sql, statement.arguments(given))
        if row is None:
            return None
        return Document(row[0].encode(), None if self.version is None else row[1])

    @cached_property
    def compiled(self) -> Compiled:
        """Raises CannotCompile."""
        scope = Scope(self.source)
        columns: list[Any] = [object_of(self.schema, self.fields, scope)]
        if self.version is not None:
            columns.append(self.version)
        return compiled(scope.select(*columns, tables=self.tables).where(self.where))

    @property
    def statements(self) -> Mapping[str, Compiled]:
        """When which statement is run → the statement."""
        return {"always": self.compiled}
