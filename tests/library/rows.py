"""Rows for every table there is, made from PostgreSQL's catalogue: two companies' worth, with valid foreign keys."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from crossdock.ids import new_id
from crossdock.models.names import MACHINERY

COLUMNS = """
SELECT t.relname AS table, a.attname AS name, a.attnum AS number, a.attnotnull AS required, y.typname AS type,
    CASE WHEN a.atttypmod > 4 AND y.typname = 'varchar' THEN a.atttypmod - 4 END AS length,
    f.confrelid::regclass::text AS target
FROM pg_class t
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p')
ORDER BY t.relname, a.attnum
"""

CHOSEN: dict[str, Any] = {
    "currency": "EUR",
    "bookings.status": "draft",
    "bids.status": "pending",
    "ledger_accounts.kind": "wallet",
    "ledger_resolutions.outcome": "voided",
}
"""What a check constraint, or the meaning of a policy, asks for: by column, or by table and column."""

EMPTY = {"bookings.carrier_id", "bookings.awarded_bid_id"}
"""Of a draft nobody is the carrier."""

NUMBERED, NUMBERS = "module_mismatches.number", itertools.count(1)
"""A key that is a number: no two rows have one."""

PARTNERS = {"carrier_id", "credit_company_id", "credit_account_id", "bids.company_id", "bid_history.company_id"}
"""Columns that name the other party of a deal; every other company, and every other foreign key, is the owner's."""


@dataclass(frozen=True, slots=True)
class Column:
    table: str
    name: str
    number: int
    required: bool
    type: str
    length: int | None
    target: str | None

    @property
    def path(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def is_company(self) -> bool:
        return self.path == "companies.id" or (
            self.type == "uuid" and (self.target == "companies" or self.name.endswith("company_id"))
        )

    @property
    def is_partners(self) -> bool:
        return bool({self.name, self.path} & PARTNERS)


@dataclass(slots=True)
class Made:
    """Each company's row of each table, and the tables in the order of their foreign keys."""

    tables: dict[str, list[Column]]
    rows: dict[tuple[UUID, str], dict[str, Any]] = field(default_factory=dict)

    def parties(self, owner: UUID, table: str) -> set[UUID]:
        """The companies that a row names: it is theirs."""
        row = self.rows[owner, table]
        return {row[column.name] for column in self.tables[table] if column.is_company and row[column.name]}

    def sees(self, company: UUID, owner: UUID, table: str) -> bool:
        """A company sees the rows that name it, and the other companies that these rows name."""
        if company in self.parties(owner, table):
            return True
        named = [self.parties(*key) for key in self.rows]
        return table == "companies" and any({company, owner} <= parties for parties in named)

    def of_others(self, company: UUID) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row that the company is no party of."""
        for (owner, table), row in self.rows.items():
            if company not in self.parties(owner, table):
                yield table, row


async def make_rows(connection: asyncpg.Connection, owner: UUID, partner: UUID) -> Made:
    """One row for each of the two in every table, as a superuser: no policy is in the way."""
    made = Made(await tables(connection))
    for table in made.tables:
        for owned_by, other in ((owner, partner), (partner, owner)):
            row = {column.name: _value(made, column, owned_by, other) for column in made.tables[table]}
            made.rows[owned_by, table] = row
            names, marks = ", ".join(row), ", ".join(f"${n}" for n in range(1, len(row) + 1))
            await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *row.values())
    return made


async def tables(connection: asyncpg.Connection) -> dict[str, list[Column]]:
    """Every table of ours with its columns, each after those that it points at."""
    found: dict[str, list[Column]] = {}
    for row in await connection.fetch(COLUMNS):
        if row["table"] not in MACHINERY:
            found.setdefault(row["table"], []).append(Column(**row))
    ordered: dict[str, list[Column]] = {}
    while len(ordered) < len(found):
        for table, columns in found.items():
            if {column.target for column in columns if column.required} - {None} <= set(ordered):
                ordered.setdefault(table, columns)
    return ordered


def _value(made: Made, column: Column, owner: UUID, partner: UUID) -> Any:
    whose = partner if column.is_partners else owner
    if column.path in EMPTY:
        return None
    if column.is_company:
        return whose
    if not column.required:
        return None
    if column.path == NUMBERED:
        return next(NUMBERS)
    if column.target is not None:
        return made.rows[whose, column.target]["id"]
    return CHOSEN.get(column.path) or CHOSEN.get(column.name) or _filler(column)


def _filler(column: Column) -> Any:
    """Any value of the type; times are later from column to column, numbers are above zero."""
    fillers: dict[str, Any] = {
        "uuid": new_id(),
        "varchar": f"{new_id().hex[::-1]} {column.name}"[: column.length],
        "text": column.name,
        "int2": 1,
        "int4": 1,
        "int8": 1,
        "float8": 1.0,
        "bool": False,
        "timestamptz": datetime.now(UTC) + timedelta(hours=column.number),
        "jsonb": json.dumps({}),
        "bytea": b"\x00\xff",
    }
    return fillers[column.type]


def insertion(table: str, row: dict[str, Any]) -> str:
    """A row with an id of its own, as one statement."""
    plain = {name: rf"\x{value.hex()}" if isinstance(value, bytes) else value for name, value in row.items()}
    quoted = json.dumps(plain | {"id": new_id()}, default=str).replace("'", "''")
    return f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(null::{table}, '{quoted}')"
