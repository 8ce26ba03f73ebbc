"""The part of the accounts store for signing in, on Tortoise: sessions, refresh tokens, failed sign-ins."""

from datetime import datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from crossdock.documents import Document, Page, collection
from crossdock.schema.tortoise import insert, newest
from freight.modules.accounts.models_tortoise import RefreshToken, Session, SignInThrottle, User
from freight.modules.accounts.schemas.signing_in import SessionOut
from freight.modules.accounts.store.signing_in import Credentials, RefreshTokenRow, SessionRow, SignedInRow, ThrottleRow
from freight.modules.accounts.store.staff import UserStatus

SIGNED_IN = {
    "session_id": "id",
    "user_id": "user_id",
    "company_id": "company_id",
    "company_kind": "company__kind",
    "role": "user__role",
}


class TortoiseSessionReads:
    """Fulfils `SessionReads`."""

    async def find_credentials(self, email: str) -> Credentials | None:
        return await _credentials(User.filter(email=email))

    async def get_credentials(self, user_id: UUID) -> Credentials | None:
        return await _credentials(User.filter(id=user_id))

    async def signed_in(self, session_id: UUID, now: datetime) -> SignedInRow | None:
        query = _live(Session.filter(id=session_id), now).filter(
            user__status=UserStatus.ACTIVE, user__deleted_at=None, company__deleted_at=None
        )
        found = await query.first().values(**SIGNED_IN)
        return None if found is None else SignedInRow(**found)

    async def session_page(self, user_id: UUID, current: UUID, page: Page, now: datetime) -> Document:
        query = _live(Session.filter(user_id=user_id), now)
        models, next_cursor = await newest(query, page)
        return collection([_session_out(model, current) for model in models], next_cursor)

    async def find_refresh_token(self, token_sha256: str) -> RefreshTokenRow | None:
        token = await RefreshToken.get_or_none(token_sha256=token_sha256)
        if token is None:
            return None
        return RefreshTokenRow(
            id=token.id,
            company_id=token.company_id,  # type: ignore[attr-defined]
            session_id=token.session_id,  # type: ignore[attr-defined]
            token_sha256=token.token_sha256,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )


class TortoiseSessions(TortoiseSessionReads):
    """Fulfils `SessionStore`."""

    async def note_sign_in(self, user_id: UUID, at: datetime, *, password_hash: str) -> bool:
        return await _with_password(user_id, password_hash).update(last_sign_in_at=at) == 1

    async def change_password(self, user_id: UUID, password_hash: str, *, old: str) -> bool:
        return await _with_password(user_id, old).update(password_hash=password_hash) == 1

    async def add_session(self, row: SessionRow) -> None:
        await insert(Session, row)

    async def extend_session(self, session_id: UUID, *, used_at: datetime, expires_at: datetime) -> bool:
        live = _live(Session.filter(id=session_id), used_at)
        return await live.update(last_used_at=used_at, expires_at=expires_at) == 1

    async def revoke_session(self, session_id: UUID, user_id: UUID, *, at: datetime, reason: str) -> bool:
        live = _live(Session.filter(id=session_id, user_id=user_id), at)
        return await live.update(revoked_at=at, revoked_reason=reason) == 1

    async def revoke_sessions(
        self, user_id: UUID, *, at: datetime, reason: str, besides: UUID | None = None
    ) -> list[UUID]:
        live = _live(Session.filter(user_id=user_id), at).exclude(id=besides).order_by("id")
        ids = [session.id for session in await live.select_for_update(no_key=True)]
        await Session.filter(id__in=ids).update(revoked_at=at, revoked_reason=reason)
        return ids

    async def add_refresh_token(self, row: RefreshTokenRow) -> None:
        await insert(RefreshToken, row)

    async def use_refresh_token(self, token_sha256: str, at: datetime) -> bool:
        unused = RefreshToken.filter(token_sha256=token_sha256, used_at=None, expires_at__gt=at)
        return await unused.update(used_at=at) == 1

    async def delete_old_refresh_tokens(self, before: datetime, limit: int) -> int:
        old = await RefreshToken.filter(expires_at__lt=before).limit(limit).select_for_update(skip_locked=True)
        return await RefreshToken.filter(id__in=[token.id for token in old]).delete()


class TortoiseThrottleReads:
    """Fulfils `ThrottleReads`."""

    async def throttles(self, keys: list[str], *, lock: bool = False) -> list[ThrottleRow]:
        query = SignInThrottle.filter(key__in=keys).order_by("key")
        if lock:
            query = query.select_for_update()
        return [_throttle_row(model) for model in await query]


class TortoiseThrottles(TortoiseThrottleReads):
    """Fulfils `ThrottleStore`."""

    async def add_throttles(self, keys: list[str], now: datetime) -> None:
        rows = [SignInThrottle(key=key, failures=0, created_at=now, updated_at=now) for key in keys]
        await SignInThrottle.bulk_create(rows, ignore_conflicts=True)

    async def change_throttle(self, row: ThrottleRow) -> None:
        await SignInThrottle.filter(key=row.key).update(
            failures=row.failures, blocked_until=row.blocked_until, updated_at=row.updated_at
        )

    async def delete_old_throttles(self, before: datetime, limit: int) -> int:
        old = await SignInThrottle.filter(updated_at__lt=before).limit(limit).select_for_update(skip_locked=True)
        return await SignInThrottle.filter(id__in=[count.id for count in old]).delete()


async def _credentials(users: QuerySet[User]) -> Credentials | None:
    user = await users.filter(status=UserStatus.ACTIVE, deleted_at=None, company__deleted_at=None).first()
    return None if user is None else Credentials(user.id, user.company_id, user.email, user.password_hash)  # type: ignore[attr-defined]


def _with_password(user_id: UUID, password_hash: str) -> QuerySet[User]:
    """An active user whose password still has this hash. None is found once the password was changed."""
    return User.filter(id=user_id, password_hash=password_hash, status=UserStatus.ACTIVE, deleted_at=None)


def _live(sessions: QuerySet[Session], now: datetime) -> QuerySet[Session]:
    return sessions.filter(revoked_at=None, expires_at__gt=now)


def _session_out(model: Session, current: UUID) -> SessionOut:
    return SessionOut(
        id=model.id,
        user_agent=model.user_agent,
        address=model.address,
        created_at=model.created_at,
        last_used_at=model.last_used_at,
        expires_at=model.expires_at,
        current=model.id == current,
    )


def _throttle_row(model: SignInThrottle) -> ThrottleRow:
    return ThrottleRow(model.key, model.failures, model.blocked_until, model.updated_at)
