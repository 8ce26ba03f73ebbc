"""What one ORM writes, the other reads: the same value, of the same type, through a connection that both share."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from crossdock.config.settings import Settings
from crossdock.driver.dialect import CrossdockDialect
from crossdock.ids import new_id
from crossdock.transaction import Database, Unit
from crossdock.transaction.reading import Reading
from tests.library.scene import PLATFORM, SOMEBODY, Eyes, opened, small
from tests.library.specimens.specimen.models_sqlalchemy import SPECIMENS
from tests.library.specimens.specimen.models_tortoise import Specimen
from tests.library.specimens.specimen.states import Level, State

CASES: list[tuple[str, Any]] = [
    ("key", UUID("01920000-0000-7000-8000-0000000000ff")),
    ("words", "Grüße, 東京 🚚\n\t'\"\\ %s :name $1 {}"),
    ("words", ""),
    ("word", "naïve"),
    ("small", -32_768),
    ("whole", 2**31 - 1),
    ("big", 2**63 - 1),
    ("big", -(2**63)),
    ("ratio", 0.1),
    ("ratio", -1.5e300),
    ("price", Decimal("1234567890123456789012.567891")),  # 28 digits: with more, Tortoise rounds
    ("price", Decimal("-0.000001")),
    ("flag", True),
    ("flag", False),
    ("at", datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)),
    ("day", date(2024, 2, 29)),
    ("hour", time(23, 59, 59, 999_999, tzinfo=UTC)),
    ("lasts", timedelta(days=40, microseconds=1)),
    ("lasts", timedelta(seconds=-1)),
    ("blob", bytes(range(256))),
    ("blob", b""),
    ("state", State.AT_REST),
    ("level", Level.HIGH),
    ("document", "123"),
    ("document", "null"),
    ("document", '{"a": 1}'),
    ("document", 123),
    ("document", 1.5),
    ("document", True),
    ("document", [1, "2", None, [3.5]]),
    ("document", {"a": {"b": [1, None, "ü 🚚"]}, "": ""}),
    ("document", {}),
    ("document", None),
    *((column.name, None) for column in SPECIMENS.columns if column.name not in {"id", "document"}),
]
EACH_VALUE = pytest.mark.parametrize(
    ("column", "value"), CASES, ids=[f"{column} {value!r:.24}" for column, value in CASES]
)


async def by_tortoise(unit: Unit, column: str, value: Any) -> UUID:
    if column == "document" and isinstance(value, str):
        value = json.dumps(json.dumps(value))  # Tortoise takes a string for JSON text, in `create` and when it writes
    return (await Specimen.create(**{column: value})).id


async def by_sqlalchemy(unit: Unit, column: str, value: Any) -> UUID:
    specimen_id = new_id()
    await unit.sql.execute(insert(SPECIMENS).values(**{"id": specimen_id, column: value}))
    return specimen_id


async def read_by_tortoise(unit: Unit, column: str, specimen_id: UUID) -> Any:
    return getattr(await Specimen.get(id=specimen_id), column)


async def read_by_sqlalchemy(unit: Unit, column: str, specimen_id: UUID) -> Any:
    return await unit.sql.scalar(select(SPECIMENS.c[column]).where(SPECIMENS.c.id == specimen_id))


@EACH_VALUE
@pytest.mark.parametrize("write", [by_tortoise, by_sqlalchemy])
async def test_every_value_crosses(specimens: Database, write: Any, column: str, value: Any) -> None:
    """Written by either, read by both: in the same transaction, and later on each ORM's own pool."""
    async with specimens.transaction(PLATFORM) as tx:
        specimen_id = await write(tx, column, value)
        inside = [await read(tx, column, specimen_id) for read in (read_by_tortoise, read_by_sqlalchemy)]
    async with Reading(specimens.environment, SOMEBODY, specimens.tortoise) as unit:
        inside.append(await read_by_tortoise(unit, column, specimen_id))
    async with Reading(specimens.environment, SOMEBODY, specimens.transactions) as unit:
        inside += [await read(unit, column, specimen_id) for read in (read_by_tortoise, read_by_sqlalchemy)]
    assert inside == [value] * 5
    assert all(isinstance(each, bool if isinstance(value, bool) else type(value)) for each in inside)


@pytest.mark.parametrize("write", [by_tortoise, by_sqlalchemy])
async def test_none_is_null(specimens: Database, write: Any, eyes: Eyes) -> None:
    """No document is NULL, not JSON's null, whichever ORM wrote it."""
    async with specimens.transaction(PLATFORM) as tx:
        specimen_id = await write(tx, "document", None)
    assert await eyes.value("SELECT document IS NULL FROM scratch.specimens WHERE id = $1", specimen_id)


async def test_with_sqlalchemys_codecs_a_json_string_becomes_a_number(
    settings: Settings, specimens: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard, taken out: with the dialect's own codecs on the connection, Tortoise decodes a second time."""
    for name in ("setup_asyncpg_json_codec", "setup_asyncpg_jsonb_codec"):
        monkeypatch.setattr(CrossdockDialect, name, getattr(PGDialect_asyncpg, name))
    async with opened(small(settings, 1), specimens.registry) as database, database.transaction(PLATFORM) as tx:
        specimen_id = await by_sqlalchemy(tx, "document", "123")
        assert await read_by_tortoise(tx, "document", specimen_id) == 123
