"""The fields that several schemas of accounts have: e-mail address, password, name, time zone and the like."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, EmailStr, Field, SecretStr
from pydantic_core import PydanticCustomError

from crossdock.web.schemas import text
from freight.modules.accounts.service.signing_in.passwords import LENGTH_MAX, LENGTH_MIN, length

EMAIL_LENGTH_MAX = 254


def _lower(email: str) -> str:
    lowered = email.lower()  # some letters become two in lower case, so the limit is checked afterwards
    if len(lowered) > EMAIL_LENGTH_MAX:
        raise ValueError(f"an e-mail address has at most {EMAIL_LENGTH_MAX} characters")
    return lowered


def _encodable(secret: SecretStr) -> SecretStr:
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("this is not valid Unicode") from None
    return secret


def _long_enough(secret: SecretStr) -> SecretStr:
    """Checked here for the error's text: Pydantic's own speaks of the "items" of a secret."""
    password = secret.get_secret_value()
    if length(password) < LENGTH_MIN:
        raise PydanticCustomError("too_short", f"A password has at least {LENGTH_MIN} characters.")
    if len(password) > LENGTH_MAX:
        raise PydanticCustomError("too_long", f"A password has at most {LENGTH_MAX} characters.")
    return secret


@cache
def _zones() -> frozenset[str]:
    """The time zones that this machine knows. Reading its files takes tens of milliseconds, so it is done once."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if _zones() and name not in _zones():  # a machine without zone data knows none: then only the pattern is checked
        raise ValueError("this is not a time zone of the IANA database")
    return name


Email = Annotated[
    EmailStr,
    AfterValidator(_lower),
    Field(max_length=EMAIL_LENGTH_MAX, description="Kept in lower case.", examples=["ben@northgate.example"]),
]
Secret = Annotated[SecretStr, AfterValidator(_encodable)]
"""A text that is masked in logs and errors. Pydantic does not refuse a lone surrogate in a SecretStr, so we do."""
Password = Annotated[
    Secret,
    AfterValidator(_long_enough),
    Field(
        json_schema_extra={"minLength": LENGTH_MIN, "maxLength": LENGTH_MAX},
        description="At least 12 characters, and none of the common ones.",
        examples=["correct horse battery"],
    ),
]
Name = Annotated[str, text(100, examples=["Ben"])]
Surname = Annotated[str, text(100, examples=["Lovell"])]
Phone = Annotated[str, Field(max_length=32, pattern=r"^\+?[0-9][0-9 ()./-]{2,30}$", examples=["+31 10 555 0123"])]
Locale = Annotated[
    str, Field(max_length=35, pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$", description="BCP 47.", examples=["en-GB"])
]
TimeZone = Annotated[
    str,
    Field(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$", description="IANA name.", examples=["Europe/Amsterdam"]),
    AfterValidator(_known_zone),
]
JobTitle = Annotated[str, text(100, examples=["Dispatcher"])]
LicenceNumber = Annotated[str, text(50, examples=["NL-4471902"])]
