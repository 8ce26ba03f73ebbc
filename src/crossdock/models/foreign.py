"""Tables that the other migration tool owns, known to alembic as foreign-key targets only."""

from typing import Any

from sqlalchemy import Column, MetaData, Table, Uuid, event
from sqlalchemy.orm import Mapper

FOREIGN = "foreign"


def foreign_table(metadata: MetaData, name: str, key: Any = Uuid, *, column: str = "id") -> Table:
    """A stub with the key alone, whose type is `key`. alembic's `include_object` leaves it out, so it is neither made
    nor dropped. A class that is mapped to the table later, with `extend_existing`, makes it a table like any other."""
    if name in metadata.tables:
        return metadata.tables[name]
    return Table(name, metadata, Column(column, key, primary_key=True), info={FOREIGN: True})


def take_place_of_stub(mapped: type[Any]) -> None:
    """Has a class extend the stub of its table, where another module's models were imported before its own and made
    one. A declarative base calls it in its `__init_subclass__`, as crossdock's does; a class of any other base says
    `extend_existing` itself."""
    stub = mapped.metadata.tables.get(vars(mapped).get("__tablename__", ""))
    if stub is None or not stub.info.get(FOREIGN):
        return
    given = vars(mapped).get("__table_args__", ())
    items, options = ((), given) if isinstance(given, dict) else (given, {})
    if items and isinstance(items[-1], dict):
        *items, options = items
    mapped.__table_args__ = (*items, {**options, "extend_existing": True})


@event.listens_for(Mapper, "after_mapper_constructed")
def _is_no_stub(mapper: Mapper[Any], _class: type[Any]) -> None:
    """Whether the stub or the class came first depends on the order of imports, and must not matter."""
    if isinstance(mapper.local_table, Table):
        mapper.local_table.info.pop(FOREIGN, None)
