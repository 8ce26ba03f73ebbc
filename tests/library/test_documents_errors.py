"""What a document cannot express stops the service at its start, in a sentence that names schema and field."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, computed_field, create_model, field_serializer
from sqlalchemy import (
    ARRAY,
    JSON,
    REAL,
    BigInteger,
    Column,
    DateTime,
    Double,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    Uuid,
    bindparam,
    func,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects.postgresql import JSONB

from crossdock.documents import AccessPath, CannotCompile, Listing, Single, money, part, published, row, rows
from crossdock.documents.catalogue import catalogue
from crossdock.errors import ProgrammingError
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.bookings import documents
from freight.modules.companies.api import COMPANIES


class Shade(Enum):
    LIGHT = "light"


class Mixed(Enum):
    ONE = 1
    TWO = "two"


class Upper(TypeDecorator[str]):
    impl = String
    cache_ok = True


T = Table(
    "things",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("words", Text, nullable=False),
    Column("maybe", Text),
    Column("number", Integer, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("narrow", REAL, nullable=False),
    Column("ratio", Double, nullable=False),
    Column("price", Numeric(20, 8), nullable=False),
    Column("hour", Time, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("shade", EnumType(Shade), nullable=False),  # by their names, as SQLAlchemy does where nobody says otherwise
    Column("upper", Upper, nullable=False),
    Column("ratios", ARRAY(Double), nullable=False),
    Column("document", JSON, nullable=False),
)


class Inner(BaseModel):
    words: str


class Shouted(BaseModel):
    words: str

    @field_serializer("words")
    def _shout(self, words: str) -> str:
        return words.upper()


class Doubled(BaseModel):
    number: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return self.number * 2


class Clash(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    words: str = Field(serialization_alias="text")
    maybe: str | None = Field(serialization_alias="text")


def one(schema: type[BaseModel], fields: Any = None) -> Callable[[], Any]:
    """A document of one thing, whose making is put off."""
    return lambda: Single(schema, T, fields, where=T.c.id == bindparam("thing_id")).compiled


def holding(fields: Any = None, /, **annotations: Any) -> Callable[[], Any]:
    """The same for a schema of these fields."""
    return one(create_model("Thing", **{name: (kind, ...) for name, kind in annotations.items()}), fields)


def listing(schema: type[BaseModel], **options: Any) -> Callable[[], Any]:
    return lambda: Listing(schema, T, order_by=T.c.id, **options).compiled


INNER = create_model("Page", items=(list[Inner], ...), next_cursor=(str | None, ...))
FAULTS: dict[str, tuple[Callable[[], Any], str]] = {
    "no attribute": (holding(absent=str), "Thing.absent: things has no attribute of this name"),
    "of no field": (holding({"wrods": T.c.words}, words=str), "Thing.wrods: it is declared"),
    "null where it may not be": (holding(maybe=str), "Thing.maybe: the schema says that it is there, and things.maybe"),
    "another type": (holding(words=int), "Thing.words: the schema says int, the column is Text"),
    "a float of whole numbers": (holding(number=float), "Thing.number: the schema says float"),
    "single precision": (holding(narrow=float), "Thing.narrow: a column of single precision"),
    "no rule": (holding(hour=time), "Thing.hour: there is no rule for time"),
    "no rule for durations": (holding(number=timedelta), "Thing.number: there is no rule for timedelta"),
    "a union": (holding(words=str | int), "Thing.words: there is no rule for"),
    "literals of two types": (holding(words=Literal["a", 1]), "Thing.words: there is no rule for a Literal"),
    "many digits": (holding(price=Decimal), "Thing.price: a Decimal needs a column of at most 6 digits"),
    "an enum by name": (holding(shade=Shade), "Thing.shade: the column keeps LIGHT"),
    "an enum of two types": (holding(words=Mixed), "Thing.words: the values of Mixed are neither"),
    "a type of Python's": (holding(upper=str), "Thing.upper: Upper is decoded in Python"),
    "an expression of no type": (
        holding({"words": func.whatever(T.c.id)}, words=str),
        "Thing.words: its expression has",
    ),
    "a list of floats": (holding(ratios=list[float]), "Thing.ratios: there is no rule for list[float] from an array"),
    "JSON of another type": (holding(document=dict[str, datetime]), "Thing.document: the column is JSON"),
    "an object of nothing": (holding(inner=Inner), "Thing.inner: say of what it is made"),
    "objects of nothing": (holding(inner=list[Inner]), "Thing.inner: say of what it is made"),
    "a part of nothing": (holding({"inner": part()}, inner=Inner), "Inner.words: the part does not say"),
    "a part that may be null": (
        holding({"inner": part(words=T.c.words)}, inner=Inner | None),
        "Thing.inner: it may be null: say when it is there",
    ),
    "a part that is none": (holding({"words": part(a=T.c.words)}, words=str), "Thing.words: it is made as an object"),
    "a list of no list": (
        holding({"inner": rows(COMPANIES, on=COMPANIES.c.id == T.c.id, order_by=COMPANIES.c.id, limit=1)}, inner=Inner),
        "Thing.inner: rows(...) make a list",
    ),
    "one table twice": (
        holding(
            {name: row(COMPANIES, on=COMPANIES.c.id == T.c.id, fields={"words": COMPANIES.c.name}) for name in "ab"},
            a=Inner,
            b=Inner,
        ),
        "Thing.b: companies is in this query already: give it an alias",
    ),
    "a field serializer": (one(Shouted), "Shouted.words: it is serialized in Python"),
    "an annotated serializer": (holding(words=Annotated[str, PlainSerializer(str.upper)]), "Thing.words: it is seri"),
    "a computed field without SQL": (one(Doubled), "Doubled.double: it is computed in Python"),
    "aliases that clash": (one(Clash), "Clash.maybe: it is written as 'text', and so is words"),
    "a page without a cursor": (listing(Inner), "Inner: a page has `items`"),
    "a filter without its parameter": (
        listing(INNER, filters={"number": T.c.number == bindparam("other")}),
        "Page: the filter number has no parameter of that name",
    ),
    "paths in another order": (
        lambda: Listing(INNER, T, order_by=T.c.number, paths=[AccessPath(T.c.words, "mine")]).compiled,
        "Page: a list by paths is one of a single table, in the order of its id",
    ),
    "too many filters": (
        listing(INNER, filters={str(number): T.c.number == number for number in range(5)}),
        "Page: it has more than 4 filters",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_cannot_be_expressed_is_told(what: str) -> None:
    """By schema and field, with what is wrong and often what to do."""
    make, told = FAULTS[what]
    with pytest.raises(CannotCompile) as caught:
        make()
    assert str(caught.value).startswith(told)


def test_what_was_refused_works_once_it_is_declared() -> None:
    """The same schemas, with an expression for what Python computes and an alias for the second use of a table."""
    one(Doubled, {"double": T.c.number * 2})()
    firms = [COMPANIES.alias(name) for name in "ab"]
    made = {firm.name: row(firm, on=firm.c.id == T.c.id, fields={"words": firm.c.name}) for firm in firms}
    holding(made, a=Inner, b=Inner | None)()
    holding(
        {"cost": money(T.c.minor, T.c.words)}, cost=create_model("M", amount_minor=(int, ...), currency=(str, ...))
    )()
    holding({"id": T.c.id}, id=UUID, at=datetime)()


def test_a_published_column_is_of_a_type_that_is_known() -> None:
    """JSON among them; another one is named, with what there is."""
    shown = published("lots", id=int, address=dict[str, Any], tags=list[str] | None)
    assert isinstance(shown.c.address.type, JSONB) and not shown.c.address.nullable
    assert isinstance(shown.c.tags.type, JSONB) and shown.c.tags.nullable
    with pytest.raises(ProgrammingError, match=r"^opens is published as <class 'datetime.time'>. There are UUID, str,"):
        published("lots", id=int, opens=time)


async def test_a_service_with_a_wrong_document_does_not_start(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found before a connection is opened, in whatever module it is."""
    broken = Single(create_model("Broken", absent=(str, ...)), T, where=T.c.id == bindparam("thing_id"))
    monkeypatch.setattr(documents, "broken", broken, raising=False)
    assert catalogue(registry)["bookings.broken"] is broken
    with pytest.raises(CannotCompile, match=r"Broken\.absent"):
        async with Database(database.settings, registry):
            pass
