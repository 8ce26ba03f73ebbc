"""What accounts asks of its store for signing in: sessions, refresh tokens, counts of failed sign-ins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from freight.modules.accounts.store.staff import Role


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against. Only a user who may sign in has any."""

    user_id: UUID
    company_id: UUID
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One sign-in on one device."""

    id: UUID
    company_id: UUID
    user_id: UUID
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedInRow:
    """The user of a live session, with their current role and company."""

    session_id: UUID
    user_id: UUID
    company_id: UUID
    company_kind: str
    role: Role


@dataclass(frozen=True, slots=True)
class RefreshTokenRow:
    """A single-use token of a session, known by its SHA-256 in hex."""

    id: UUID
    company_id: UUID
    session_id: UUID
    token_sha256: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ThrottleRow:
    """Failed sign-ins of an account or an address (`key`)."""

    key: str
    failures: int
    blocked_until: datetime | None
    updated_at: datetime


class SessionReads(Protocol):
    """Sessions and refresh tokens.

    A session is live while it is neither revoked nor expired, its user is active, and its company is not deleted.
    """

    async def find_credentials(self, email: str) -> Credentials | None:
        """The credentials of an active user, or None. `email` is in lower case."""
        ...

    async def get_credentials(self, user_id: UUID) -> Credentials | None:
        """The credentials of an active user, or None."""
        ...

    async def signed_in(self, session_id: UUID, now: datetime) -> SignedInRow | None:
        """The user of a live session, or None. One query."""
        ...

    async def session_page(self, user_id: UUID, current: UUID, page: Page, now: datetime) -> Document:
        """A user's sessions that are neither revoked nor expired, in the shape of `SessionPage`, newest first."""
        ...

    async def find_refresh_token(self, token_sha256: str) -> RefreshTokenRow | None:
        """A token, used or not."""
        ...


class SessionStore(SessionReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def note_sign_in(self, user_id: UUID, at: datetime, *, password_hash: str) -> bool:
        """Writes the time of a sign-in, which locks the user.

        False where they are not active, or have another password by now.
        """
        ...

    async def change_password(self, user_id: UUID, password_hash: str, *, old: str) -> bool:
        """Writes a password's hash where the stored one still is `old` (compare and swap), which locks the user.

        False where it is another one, or the user is not active.
        """
        ...

    async def add_session(self, row: SessionRow) -> None:
        """Inserts a session."""
        ...

    async def extend_session(self, session_id: UUID, *, used_at: datetime, expires_at: datetime) -> bool:
        """Writes the times of a session. False where it is revoked or expired."""
        ...

    async def revoke_session(self, session_id: UUID, user_id: UUID, *, at: datetime, reason: str) -> bool:
        """Ends a user's session. False where there is none, or it has ended already."""
        ...

    async def revoke_sessions(
        self, user_id: UUID, *, at: datetime, reason: str, besides: UUID | None = None
    ) -> list[UUID]:
        """Ends all sessions of a user, except `besides`. Returns the ids of those that were live, in their order."""
        ...

    async def add_refresh_token(self, row: RefreshTokenRow) -> None:
        """Inserts a token that is not used yet."""
        ...

    async def use_refresh_token(self, token_sha256: str, at: datetime) -> bool:
        """Marks a token as used (compare and swap). False where it is used already, expired, or not there."""
        ...

    async def delete_old_refresh_tokens(self, before: datetime, limit: int) -> int:
        """Deletes tokens that expired before a time, without those that others have locked. Returns how many."""
        ...


class ThrottleReads(Protocol):
    """Counts of failed sign-ins, by key."""

    async def throttles(self, keys: list[str]) -> list[ThrottleRow]:
        """The counts that exist, in the order of their keys."""
        ...


class ThrottleStore(ThrottleReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def throttles(self, keys: list[str], *, lock: bool = False) -> list[ThrottleRow]:
        """The counts that exist, in the order of their keys.

        `lock` holds them (FOR UPDATE) until the end of the transaction. All take these locks in that order, so that two
        transactions never deadlock.
        """
        ...

    async def add_throttles(self, keys: list[str], now: datetime) -> None:
        """Inserts a count of zero for each key that has none."""
        ...

    async def change_throttle(self, row: ThrottleRow) -> None:
        """Writes a count. The caller has locked it."""
        ...

    async def delete_old_throttles(self, before: datetime, limit: int) -> int:
        """Deletes counts last changed before a time, without those that others have locked. Returns how many."""
        ...
