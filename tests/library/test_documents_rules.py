"""Every rule of the documents, one by one: what PostgreSQL writes is what the schema itself would have written."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from math import isfinite
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, NaiveDatetime, computed_field, create_model
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    insert,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateTable

from crossdock.config.settings import Settings
from crossdock.documents import Single, money, part, row, rows
from crossdock.guards import QueryPerRow, SessionFeatureUsed
from crossdock.ids import new_id
from crossdock.transaction import Database, Transaction
from tests.library.documents import meaning
from tests.library.scene import PLATFORM, Eyes

pytestmark = [
    pytest.mark.allows(QueryPerRow, "it asks for one example after the other"),
    pytest.mark.allows(SessionFeatureUsed, "the table of the examples is a temporary one"),
]

META = MetaData()


class Colour(Enum):
    RED = "red"
    QUOTED = 'a "quoted" \\ word'


class Level(IntEnum):
    LOW = 1
    HIGH = 9


SAMPLES = Table(
    "samples",
    META,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", ForeignKey("samples.id")),
    *(
        column
        for suffix, nullable in (("", False), ("_or_none", True))
        for column in (
            Column(f"words{suffix}", Text, nullable=nullable),
            Column(f"small{suffix}", SmallInteger, nullable=nullable),
            Column(f"big{suffix}", BigInteger, nullable=nullable),
            Column(f"ratio{suffix}", Double, nullable=nullable),
            Column(f"price{suffix}", Numeric(20, 6), nullable=nullable),
            Column(f"flag{suffix}", Boolean, nullable=nullable),
            Column(f"at{suffix}", DateTime(timezone=True), nullable=nullable),
            Column(f"local{suffix}", DateTime, nullable=nullable),
            Column(f"day{suffix}", Date, nullable=nullable),
            Column(f"key{suffix}", Uuid, nullable=nullable),
            Column(f"colour{suffix}", String(40), nullable=nullable),
            Column(f"level{suffix}", Integer, nullable=nullable),
            Column(f"size{suffix}", String(1), nullable=nullable),
            Column(f"blob{suffix}", LargeBinary, nullable=nullable),
            Column(f"tags{suffix}", ARRAY(Text), nullable=nullable),
            Column(f"document{suffix}", JSONB(none_as_null=True), nullable=nullable),
        )
    ),
)
PARENTS = SAMPLES.alias("parents")
CHILDREN = SAMPLES.alias("children")


class Blob(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64")
    blob: bytes
    blob_or_none: bytes | None


class Hexed(BaseModel):
    model_config = ConfigDict(ser_json_bytes="hex")
    blob: bytes


class Amount(BaseModel):
    amount_minor: int
    currency: str


class Brief(BaseModel):
    words: str
    ratio: float


class Sample(BaseModel):
    """A field of each type, there and perhaps not there."""

    words: str
    words_or_none: str | None
    small: int
    small_or_none: int | None
    big: int
    big_or_none: int | None
    ratio: float
    ratio_or_none: float | None
    price: Decimal
    price_or_none: Decimal | None
    flag: bool
    flag_or_none: bool | None
    at: AwareDatetime
    at_or_none: AwareDatetime | None
    local: NaiveDatetime
    local_or_none: datetime | None
    day: date
    day_or_none: date | None
    key: UUID
    key_or_none: UUID | None
    colour: Colour
    colour_or_none: Colour | None
    level: Level
    level_or_none: Level | None
    size: Literal["S", "M"]
    size_or_none: Literal["S", "M"] | None
    tags: list[str]
    tags_or_none: list[str] | None
    document: JsonValue
    document_or_none: dict[str, Any] | None
    blobs: Blob
    hexed: Hexed
    note: bytes
    total: Amount
    total_or_none: Amount | None
    parent: Brief | None
    children: list[Brief]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return self.small * 2


c = SAMPLES.c
SAMPLE = Single(
    Sample,
    SAMPLES,
    {
        "blobs": part(blob=c.blob, blob_or_none=c.blob_or_none),
        "hexed": part(blob=c.blob),
        "note": func.convert_to(c.words, "UTF8", type_=LargeBinary),
        "total": money(c.big, c.size),
        "total_or_none": money(c.big_or_none, c.size),
        "parent": row(PARENTS, on=PARENTS.c.id == c.parent_id),
        "children": rows(
            CHILDREN,
            on=(CHILDREN.c.parent_id == c.id) & CHILDREN.c.flag,
            order_by=CHILDREN.c.small.desc(),
            limit=2,
        ),
        "double": c.small * 2,
    },
    where=c.id == bindparam("sample_id"),
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
FLOATS = st.floats(-(2**53), 2**53) | st.sampled_from(
    [0.1, 4.0, -0.0, 1e-4, 9.99e-5, 1e15, 1.5e15, 1e16, 4503599627370495.5, 1e-7, 1e300]
)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "words": TEXTS,
    "small": st.integers(-(2**14), 2**14),
    "big": st.integers(-(2**63), 2**63 - 1),
    "ratio": FLOATS,
    "price": st.decimals(-(10**13), 10**13, places=6).map(lambda price: price + 0),  # no -0: no column keeps it
    "flag": st.booleans(),
    "at": TIMES.map(lambda at: at.replace(tzinfo=UTC)),
    "local": TIMES | TIMES.map(lambda at: at.replace(microsecond=0)),
    "day": st.dates() | st.sampled_from([date.min, date.max]),
    "key": st.uuids(),
    "colour": st.sampled_from([colour.value for colour in Colour]),
    "level": st.sampled_from([level.value for level in Level]),
    "size": st.sampled_from(["S", "M"]),
    "blob": st.binary(max_size=80),
    "tags": st.lists(TEXTS, max_size=3),
    "document": JSON.filter(lambda value: value is not None),
}
ROWS = st.fixed_dictionaries(
    {
        **VALUES,
        **{f"{name}_or_none": st.none() | values for name, values in VALUES.items() if name != "document"},
        "document_or_none": st.none() | st.dictionaries(TEXTS, JSON, max_size=3),
    }
)

PLAIN: dict[str, Any] = {
    "words": "",
    "small": 1,
    "big": 1,
    "ratio": 1.0,
    "price": Decimal(1),
    "flag": True,
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "local": datetime(2026, 1, 1),
    "day": date(2026, 1, 1),
    "key": new_id(),
    "colour": "red",
    "level": 1,
    "size": "S",
    "blob": b"",
    "tags": [],
    "document": {},
}


@pytest.fixture(scope="module")
async def temporary_tables(eyes: Eyes, settings: Settings) -> AsyncIterator[None]:
    """The right to them, which the service has no need of."""
    name = settings.pooled.database
    await eyes.connection.execute(f'GRANT TEMPORARY ON DATABASE "{name}" TO crossdock_platform')
    yield
    await eyes.connection.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM crossdock_platform')


@pytest.fixture
async def transaction(database: Database, temporary_tables: None) -> AsyncIterator[Transaction]:
    """A table that only this transaction sees, in a session with habits of its own."""
    async with database.transaction(PLATFORM) as tx:
        await tx.sql.execute(text("SET LOCAL TIME ZONE 'Australia/Adelaide'"))
        await tx.sql.execute(text("SET LOCAL datestyle = 'SQL, DMY'"))
        ddl = str(CreateTable(SAMPLES).compile(dialect=tx.sql.dialect))
        await tx.sql.execute(text(ddl.replace("CREATE TABLE", "CREATE TEMP TABLE", 1)))
        yield tx
        await tx.sql.execute(text("DROP TABLE samples"))


def brief(made: dict[str, Any]) -> Brief:
    return Brief(words=made["words"], ratio=made["ratio"])


def expected(made: dict[str, Any], parent: dict[str, Any] | None, children: list[dict[str, Any]]) -> Sample:
    """What Pydantic makes of the same values."""
    fitting = sorted((each for each in children if each["flag"]), key=lambda each: -each["small"])
    total = Amount(amount_minor=made["big"], currency=made["size"])
    maybe = made["big_or_none"]
    return Sample.model_validate(
        made
        | {
            "blobs": Blob(blob=made["blob"], blob_or_none=made["blob_or_none"]),
            "hexed": Hexed(blob=made["blob"]),
            "note": made["words"].encode(),
            "total": total,
            "total_or_none": None if maybe is None else Amount(amount_minor=maybe, currency=made["size"]),
            "parent": None if parent is None else brief(parent),
            "children": [brief(each) for each in fitting[:2]],
        }
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=ROWS, parent=st.none() | ROWS, children=st.lists(ROWS, max_size=4, unique_by=lambda each: each["small"]))
async def test_each_type_is_written_as_pydantic_writes_it(
    transaction: Transaction, made: dict[str, Any], parent: dict[str, Any] | None, children: list[dict[str, Any]]
) -> None:
    """Byte for byte, whatever the session's zone and style of dates; JSON columns and numbers by their meaning."""
    sample_id, parent_id = new_id(), new_id()
    if parent is not None:
        await transaction.sql.execute(insert(SAMPLES).values(id=parent_id, parent_id=None, **parent))
    at = {"id": sample_id, "parent_id": None if parent is None else parent_id}
    await transaction.sql.execute(insert(SAMPLES).values(**at, **made))
    for child in children:
        await transaction.sql.execute(insert(SAMPLES).values(id=new_id(), parent_id=sample_id, **child))
    found = await SAMPLE.read(transaction, sample_id=sample_id)
    wanted = expected(made, parent, children)
    assert found is not None and found.version is None
    assert members(found.body) == members(wanted.model_dump_json().encode())


def members(body: bytes) -> list[tuple[str, Any]]:
    """Key by key, in order: JSON columns and numbers by what they mean, to the last digit."""
    pairs: list[tuple[str, Any]] = meaning(body)
    return [(key, dict_of(value) if key.startswith("document") else value) for key, value in pairs]


def dict_of(value: Any) -> Any:
    """A JSON column's objects have no order of their own."""
    if isinstance(value, list) and all(isinstance(each, tuple) for each in value):
        return {key: dict_of(each) for key, each in value}
    return [dict_of(each) for each in value] if isinstance(value, list) else value


class Number(BaseModel):
    ratio: float


NUMBER = Single(Number, SAMPLES, where=c.id == bindparam("sample_id"))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(ratio=st.floats())
@example(ratio=float("nan"))
@example(ratio=float("-inf"))
@example(ratio=1e-5)
@example(ratio=9.999999999999999e-5)
@example(ratio=9007199254740993.0)
@example(ratio=9.999999999999998e15)
@example(ratio=5e-324)
async def test_a_float_has_pydantics_digits(transaction: Transaction, ratio: float) -> None:
    """The shortest that mean the same double, however they are spelled.

    Past 2^53 PostgreSQL may write one digit more: it takes no digits that lie on the edge between two doubles.
    """
    await transaction.sql.execute(insert(SAMPLES).values(id=(sample_id := new_id()), **PLAIN | {"ratio": ratio}))
    found = await NUMBER.read(transaction, sample_id=sample_id)
    assert found is not None
    written = Number(ratio=ratio).model_dump_json()
    assert json.loads(found.body) == json.loads(written)
    if isfinite(ratio) and abs(ratio) <= 2**53:
        assert meaning(found.body) == meaning(written)


async def test_an_object_of_many_fields_is_put_together_in_pieces(transaction: Transaction) -> None:
    """A function of PostgreSQL takes a hundred arguments, and a schema may have more fields."""
    fields: dict[str, Any] = {f"field_{number}": (int, ...) for number in range(150)}
    wide = create_model("Wide", **fields)
    declared = {name: c.small + number for number, name in enumerate(fields)}
    await transaction.sql.execute(insert(SAMPLES).values(id=(sample_id := new_id()), **PLAIN))
    found = await Single(wide, SAMPLES, declared, where=c.id == bindparam("sample_id")).read(
        transaction, sample_id=sample_id
    )
    assert found is not None
    assert json.loads(found.body) == {name: PLAIN["small"] + number for number, name in enumerate(fields)}
