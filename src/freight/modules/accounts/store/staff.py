"""What accounts asks of its store for users and teams."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page


class Role(StrEnum):
    """A user of the platform's company is an operator, and nobody else is: `ck_users_operators` in rules.sql."""

    ADMIN = "admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"
    OPERATOR = "operator"


class UserStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person of a company. The password's hash is not here, so it cannot leak into an answer, an event or a log."""

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
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class UserHistoryRow:
    """A change of a user's role or status: who, when, from what, to what, why. `field` says which of the two."""

    id: UUID
    company_id: UUID
    user_id: UUID
    field: str
    from_value: str | None
    to_value: str
    actor_id: UUID | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A named group of a company's users."""

    id: UUID
    company_id: UUID
    name: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A user in a team."""

    id: UUID
    company_id: UUID
    team_id: UUID
    user_id: UUID
    created_at: datetime


class UserReads(Protocol):
    """Users. Row level security shows those that the tenant may see; the store leaves out deleted ones."""

    async def get_user(self, user_id: UUID) -> UserRow | None:
        """One user, or None."""
        ...

    async def has_admin_besides(self, company_id: UUID, user_id: UUID) -> bool:
        """Whether a company has an active admin other than this user."""
        ...

    async def user_document(self, user_id: UUID) -> Document | None:
        """One user in the shape of `UserOut`, with the version."""
        ...

    async def me_document(self, user_id: UUID, session_id: UUID) -> Document | None:
        """The caller with their company, in the shape of `MeOut`."""
        ...

    async def user_page(self, page: Page) -> Document:
        """Users in the shape of `UserPage`, newest first."""
        ...


class UserStore(UserReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def get_user(self, user_id: UUID, *, lock: bool = False) -> UserRow | None:
        """One user, or None. `lock` holds it (FOR NO KEY UPDATE) until the end of the transaction."""
        ...

    async def add_user(self, row: UserRow, password_hash: str) -> None:
        """Inserts a user. The e-mail address is unique: `users_email_key`."""
        ...

    async def change_user(self, row: UserRow, *, version: int) -> bool:
        """Writes a user where the stored version still is `version`. False where it changed, or is not there."""
        ...

    async def add_history(self, rows: list[UserHistoryRow]) -> None:
        """Inserts history rows."""
        ...


class TeamReads(Protocol):
    """Teams and their members. Row level security shows those that the tenant may see."""

    async def count_members(self, team_id: UUID) -> int:
        """How many users are in a team."""
        ...

    async def is_member(self, team_id: UUID, user_id: UUID) -> bool:
        """Whether a user is in a team."""
        ...

    async def team_document(self, team_id: UUID) -> Document | None:
        """One team in the shape of `TeamOut`."""
        ...

    async def team_page(self, page: Page) -> Document:
        """Teams with the ids of their members, in the shape of `TeamPage`, newest first."""
        ...


class TeamStore(TeamReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def add_team(self, row: TeamRow) -> None:
        """Inserts a team. Its name is unique in its company: `uid_teams_company_dcb6ad`."""
        ...

    async def lock_team(self, team_id: UUID) -> TeamRow | None:
        """A team, or None. Its row is locked (FOR NO KEY UPDATE) until the end of the transaction."""
        ...

    async def change_team(self, row: TeamRow) -> None:
        """Writes the time and the version of a team. The caller has locked it."""
        ...

    async def add_member(self, row: MemberRow) -> None:
        """Inserts a member. The caller has seen that they are not in the team."""
        ...

    async def remove_member(self, team_id: UUID, user_id: UUID) -> bool:
        """Deletes a member. False where they were not in the team."""
        ...
