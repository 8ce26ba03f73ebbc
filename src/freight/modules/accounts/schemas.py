"""Accounts in and out of HTTP."""

from functools import cache
from typing import Annotated, Literal, cast
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, EmailStr, Field, SecretStr, field_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from crossdock.web.schemas import Input, Output, Time, not_null, text
from freight.modules.accounts.passwords import LENGTH_MAX, LENGTH_MIN, length
from freight.modules.accounts.service.people import Person
from freight.modules.accounts.service.users import UserChanges
from freight.modules.accounts.store import Role, TeamRow, UserStatus
from freight.modules.companies.api import CompanyKind, CompanyOut

EMAIL_LENGTH_MAX = 254


def _lower(email: str) -> str:
    lowered = email.lower()  # a few letters grow when they are lowered, so the limit is the result's
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
    """Pydantic's own words for a length count the "items" of a secret."""
    password = secret.get_secret_value()
    if length(password) < LENGTH_MIN:
        raise PydanticCustomError("too_short", f"A password has at least {LENGTH_MIN} characters.")
    if len(password) > LENGTH_MAX:
        raise PydanticCustomError("too_long", f"A password has at most {LENGTH_MAX} characters.")
    return secret


@cache
def _zones() -> frozenset[str]:
    """Read from the machine's files once: it takes tens of milliseconds."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if _zones() and name not in _zones():  # a machine without zone data knows none, and then the pattern has to do
        raise ValueError("this is not a time zone of the IANA database")
    return name


Email = Annotated[
    EmailStr,
    AfterValidator(_lower),
    Field(max_length=EMAIL_LENGTH_MAX, description="Kept in lower case.", examples=["ben@northgate.example"]),
]
Secret = Annotated[SecretStr, AfterValidator(_encodable)]
"""Masked in logs and errors. Pydantic lets a lone surrogate pass here, which it refuses in plain text."""
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


NewCompanyKind = TypeAliasType(
    "NewCompanyKind",
    Annotated[Literal["shipper", "carrier", "both"], Field(title="NewCompanyKind", examples=["shipper"])],
)
"""Those that one may register. It has a name, as every list of words has in the OpenAPI document."""


class NewCompanyIn(Input):
    model_config = ConfigDict(title="NewCompany")

    name: Annotated[str, text(200, examples=["Lakeside Mills"])]
    kind: NewCompanyKind

    def to_kind(self) -> CompanyKind:
        return CompanyKind(self.kind)


class NewAdminIn(Input):
    model_config = ConfigDict(title="NewAdmin")

    name: Annotated[Name, Field(examples=["Ada"])]
    email: Annotated[Email, Field(examples=["ada@lakeside.example"])]
    password: Password


class RegisterIn(Input):
    """A company and its first admin."""

    model_config = ConfigDict(title="Registration")

    company: NewCompanyIn
    user: NewAdminIn


class SignInForm(Input):
    """The OAuth2 password form. `username` is the e-mail address; what is optional is ignored."""

    model_config = ConfigDict(title="Credentials")

    username: Annotated[str, text(EMAIL_LENGTH_MAX, examples=["admin@northgate.example"])]
    password: Annotated[Secret, Field(min_length=1, max_length=LENGTH_MAX, examples=["crossdock-demo"])]
    grant_type: Literal["password"] | None = None
    scope: Annotated[str, Field(max_length=200)] = ""
    client_id: Annotated[str | None, Field(max_length=200)] = None
    client_secret: Annotated[SecretStr | None, Field(max_length=200)] = None


class PasswordChangeIn(Input):
    """Your password as it is, and as it shall be."""

    model_config = ConfigDict(title="PasswordChange")

    current_password: Annotated[Secret, Field(min_length=1, max_length=LENGTH_MAX, examples=["crossdock-demo"])]
    new_password: Password


class RefreshIn(Input):
    model_config = ConfigDict(title="TokenRefresh")

    refresh_token: Annotated[Secret, Field(min_length=1, max_length=200, description="That of the last answer.")]


class TokenOut(Output):
    """Access for `expires_in` seconds, and the token that gets the next pair, once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  a word of RFC 6749
    expires_in: int = Field(examples=[900])


class UserOut(Output):
    """A person of a company."""

    id: UUID
    company_id: UUID
    name: str
    surname: str | None
    email: str
    phone: str | None
    locale: str
    time_zone: str
    job_title: str | None
    licence_number: str | None
    role: Role
    boss_id: UUID | None
    status: UserStatus
    last_sign_in_at: Time | None
    created_at: Time
    updated_at: Time


class RegisteredOut(Output):
    """The company that was made, and its first admin."""

    company: CompanyOut
    user: UserOut


class MeOut(UserOut):
    """You, your company, and the session that this token belongs to."""

    company: CompanyOut
    session_id: UUID


class UserPage(Output):
    items: list[UserOut]
    next_cursor: str | None


class UserIn(Input):
    """A new colleague, with the password that they sign in with first."""

    name: Name
    email: Email
    password: Password
    role: Role = Role.EMPLOYEE
    surname: Surname | None = None
    phone: Phone | None = None
    locale: Locale = "en"
    time_zone: TimeZone = "UTC"
    job_title: JobTitle | None = None
    licence_number: LicenceNumber | None = None
    boss_id: UUID | None = None

    def to_person(self) -> Person:
        return Person(**self.model_dump(exclude={"password"}))


class UserPatch(Input):
    """What to change: only the fields that are sent; null empties those that may be empty."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+31 10 555 0199", "locale": "nl"}]})

    name: Name | SkipJsonSchema[None] = None
    surname: Surname | None = None
    email: Email | SkipJsonSchema[None] = None
    phone: Phone | None = None
    locale: Locale | SkipJsonSchema[None] = None
    time_zone: TimeZone | SkipJsonSchema[None] = None
    job_title: JobTitle | None = None
    licence_number: LicenceNumber | None = None
    role: Role | SkipJsonSchema[None] = None
    boss_id: UUID | None = None
    status: UserStatus | SkipJsonSchema[None] = None
    reason: Annotated[str | None, text(500, description="Why the role or the status changes, for the history.")] = None

    _no_nulls = field_validator("name", "email", "locale", "time_zone", "role", "status", mode="before")(not_null)

    def to_changes(self) -> UserChanges:
        return cast(UserChanges, self.model_dump(include=self.model_fields_set - {"reason"}))


class TeamIn(Input):
    name: Annotated[str, text(100, examples=["Night dispatch"])]


class TeamOut(Output):
    """A group of a company's users."""

    id: UUID
    company_id: UUID
    name: str
    member_ids: list[UUID]
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, team: TeamRow, member_ids: list[UUID]) -> "TeamOut":
        return cls(
            id=team.id,
            company_id=team.company_id,
            name=team.name,
            member_ids=member_ids,
            created_at=team.created_at,
            updated_at=team.updated_at,
        )


class TeamPage(Output):
    items: list[TeamOut]
    next_cursor: str | None


class SessionOut(Output):
    """A sign-in on one device. `current` marks the one that asks."""

    id: UUID
    user_agent: str | None
    address: str | None
    created_at: Time
    last_used_at: Time
    expires_at: Time
    current: bool


class SessionPage(Output):
    items: list[SessionOut]
    next_cursor: str | None
