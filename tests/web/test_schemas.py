"""What every request schema promises, checked over all of them: a module that is added is checked too."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from crossdock.registry import Registry
from crossdock.web.schemas import Input, text
from crossdock.web.schemas import TimeIn as LibraryTimeIn
from freight.currencies import IN_USE
from freight.schemas import MoneyIn, MoneyOut, Time, TimeIn
from tests.application import FREIGHT

ROUTERS = Registry.discover(FREIGHT).routers()
"""Loaded for their schemas."""
IGNORED = {"scope", "client_id"}
"""Fields of the OAuth2 form that are there for clients who send them."""
BLANKS = ("", " ", "\t\r\n", "\u00a0", "\u2003\u3000", "\u200b", "\u0085", "\ufeff", "\x1f")


def inputs(kind: type[Input] = Input) -> Iterator[type[Input]]:
    for below in kind.__subclasses__():
        yield below
        yield from inputs(below)


def strings() -> Iterator[tuple[str, TypeAdapter[Any], dict[str, Any]]]:
    """The fields of all requests that hold a string: `BidIn.pickup_eta`, its type, the JSON schema of it."""
    for model in inputs():
        for name, info in model.model_fields.items():
            adapter: TypeAdapter[Any] = TypeAdapter(info.rebuild_annotation())
            schema = adapter.json_schema()
            for option in schema.get("anyOf", [schema]):
                if option.get("type") == "string" and name not in IGNORED:
                    yield f"{model.__name__}.{name}", adapter, option


TIMES = {name: adapter for name, adapter, schema in strings() if schema.get("format") == "date-time"}
TEXTS = {name: adapter for name, adapter, schema in strings() if not {"format", "enum", "const"} & schema.keys()}


def refused(adapter: TypeAdapter[Any], value: Any) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("field", TIMES)
def test_a_time_is_written_out(field: str) -> None:
    """No number, in figures or in text, is taken for the seconds since 1970, and no day for its first moment."""
    for odd in (1_900_000_000, 1.9e9, "1900000000", "1900000000000", True, "2030-05-04", "2030-05-04T08:00:00"):
        assert refused(TIMES[field], odd), odd


@pytest.mark.parametrize("field", TEXTS)
def test_text_is_not_blank(field: str) -> None:
    """None of the fields of text takes one in which nothing shows."""
    assert [blank for blank in BLANKS if not refused(TEXTS[field], blank)] == []


def test_the_checked_fields_are_there() -> None:
    """The two tests above are about something."""
    assert {"PickupIn.ready_at", "DropoffIn.due_at", "BidIn.pickup_eta", "ShipmentEventIn.occurred_at"} <= TIMES.keys()
    assert {"PickupIn.address", "ProofIn.signed_by", "UserPatch.name", "CancelBookingIn.reason"} <= TEXTS.keys()


class Note(Input):
    at: TimeIn
    words: Annotated[str, text(20)]


@pytest.mark.parametrize(
    "at", ["2030-05-04T10:00:00+02:00", "2030-05-04T08:00:00.000Z", "2030-05-04T08:00Z", "2030-05-04t08:00:00z"]
)
def test_times_as_iso_8601_and_rfc_3339_write_them(at: str) -> None:
    """With an offset, to the minute or finer; kept in UTC."""
    assert Note(at=at, words="a").at.isoformat() == "2030-05-04T08:00:00+00:00"


@pytest.mark.parametrize("words", ["a", " a ", "a\n\nb", "\u200ba", "\U0001f69a", "\u0301", "."])
def test_what_shows_is_kept_as_it_is(words: str) -> None:
    """Nothing is trimmed; blanks around and lines in between are fine."""
    assert Note(at="2030-05-04T08:00:00Z", words=words).words == words


def test_a_currency_is_in_use() -> None:
    """What comes in; what is in the books is answered in any currency."""
    assert len(IN_USE) == 155
    assert all(re.fullmatch("[A-Z]{3}", code) for code in IN_USE)
    assert MoneyIn(amount_minor=1, currency="EUR").currency in IN_USE
    for code in ("QQQ", "DEM", "XAU", "XTS", "eur", " EUR"):
        with pytest.raises(ValidationError, match="not the code of a currency in use"):
            MoneyIn(amount_minor=1, currency=code)
    assert MoneyOut(amount_minor=1, currency="DEM").currency == "DEM"


def test_an_answer_is_read_strictly() -> None:
    """A document that PostgreSQL built validates in Pydantic's strict mode: what guards requests is not in its way."""

    class Answer(BaseModel):
        at: Time

    body = '{"at": "2030-05-04T10:00:00.123456+02:00"}'
    assert Answer.model_validate_json(body, strict=True).at.isoformat() == "2030-05-04T08:00:00.123456+00:00"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"])
def test_a_time_that_utc_does_not_have_is_refused(at: str) -> None:
    """By the library's own type, which sets no other bounds; freight's has years of its own."""
    for kind, words in ((LibraryTimeIn, "between 1 and 9999"), (TimeIn, "between 2000 and 2200")):
        with pytest.raises(ValidationError, match=words):
            TypeAdapter(kind).validate_python(at)
    assert TypeAdapter(LibraryTimeIn).validate_python("1826-05-04T08:00:00Z").year == 1826
