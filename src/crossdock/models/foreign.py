"""Tables that the other migration tool owns, known to alembic as foreign-key targets only."""

from typing import Any

from sqlalchemy import Column, MetaData, Table, Uuid

FOREIGN = "foreign"


def foreign_table(metadata: MetaData, name: str, key: Any = Uuid) -> Table:
    """A stub with the key alone, whose type is `key`. alembic's `include_object` leaves it out, so it is neither made
    nor dropped."""
    if name in metadata.tables:
        return metadata.tables[name]
    return Table(name, metadata, Column("id", key, primary_key=True), info={FOREIGN: True})
