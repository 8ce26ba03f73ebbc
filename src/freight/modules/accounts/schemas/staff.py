"""Companies that register, their people and teams, in and out of HTTP."""

from typing import Annotated, Literal, cast
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypeAliasType

from crossdock.web.schemas import Input, Output, not_null, text
from freight.modules.accounts.schemas.fields import (
    Email,
    JobTitle,
    LicenceNumber,
    Locale,
    Name,
    Password,
    Phone,
    Surname,
    TimeZone,
)
from freight.modules.accounts.service.staff.people import Person
from freight.modules.accounts.service.staff.users import UserChanges
from freight.modules.accounts.store.staff import Role, TeamRow, UserStatus
from freight.modules.companies.api import CompanyKind, CompanyOut
from freight.schemas import Time

NewCompanyKind = TypeAliasType(
    "NewCompanyKind",
    Annotated[Literal["shipper", "carrier", "both"], Field(title="NewCompanyKind", examples=["shipper"])],
)
"""Those that one may register. It has a name, as every list of words has in the OpenAPI document."""


ColleagueRole = TypeAliasType(
    "ColleagueRole", Annotated[Literal["admin", "manager", "employee"], Field(title="ColleagueRole")]
)
"""Those that an admin may give: operators are of the platform's company, and are not made by a request."""


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


class OperatorIn(Input):
    """A new operator of the platform, with the password that they sign in with first. No request has this body."""

    name: Name
    email: Email
    password: Password


class RegisterIn(Input):
    """A company and its first admin."""

    model_config = ConfigDict(title="Registration")

    company: NewCompanyIn
    user: NewAdminIn


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
    role: ColleagueRole = "employee"
    surname: Surname | None = None
    phone: Phone | None = None
    locale: Locale = "en"
    time_zone: TimeZone = "UTC"
    job_title: JobTitle | None = None
    licence_number: LicenceNumber | None = None
    boss_id: UUID | None = None

    def to_person(self) -> Person:
        return Person(**self.model_dump(exclude={"password", "role"}), role=Role(self.role))


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
    role: ColleagueRole | SkipJsonSchema[None] = None
    boss_id: UUID | None = None
    status: UserStatus | SkipJsonSchema[None] = None
    reason: Annotated[str | None, text(500, description="Why the role or the status changes, for the history.")] = None

    _no_nulls = field_validator("name", "email", "locale", "time_zone", "role", "status", mode="before")(not_null)

    def to_changes(self) -> UserChanges:
        changes = self.model_dump(include=self.model_fields_set - {"reason"})
        return cast(UserChanges, changes if self.role is None else changes | {"role": Role(self.role)})


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
