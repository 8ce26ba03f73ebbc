"""The events of accounts, which are written to the outbox."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crossdock.events import Event
from freight.modules.accounts.store.staff import Role, UserStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCreated(Event):
    type: ClassVar[str] = "accounts.user_created"
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    type: ClassVar[str] = "accounts.user_changed"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRoleChanged(Event):
    """The same facts as one row of the user's history."""

    type: ClassVar[str] = "accounts.user_role_changed"
    from_role: Role
    to_role: Role
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserStatusChanged(Event):
    """The same facts as one row of the user's history."""

    type: ClassVar[str] = "accounts.user_status_changed"
    from_status: UserStatus
    to_status: UserStatus
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    type: ClassVar[str] = "accounts.password_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamCreated(Event):
    type: ClassVar[str] = "accounts.team_created"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded(Event):
    type: ClassVar[str] = "accounts.member_added"
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved(Event):
    type: ClassVar[str] = "accounts.member_removed"
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(Event):
    type: ClassVar[str] = "accounts.session_opened"
    user_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRevoked(Event):
    type: ClassVar[str] = "accounts.session_revoked"
    user_id: UUID
    reason: str
