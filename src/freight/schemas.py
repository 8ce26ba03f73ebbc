"""The fields that schemas of several modules have, besides the library's own: money, places on earth, and times."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from crossdock.web.schemas import Input, Output, in_utc, written_out
from freight.currencies import IN_USE
from freight.money import MAX_AMOUNT_MINOR, Money

YEAR_MIN, YEAR_MAX = 2000, 2200
FAR_OFF = "2034-05-04T08:00:00Z"
"""The time in examples: years ahead, but less than the ten years that a load may be booked ahead."""


def _in_use(currency: str) -> str:
    if currency not in IN_USE:
        raise PydanticCustomError("unknown_currency", "This is not the code of a currency in use, such as EUR")
    return currency


Latitude = Annotated[float, Field(ge=-90, le=90, strict=True, allow_inf_nan=False, examples=[51.9512])]
Longitude = Annotated[float, Field(ge=-180, le=180, strict=True, allow_inf_nan=False, examples=[4.0301])]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 4217.", examples=["EUR"])]
"""In a response: any three letters, so that old amounts stay readable when a currency goes out of use."""
CurrencyIn = TypeAliasType(
    "CurrencyIn",
    Annotated[
        str,
        AfterValidator(_in_use),
        Field(
            title="Currency",
            description="ISO 4217, in use today.",
            examples=["EUR"],
            json_schema_extra={"enum": sorted(IN_USE)},
        ),
    ],
)
"""In a request: a currency in use. It has a name, so that a generated client has one type for all of these fields."""
AmountMinor = Annotated[
    int,
    Field(
        strict=True,
        gt=0,
        le=MAX_AMOUNT_MINOR,
        description="Whole minor units: 125000 is 1,250.00 EUR.",
        examples=[125_000],
    ),
]


def _within_years(time: datetime) -> datetime:
    if not YEAR_MIN <= time.year < YEAR_MAX:
        raise ValueError(f"the year must be between {YEAR_MIN} and {YEAR_MAX}")
    return time


Time = Annotated[
    AwareDatetime,
    AfterValidator(_within_years),
    AfterValidator(in_utc),
    Field(description="ISO 8601, in UTC.", examples=[FAR_OFF]),
]
"""In a response: the library's `Time`, within the years that the marketplace accepts."""
TimeIn = Annotated[
    AwareDatetime,
    BeforeValidator(written_out),
    AfterValidator(_within_years),
    AfterValidator(in_utc),
    Field(description="ISO 8601 with an offset; answered in UTC."),
]
"""In a request."""


class MoneyIn(Input):
    """An amount above zero."""

    model_config = ConfigDict(title="PositiveMoney")

    amount_minor: AmountMinor
    currency: CurrencyIn

    def to_money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class MoneyOut(Output):
    """An amount in minor units; it may be zero or, in a ledger, below it."""

    amount_minor: int = Field(examples=[125_000])
    currency: Currency
