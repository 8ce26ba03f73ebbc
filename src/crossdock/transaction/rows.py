"""The rows of one table as frozen rows: added, found by their key, and changed where nobody else did meanwhile."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_type_hints
from uuid import UUID

from sqlalchemy import bindparam, select, update

from crossdock.driver.compiled import compiled
from crossdock.errors import ProgrammingError
from crossdock.transaction.appending import Appending
from crossdock.transaction.given import columns

if TYPE_CHECKING:
    from crossdock.transaction.unit import Unit

Row = TypeVar("Row")


class Rows(Generic[Row]):
    """`DOCKS = Rows(Dock, DockRow)`: a mapped class with `id` and `version`, and a dataclass of its columns.

    Its statements are compiled once, here. Raises ProgrammingError where fields and columns differ.
    """

    def __init__(self, model: Any, row: type[Row]) -> None:
        table = model.__table__
        names = {each.name for each in fields(row)}  # type: ignore[arg-type]
        if names != set(table.c.keys()):
            raise ProgrammingError(f"{row.__name__} and {table.name} differ: {sorted(names ^ set(table.c.keys()))}.")
        self._row = row
        self._enums = dict(_enums(row))
        self._added = Appending(model)
        one = select(table).where(table.c.id == bindparam("wanted"))
        # FOR NO KEY UPDATE: makes whoever changes the row wait, and not whoever inserts one that refers to it.
        self._get, self._lock = compiled(one), compiled(one.with_for_update(key_share=True))
        given = {name: bindparam(name, type_=table.c[name].type) for name in sorted(names - {"id"})}
        here = update(table).where(table.c.id == bindparam("wanted"), table.c.version == bindparam("expected"))
        self._change = compiled(here.values(given))

    def add(self, unit: "Unit", row: Row) -> None:
        """Inserts a row, before the next statement of the unit."""
        unit.add(self._added, columns(row))

    async def get(self, unit: "Unit", key: UUID, *, lock: bool = False) -> Row | None:
        """None for what is not there, or is not the tenant's. `lock` holds it to the end of the transaction."""
        found = await unit.rows(self._lock if lock else self._get, wanted=key)
        return self._made(found[0]) if found else None

    async def change(self, unit: "Unit", row: Row, *, version: int) -> bool:
        """Writes a row where its version still is `version`. False: it changed meanwhile, or is not there."""
        values = columns(row)
        return await unit.execute(self._change, wanted=values.pop("id"), expected=version, **values) == 1

    def _made(self, record: Mapping[str, Any]) -> Row:
        """The driver gives text for an enum."""
        values = dict(record)
        for name, kind in self._enums.items():
            values[name] = None if values[name] is None else kind(values[name])
        return self._row(**values)


def _enums(row: type[Any]) -> Any:
    """The fields that hold an enum, with its class."""
    for name, hint in get_type_hints(row).items():
        for kind in (hint, *get_args(hint)):
            if isinstance(kind, type) and kind is not NoneType and issubclass(kind, Enum):
                yield name, kind
