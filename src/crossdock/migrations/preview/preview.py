"""What a plan will do, shown before it runs: each statement, its locks, its work, and what it destroys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import asyncpg
from postgast import pg_query_pb2 as pg

from crossdock.migrations.plan import Step
from crossdock.migrations.preview.looking import look
from crossdock.migrations.revision import Direction
from crossdock.migrations.run.catalogue import LEFT_OVER, Catalogue
from crossdock.sql.losses import Loss, losses
from crossdock.sql.modes import BLOCKS, ROWS, Mode
from crossdock.sql.opaque import elsewhere, why_opaque
from crossdock.sql.present import Present, Size
from crossdock.sql.row_locks import WRITES, keeps_rows_locked
from crossdock.sql.rows import Work, work_on
from crossdock.sql.shapes import functions, made
from crossdock.sql.spread import Spread, spread
from crossdock.sql.statement import Statement, dropped, statements


@dataclass(frozen=True, slots=True)
class TableLock:
    """`size` is of the table as it is now, None where this schema has none; `is_made`: this plan makes it. `under`: the
    table whose partition or child it is, where that is why it is locked."""

    table: str
    mode: Mode
    blocks: str
    work: Work
    is_made: bool
    size: Size | None
    under: str | None = None

    @property
    def is_new(self) -> bool:
        return self.size is None

    @property
    def weight(self) -> tuple[int, Mode]:
        """Whoever keeps more people waiting weighs more, though its mode may be weaker."""
        return BLOCKS.index(self.blocks), self.mode


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """`opaque` says why its locks are not known, or not all of them."""

    sql: str
    locks: tuple[TableLock, ...]
    opaque: str | None
    destroys: tuple[Loss, ...]

    @property
    def is_opaque(self) -> bool:
        return self.opaque is not None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """`statements` is None when the revision asks the database before it knows what to do: only a run can tell."""

    step: Step
    statements: tuple[PlannedStatement, ...] | None

    @property
    def worst(self) -> list[TableLock]:
        """The strongest lock on each table that traffic would wait behind, with the most work done while it is held:
        in a transaction that is what any later statement does to the table."""
        found: dict[str, TableLock] = {}
        for lock in (lock for statement in self.statements or () for lock in statement.locks):
            other, is_felt = found.get(lock.table), lock.blocks != "nobody"
            if is_felt and (other is None or BLOCKS.index(lock.blocks) > BLOCKS.index(other.blocks)):
                found[lock.table] = lock  # what was done before it, was done without it
            elif other is not None and (is_felt or not self.step.revision.stands_alone):
                stronger = lock if lock.weight > other.weight else other
                found[lock.table] = replace(stronger, work=max(lock.work, other.work))
        return sorted(found.values(), key=lambda lock: (-BLOCKS.index(lock.blocks), -lock.mode, lock.table))

    @property
    def is_untold(self) -> bool:
        return self.statements is None or any(statement.is_opaque for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """An INVALID index. `is_left_over`: a killed REINDEX left it, and it is dropped instead."""

    index: str
    table: str
    is_left_over: bool
    size: Size


@dataclass(frozen=True, slots=True)
class Plan:
    """`rebuilds` are what `up` does after the last step, and without any step too."""

    steps: tuple[PlannedStep, ...]
    rebuilds: tuple[Rebuild, ...]

    def __iter__(self) -> Iterator[PlannedStep]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def destroys(self) -> list[Loss]:
        """Of every step, in their order."""
        return [loss for each in self for statement in each.statements or () for loss in statement.destroys]


class Preview:
    """Built once for a plan: what the database has, changed by each statement that was looked at."""

    def __init__(self, present: Present, invalid: dict[str, str]) -> None:
        self._present = present
        self._invalid = invalid

    @classmethod
    async def of(cls, connection: asyncpg.Connection) -> "Preview":
        return cls(await look(connection), await Catalogue(connection).invalid())

    def plan(self, direction: Direction, planned: Sequence[tuple[Step, str | None]]) -> Plan:
        """From each step and its SQL, in their order. Only `up` makes INVALID indexes again."""
        steps = tuple(
            PlannedStep(step, None if sql is None else tuple(self._statements(step, sql))) for step, sql in planned
        )
        left = self._invalid if direction is Direction.UP else {}
        return Plan(steps, tuple(self._rebuilds(left)))

    def _rebuilds(self, invalid: dict[str, str]) -> Iterator[Rebuild]:
        for index in invalid:
            table = self._present.known.table_of(index)
            if table in self._present.sizes:
                yield Rebuild(index, table, LEFT_OVER.fullmatch(index) is not None, self._present.sizes[table])

    def _statements(self, step: Step, sql: str) -> Iterator[PlannedStatement]:
        for statement in statements(sql):
            lost = tuple(losses(statement, self._present))
            yield PlannedStatement(statement.text, self._locks(statement), self._opaque(statement), lost)
            self._present.learn(statement, step.revision.key)
            for index in _indexes(statement):
                self._invalid.pop(index, None)

    def _opaque(self, statement: Statement) -> str | None:
        """A call of what somebody wrote is as dark as a DO block."""
        if statement.kind in WRITES | {"select_stmt", "create_table_as_stmt"}:
            called = sorted(functions(statement.node) & self._present.functions)
            if called:
                return f"it calls {called[0]}(), which runs code in the server"
        return why_opaque(statement) or elsewhere(statement, self._present.schema)

    def _locks(self, statement: Statement) -> tuple[TableLock, ...]:
        strongest: dict[str, TableLock] = {}
        for lock in (self._lock(each, statement) for each in spread(self._present, statement)):
            if lock.table not in strongest or lock.mode > strongest[lock.table].mode:
                strongest[lock.table] = lock
        return tuple(strongest.values())

    def _lock(self, each: Spread, statement: Statement) -> TableLock:
        table = self._present.known.table_of(each.lock.table)
        size = self._present.sizes.get(table)
        is_made = self._present.is_made(table) or (size is None and table in _made(statement))
        is_nowhere = size is None and getattr(statement.node, "missing_ok", False)
        work = Work.ALL_READ if each.lock.is_read else work_on(table, statement, self._present.known)
        blocks = "nobody" if is_made or is_nowhere else _blocks(each, statement)
        return TableLock(table, each.lock.mode, blocks, work, is_made, size, each.under)


def _blocks(each: Spread, statement: Statement) -> str:
    """REINDEX shuts the index itself, and whoever reads the table looks at all of its indexes first. A changed row is
    locked until the commit."""
    if statement.kind == "reindex_stmt" and not statement.is_concurrent:
        return Mode.ACCESS_EXCLUSIVE.blocks
    holds = each.lock.mode is Mode.ROW_EXCLUSIVE or each.lock.mode is Mode.ROW_SHARE
    if holds and {each.lock.table, each.under} & keeps_rows_locked(statement):
        return ROWS
    return each.lock.mode.blocks


def _made(statement: Statement) -> set[str]:
    if statement.kind == "view_stmt":
        return {statement.node.view.relname}
    return {relation.relname for relation in made(statement)}


def _indexes(statement: Statement) -> set[str]:
    """Those that it builds or drops itself."""
    if statement.kind == "index_stmt":
        return {statement.node.idxname}
    is_drop = statement.kind == "drop_stmt" and statement.node.remove_type == pg.OBJECT_INDEX
    return set(dropped(statement)) if is_drop else set()
