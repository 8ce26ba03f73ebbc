"""The rows of one table as frozen rows: added, found by their key, and changed where nobody else did meanwhile."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from enum import Enum
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_type_hints
from uuid import UUID

from sqlalchemy import JSON, bindparam, select, update

from crossdock.driver.compiled import DIALECT, compiled
from crossdock.errors import ProgrammingError
from crossdock.transaction.appending import Appending
from crossdock.transaction.given import columns
from crossdock.transaction.transaction import Transaction
from crossdock.transaction.unit import Unit

Row = TypeVar("Row")


class Rows(Generic[Row]):
    """`DOCKS = Rows(Dock, DockRow)`: a mapped class with `id` and `version`, and the frozen row of its table.

    The row is a dataclass whose fields are the columns: raises ProgrammingError where they differ. Where it is not, as
    for a row with a place in it, `to_columns` gives a row's values by column and `from_columns` makes a row of them.
    `changing` are the columns that a change writes, where those are not all but the key.

    Its statements are SQLAlchemy's, compiled once, here.
    """

    def __init__(
        self,
        model: Any,
        row: type[Row],
        *,
        to_columns: Callable[[Row], dict[str, Any]] = columns,
        from_columns: Callable[[Mapping[str, Any]], Row] | None = None,
        changing: Iterable[str] = (),
    ) -> None:
        table = model.__table__
        names = set(table.c.keys())
        if from_columns is None:
            _need_same(row, table.name, names)
        self._to_columns = to_columns
        self._from_columns = from_columns or _Maker(row, table)
        self._changing = sorted(changing or names - {"id"})
        self._added = Appending(model)
        one = select(table).where(table.c.id == bindparam("wanted"))
        # FOR NO KEY UPDATE: makes whoever changes the row wait, and not whoever inserts one that refers to it.
        self._get, self._lock = compiled(one), compiled(one.with_for_update(key_share=True))
        given = {name: bindparam(name, type_=table.c[name].type) for name in self._changing}
        here = update(table).where(table.c.id == bindparam("wanted"), table.c.version == bindparam("expected"))
        self._change = compiled(here.values(given))

    def add(self, tx: Transaction, row: Row) -> None:
        """Inserts a row, before the next statement of the transaction."""
        tx.add(self._added, self._to_columns(row))

    async def get(self, unit: Unit, key: UUID, *, lock: bool = False) -> Row | None:
        """None for what is not there, or is not the tenant's. `lock` holds it to the end of the transaction."""
        found = await unit.rows(self._lock if lock else self._get, wanted=key)
        return self._from_columns(found[0]) if found else None

    async def change(self, tx: Transaction, row: Row, *, version: int) -> bool:
        """Writes a row where its version still is `version`. False: it changed meanwhile, or is not there."""
        values = self._to_columns(row)
        written = {name: values[name] for name in self._changing}
        return await tx.execute(self._change, wanted=values["id"], expected=version, **written) == 1


def _need_same(row: Any, table: str, names: set[str]) -> None:
    differ = {each.name for each in fields(row)} ^ names
    if differ:
        raise ProgrammingError(f"{row.__name__} and {table} differ: {sorted(differ)}.")


class _Maker(Generic[Row]):
    """Makes a row of the columns of its fields. The driver gives what is kept of an enum, and text for JSON."""

    def __init__(self, row: type[Row], table: Any) -> None:
        self._row = row
        self._enums = dict(_enums(row))
        self._json = dict(_json(table))

    def __call__(self, record: Mapping[str, Any]) -> Row:
        values = dict(record)
        for name, kind in self._enums.items():
            values[name] = None if values[name] is None else kind(values[name])
        for name, read in self._json.items():
            values[name] = read(values[name])
        return self._row(**values)


def _enums(row: type[Any]) -> Any:
    """The fields that hold an enum, with its class."""
    for name, hint in get_type_hints(row).items():
        for kind in (hint, *get_args(hint)):
            if isinstance(kind, type) and kind is not NoneType and issubclass(kind, Enum):
                yield name, kind


def _json(table: Any) -> Any:
    """The columns of JSON, with what SQLAlchemy reads of their text."""
    for column in table.c:
        if isinstance(column.type, JSON):
            yield column.name, column.type.dialect_impl(DIALECT).result_processor(DIALECT, None)
