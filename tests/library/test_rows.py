"""Frozen rows of one table, whose fields are its columns: added, found, changed, and told where the two differ."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crossdock.errors import ProgrammingError
from crossdock.ids import new_id
from crossdock.models.base import Base, Versioned
from crossdock.transaction import Database, Rows
from freight.rows import OwnedRow
from tests.library.scene import PLATFORM, Eyes

NOW = datetime(2030, 5, 4, 8, tzinfo=UTC)
GATES = """
CREATE SCHEMA yard;
CREATE TABLE yard.gates (
    id uuid PRIMARY KEY, company_id uuid NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
    version int NOT NULL, name varchar(20) NOT NULL, kind varchar(20) NOT NULL, was varchar(20), doors int,
    hours jsonb, notes jsonb
);
GRANT USAGE ON SCHEMA yard TO crossdock_platform;
GRANT ALL ON yard.gates TO crossdock_platform;
"""


class GateKind(StrEnum):
    ROAD = "road"
    RAIL = "rail"


class Own(DeclarativeBase):
    """No migration tool looks here."""

    type_annotation_map = Base.type_annotation_map


class Gate(Versioned, Own):
    __tablename__ = "gates"
    __table_args__ = {"schema": "yard"}

    company_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    was: Mapped[str | None] = mapped_column(String(20))
    doors: Mapped[int | None]
    hours: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    notes: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow(OwnedRow):
    name: str
    kind: GateKind
    was: GateKind | None
    doors: int | None
    hours: dict[str, Any]
    notes: Any


GATE_ROWS = Rows(Gate, GateRow)
DETAILS = {
    "name": "West",
    "kind": GateKind.RAIL,
    "was": None,
    "doors": 3,
    "hours": {"mon": ["Łódź", None]},
    "notes": None,
}


@pytest.fixture(scope="module")
async def gates(database: Database, eyes: Eyes) -> AsyncIterator[Database]:
    """With their table, in a schema that nobody else looks into."""
    await eyes.connection.execute(GATES)
    yield database
    await eyes.connection.execute("DROP SCHEMA yard CASCADE")


async def test_a_row_comes_back_as_it_was_given(gates: Database) -> None:
    """Enums as enums, JSON as what it says, null as None, locked or not; what is not there is None."""
    row = GateRow.new(new_id(), NOW, DETAILS)
    async with gates.transaction(PLATFORM) as tx:
        GATE_ROWS.add(tx, row)
        assert await GATE_ROWS.get(tx, row.id) == row
        assert await GATE_ROWS.get(tx, row.id, lock=True) == row
        assert await GATE_ROWS.get(tx, new_id()) is None


async def test_a_change_is_of_one_version(gates: Database) -> None:
    """Once; with a version that is gone nothing is written, and nothing of another row."""
    row, other = GateRow.new(new_id(), NOW, DETAILS), GateRow.new(new_id(), NOW, DETAILS)
    async with gates.transaction(PLATFORM) as tx:
        for each in (row, other):
            GATE_ROWS.add(tx, each)
        changed = row.changed(NOW.replace(hour=9), {"was": GateKind.RAIL, "doors": None})
        assert (changed.version, changed.updated_at.hour, changed.created_at) == (2, 9, NOW)
        assert await GATE_ROWS.change(tx, changed, version=1)
        assert not await GATE_ROWS.change(tx, replace(changed, name="East"), version=1)
        assert await GATE_ROWS.get(tx, row.id) == changed
        assert await GATE_ROWS.get(tx, other.id) == other


@dataclass(frozen=True, slots=True)
class Entrance:
    name: str
    doors: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedRow(OwnedRow):
    kind: GateKind
    entrance: Entrance


def to_columns(row: NestedRow) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("id", "company_id", "created_at", "updated_at", "version", "kind")}
    return plain | {"name": row.entrance.name, "doors": row.entrance.doors, "was": None, "hours": None, "notes": None}


def from_columns(values: Mapping[str, Any]) -> NestedRow:
    names = ("id", "company_id", "created_at", "updated_at", "version")
    entrance = Entrance(values["name"], values["doors"])
    return NestedRow(**{name: values[name] for name in names}, kind=GateKind(values["kind"]), entrance=entrance)


async def test_a_row_may_be_mapped_to_its_columns(gates: Database) -> None:
    """By two functions, both ways; and a change writes the columns that it is said to, and no other."""
    rows = Rows(
        Gate,
        NestedRow,
        to_columns=to_columns,
        from_columns=from_columns,
        changing=("name", "doors", "updated_at", "version"),
    )
    row = NestedRow.new(new_id(), NOW, {"kind": GateKind.RAIL, "entrance": Entrance("West", 3)})
    wider = row.changed(NOW.replace(hour=9), {"kind": GateKind.ROAD, "entrance": Entrance("West", 4)})
    async with gates.transaction(PLATFORM) as tx:
        rows.add(tx, row)
        assert await rows.get(tx, row.id) == row
        assert await rows.change(tx, wider, version=1)
        assert await rows.get(tx, row.id, lock=True) == replace(wider, kind=GateKind.RAIL)


def test_a_field_without_a_column_is_told_at_once() -> None:
    """And a column without a field: when the store is imported, not when the first row is written."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Wider(GateRow):
        height: int

    for row in (OwnedRow, Wider):
        with pytest.raises(ProgrammingError, match=r"and gates differ: \['(doors|height)'"):
            Rows(Gate, row)
