"""One statement as a rule sees it: what it is, what was there before it, and who else uses the tables."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.migrations.lint.finding import Problem
from crossdock.migrations.lint.reading import Placed
from crossdock.migrations.lint.release import Released
from crossdock.migrations.revision import Revision
from crossdock.sql.known import Known
from crossdock.sql.shapes import parts
from crossdock.sql.statement import Statement


@dataclass(frozen=True, slots=True)
class Case:
    """`before` is what the chains have made before this statement, `earlier` the statements of this revision before it
    in the same direction, `released` the release that is deployed when this one comes, `owners` the chain of each
    table at this point."""

    revision: Revision
    at: Placed
    before: Known
    earlier: tuple[Placed, ...]
    released: Released | None
    owners: Mapping[str, str]

    @property
    def statement(self) -> Statement:
        return self.at.statement

    @property
    def node(self) -> Any:
        return self.at.statement.node

    @property
    def table(self) -> str:
        """The table of a statement that has one."""
        return str(self.node.relation.relname)

    def is_new(self, table: str) -> bool:
        """Made by this revision: nobody else can see it yet, so no lock on it keeps anybody waiting."""
        known = self.before.tables.get(self.before.table_of(table))
        return known is not None and known.made_in == self.revision.key

    def parts(self, *kinds: int) -> Iterator[Any]:
        """Those of an ALTER TABLE of a table that was there before this revision."""
        if self.statement.kind == "alter_table_stmt" and not self.is_new(self.table):
            yield from parts(self.statement, *kinds)

    def uses(self, table: str, column: str | None = None) -> bool:
        """Does the release that is deployed then have models of this?"""
        return self.released is not None and self.released.uses(table, column)


Rule = Callable[[Case], Iterator[Problem]]
"""One danger. Its docstring says what would happen in production."""
