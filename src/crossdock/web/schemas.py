"""The parts of request and response schemas: strict base classes, bounded text, times, and the problem."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

NOT_BLANK = r"^[^\u0000]*[^\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2060\ufeff][^\u0000]*$"
"""At least one character shows, and none is NUL, which PostgreSQL's text cannot hold. What shows nothing is spelled out
where engines differ about `\\s`: the OpenAPI page gives this pattern to all of them."""
DATE_THEN_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]", re.ASCII)


def _name_of_input(kind: type[Any]) -> str:
    """`NewOrder` for `OrderIn`. Where that is no word for clients, the class has a title of its own."""
    return f"New{kind.__name__.removesuffix('In')}" if kind.__name__.endswith("In") else kind.__name__


def _name_of_output(kind: type[Any]) -> str:
    """`Order` for `OrderOut`."""
    return kind.__name__.removesuffix("Out")


class Input(BaseModel):
    """A request body: unknown fields are refused, text is trimmed of nothing, numbers are not guessed from strings.

    Its title is its name in the OpenAPI document, and so in the clients that are made of that.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, model_title_generator=_name_of_input)


class Output(BaseModel):
    """A response body, made from a frozen row of the same shape. Its title is its name in the OpenAPI document."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True, model_title_generator=_name_of_output)


def written_out(time: Any) -> Any:
    """Refuses a time that is no text of ISO 8601. Pydantic would take a number, and a text of digits, for seconds or
    milliseconds since 1970."""
    if isinstance(time, datetime) or (isinstance(time, str) and DATE_THEN_TIME.match(time)):
        return time
    raise PydanticCustomError("iso_8601", "Write the time as ISO 8601 with an offset, such as 2030-05-04T08:00:00Z")


def in_utc(time: datetime) -> datetime:
    """The same moment, in UTC. Raises ValueError where Python's calendar ends before it gets there."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("the year must be between 1 and 9999 in UTC") from None


Time = Annotated[
    AwareDatetime,
    AfterValidator(in_utc),
    Field(description="ISO 8601, in UTC.", examples=["2030-05-04T08:00:00Z"]),
]
"""In an answer. It is not for requests: it reads numbers too."""
TimeIn = Annotated[
    AwareDatetime,
    BeforeValidator(written_out),
    AfterValidator(in_utc),
    Field(description="ISO 8601 with an offset; answered in UTC."),
]
"""In a request. It is not for answers: a validator in front of a datetime refuses text in Pydantic's strict mode."""


def text(max_length: int, **field: Any) -> Any:
    """Text of bounded length that is not blank, without NUL bytes: `name: Annotated[str, text(200)]`."""
    return Field(min_length=1, max_length=max_length, pattern=NOT_BLANK, **field)


def left_out() -> Any:
    """For a field of an answer that is there or is not there, and is never null; its default in Python is None."""

    def without_default(schema: dict[str, Any]) -> None:
        del schema["default"]

    return Field(json_schema_extra=without_default)


def not_null(value: Any) -> Any:
    """For a PATCH, before its fields: one that is left out is kept, and one that is sent has a value."""
    if value is None:
        raise PydanticCustomError("null_not_allowed", "This cannot be null; leave it out to keep it")
    return value


class Problem(BaseModel):
    """RFC 9457. `code` is stable; `errors` names each field at fault by its path."""

    media_type: ClassVar[str] = "application/problem+json"

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no such thing, or it is not yours to see."])
    code: str = Field(examples=["not_found"])
    instance: str = Field(examples=["/v1/orders/0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a"])
    request_id: str | None = None
    errors: list["FieldError"] = []
    details: dict[str, Any] = {}


class FieldError(BaseModel):
    """One field at fault."""

    path: str = Field(examples=["body.quantity"])
    message: str = Field(examples=["Input should be greater than 0"])
    code: str = Field(examples=["greater_than"])
