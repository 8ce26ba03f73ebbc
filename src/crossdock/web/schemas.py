"""What the request and response schemas of every module are made of: strict, bounded, honest in the OpenAPI page."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from crossdock.kernel.money import MAX_AMOUNT_MINOR, Money

NO_NUL = r"^[^\u0000]*$"
"""PostgreSQL's text cannot hold a NUL byte."""

YEAR_MIN, YEAR_MAX = 2000, 2200


class Input(BaseModel):
    """A request body: unknown fields are refused, text is trimmed of nothing, numbers are not guessed from strings."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Output(BaseModel):
    """A response body, made from a frozen row of the same shape."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


def _sensible(time: datetime) -> datetime:
    if not YEAR_MIN <= time.year < YEAR_MAX:
        raise ValueError(f"the year must be between {YEAR_MIN} and {YEAR_MAX}")
    return time.astimezone(UTC)


Time = Annotated[
    AwareDatetime,
    AfterValidator(_sensible),
    Field(description="ISO 8601 with an offset; answered in UTC.", examples=["2030-05-04T08:00:00Z"]),
]
Latitude = Annotated[float, Field(ge=-90, le=90, strict=True, allow_inf_nan=False, examples=[51.9244])]
Longitude = Annotated[float, Field(ge=-180, le=180, strict=True, allow_inf_nan=False, examples=[4.4777])]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 4217.", examples=["EUR"])]
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


def text(max_length: int, *, min_length: int = 1, **field: Any) -> Any:
    """Text of bounded length without NUL bytes: `name: Annotated[str, text(200)]`."""
    return Field(min_length=min_length, max_length=max_length, pattern=NO_NUL, **field)


class MoneyIn(Input):
    """An amount above zero."""

    amount_minor: AmountMinor
    currency: Currency

    def to_money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class MoneyOut(Output):
    """An amount in minor units; it may be zero or, in a ledger, below it."""

    amount_minor: int = Field(examples=[125_000])
    currency: Currency


class Problem(BaseModel):
    """RFC 9457. `code` is stable; `errors` names each field at fault by its path."""

    media_type: ClassVar[str] = "application/problem+json"

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such thing, or it is not yours to see."])
    code: str = Field(examples=["not_found"])
    instance: str = Field(examples=["/v1/bookings/0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a"])
    request_id: str | None = None
    errors: list["FieldError"] = []
    details: dict[str, Any] = {}


class FieldError(BaseModel):
    """One field at fault."""

    path: str = Field(examples=["body.weight_kg"])
    message: str = Field(examples=["Input should be greater than 0"])
    code: str = Field(examples=["greater_than"])


SKEW = timedelta(seconds=60)
"""How far ahead of ours a client's clock may be."""
