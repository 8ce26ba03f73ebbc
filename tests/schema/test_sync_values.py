"""The round trip of `crossdock schema sync`, with values that nobody thought of: both ORMs keep them alike."""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crossdock.application import Application
from crossdock.config.settings import Settings
from crossdock.registry import Orm, Registry
from crossdock.schema.expected import read_sides
from crossdock.schema.sync.both import Both, both
from crossdock.schema.sync.describing import describe
from crossdock.schema.sync.description import Field, Model
from crossdock.schema.sync.kinds import DURATION, Type
from crossdock.schema.sync.proof import with_files
from crossdock.schema.sync.round_trip import ReadOtherwise, is_given, round_trip, same
from crossdock.schema.sync.values import DIGITS
from tests.schema.things import EVERY_TYPE, Things

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
ZONES = st.timezones() | st.just(UTC)
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    LEAVES | TEXTS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3),
    max_leaves=9,
)
STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "uuid": st.uuids(),
    "text": TEXTS,
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "double precision": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "timestamp with time zone": st.datetimes(timezones=ZONES).filter(lambda at: 1 < at.year < 9999),
    "date": st.dates().filter(lambda day: 1 < day.year < 9999),
    "time with time zone": st.times(timezones=st.just(UTC)),
    "bytea": st.binary(),
    "jsonb": st.lists(DOCUMENTS, max_size=3) | st.dictionaries(TEXTS, DOCUMENTS, max_size=3),
}
AT = datetime(2034, 5, 4, 12, 0, 0, 500_001, tzinfo=UTC)
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""No shrinking: the message names column and value."""
DURATIONS = st.timedeltas(min_value=timedelta(days=-10_000), max_value=timedelta(days=10_000))


def values_of(of: Type) -> st.SearchStrategy[Any]:
    items = _items(of)
    return st.lists(items, max_size=4) if of.is_array else items


def _items(of: Type) -> st.SearchStrategy[Any]:
    if of.enum is not None:
        return st.sampled_from(of.enum)
    if of.kind is DURATION:
        return DURATIONS
    if of.kind.sql == "character varying":
        return TEXTS.map(lambda text: text[: of.numbers[0]])
    if of.kind.sql == "numeric":
        digits, places = min(of.numbers[0], DIGITS), of.numbers[1]
        greatest = 10 ** (digits - places)
        return st.decimals(-greatest + 1, greatest - 1, places=places)
    return STRATEGIES[of.kind.sql]


@pytest.fixture
async def made(tmp_path: Path, empty: Settings) -> Things:
    """The project, with what was generated for it, and importable here."""
    things = Things(tmp_path, "theirs_of_any_value", empty)
    await things.begin(EVERY_TYPE, "things")
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.status == 0, ran
    return things


@pytest.fixture
async def sides(made: Things, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Both, Model]]:
    """Both ORMs on one connection, and the model whose values they have to keep alike."""
    monkeypatch.syspath_prepend(str(made.root))
    found = Registry.discover(Application.read(made.root / "pyproject.toml"))
    name = f"{made.package}.things.models"
    files = {Orm.TORTOISE: (name,), Orm.SQLALCHEMY: (f"{name}_sqlalchemy",)}
    registry = with_files(found, found.modules["things"], files)
    module, address = registry.modules["things"], made.settings.direct
    read = await read_sides(address, registry)
    [model] = await describe(address, registry, module, Orm.TORTOISE, read)
    async with both(address, registry, files, module.tables) as orms:
        yield orms, model
    for each in [each for each in sys.modules if each.startswith(made.package)]:
        del sys.modules[each]


@given(data=st.data())
@settings(deadline=None, max_examples=100, phases=PHASES, suppress_health_check=[*HealthCheck])
async def test_any_value_of_every_type(sides: tuple[Both, Model], data: st.DataObject) -> None:
    """Written by either and read by the other, it is the same value of the same type."""
    orms, model = sides
    columns = {field.column: _of_field(model, field) for field in model.fields if is_given(field)}
    await round_trip(orms, model, data.draw(st.fixed_dictionaries(columns)))


def _of_field(model: Model, field: Field) -> st.SearchStrategy[Any]:
    values = values_of(field.type)
    return st.none() | values if model.table.columns[field.column].nullable else values


async def test_a_lost_fraction_is_seen(sides: tuple[Both, Model]) -> None:
    """The proof can fail: a column that keeps less than the models say is named with the value."""
    orms, model = sides
    row = {field.column: None for field in model.fields if model.table.columns[field.column].nullable}
    await orms.driver.execute("ALTER TABLE things ALTER COLUMN at TYPE timestamptz(0)")
    with pytest.raises(ReadOtherwise, match=r"things\.at: \w+ wrote datetime"):
        await round_trip(orms, model, row | {"id": UUID(int=1), "at": AT, "metadata": {}, "names": []})


def test_what_counts_as_the_same() -> None:
    """Not only equal: of the same type, also inside of a document."""
    assert same({"a": 1}, {"a": 1}) and same(None, None) and same([1e16], [10**16])
    assert not any(same(*pair) for pair in (({"a": 1}, {"a": True}), (1, True), ("a", None), ([1], [1.5])))


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)], ids=["skipped", "doubled"])
def test_a_time_that_a_clock_skips_or_doubles(day: tuple[int, int, int]) -> None:
    """It is the moment that PostgreSQL keeps, where Python says that it equals no time of another zone."""
    local = datetime(*day, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    kept = local.astimezone(UTC)
    assert local != kept
    assert same(local, kept)
    assert not same(local, kept + timedelta(microseconds=1))
