"""Sessions and their refresh tokens: opened by a sign-in, extended by a refresh, ended by a person or a reuse."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from crossdock.errors import NotFound, Unauthenticated
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Transaction
from freight.modules.accounts.caller import Caller
from freight.modules.accounts.events import SessionOpened, SessionRevoked
from freight.modules.accounts.service.signing_in.tokens import Claims, Signed, Tokens
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.signing_in import RefreshTokenRow, SessionRow, SignedInRow

REFRESH_TOKEN_BYTES = 32


class RefreshTokenRefused(Unauthenticated):
    """This refresh token is not good, or not good any more: sign in again.

    Sign in with the password. A token works once: if you did not use this one before, somebody else did.
    """


async def open_session(
    tx: Transaction, tokens: Tokens, user_id: UUID, company_id: UUID, *, address: str | None, user_agent: str | None
) -> Signed:
    """Opens a session, and makes its first access token and refresh token."""
    now = tx.clock.now()
    session = SessionRow(
        id=new_id(),
        company_id=company_id,
        user_id=user_id,
        user_agent=user_agent,
        address=address,
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(seconds=tokens.refresh_ttl_s),
    )
    await tx.store(AccountStore).add_session(session)
    tx.emit(SessionOpened(subject_id=session.id, user_id=user_id))
    return await _next_pair(tx, tokens, Claims(user_id, session.id, company_id))


async def refresh(database: Database, tokens: Tokens, token: str) -> Signed:
    """Exchanges a refresh token, which works once, for the next two tokens. Raises RefreshTokenRefused.

    When a token is used a second time, either its owner or a thief has used it before, and nobody can say who. So the
    session ends, with all of its tokens.
    """
    async with database.transaction(Platform("refresh"), while_read_only=True) as tx:
        # It returns None and does not raise: that would roll back, and the end of the session must be committed.
        signed = await _exchange(tx, tokens, hashlib.sha256(token.encode()).hexdigest())
    if signed is None:
        raise RefreshTokenRefused
    return signed


async def revoke(tx: Transaction, caller: Caller, session_id: UUID, *, reason: str) -> None:
    """Ends one of the caller's own sessions. Raises NotFound for somebody else's, and for one that has ended."""
    ended = await tx.store(AccountStore).revoke_session(session_id, caller.user_id, at=tx.clock.now(), reason=reason)
    if not ended:
        raise NotFound
    tx.emit(SessionRevoked(subject_id=session_id, user_id=caller.user_id, reason=reason))


async def revoke_all(tx: Transaction, user_id: UUID, *, reason: str, besides: UUID | None = None) -> None:
    """Ends every session of a user, except `besides`. The caller has locked the user, so no sign-in opens another."""
    ended = await tx.store(AccountStore).revoke_sessions(user_id, at=tx.clock.now(), reason=reason, besides=besides)
    for session_id in ended:
        tx.emit(SessionRevoked(subject_id=session_id, user_id=user_id, reason=reason))


async def _exchange(tx: Transaction, tokens: Tokens, token_sha256: str) -> Signed | None:
    """Uses a token up and makes the next two. None where it is refused; a reuse has ended the session then."""
    store, now = tx.store(AccountStore), tx.clock.now()
    token = await store.find_refresh_token(token_sha256)
    session = None if token is None else await store.signed_in(token.session_id, now)
    if token is None or session is None:
        return None
    # Compare and swap: of two requests with one token, the second waits for the row's lock and finds the token used.
    if not await store.use_refresh_token(token_sha256, now):
        await _end_after_reuse(tx, token, session)
        return None
    expires_at = now + timedelta(seconds=tokens.refresh_ttl_s)
    # The session may have been revoked since it was read above: this UPDATE asks again, and holds its lock.
    if not await store.extend_session(token.session_id, used_at=now, expires_at=expires_at):
        return None
    return await _next_pair(tx, tokens, Claims(session.user_id, session.session_id, session.company_id))


async def _end_after_reuse(tx: Transaction, token: RefreshTokenRow, session: SignedInRow) -> None:
    """Ends the session of a token that was used before."""
    now, reason = tx.clock.now(), "refresh token used twice"
    if token.expires_at <= now:  # refused because it is too old: that alone is no sign of theft
        return
    if await tx.store(AccountStore).revoke_session(token.session_id, session.user_id, at=now, reason=reason):
        tx.emit(SessionRevoked(subject_id=token.session_id, user_id=session.user_id, reason=reason))


async def _next_pair(tx: Transaction, tokens: Tokens, claims: Claims) -> Signed:
    """An access token and a refresh token. Only the hash of the refresh token is stored."""
    token, now = secrets.token_urlsafe(REFRESH_TOKEN_BYTES), tx.clock.now()
    await tx.store(AccountStore).add_refresh_token(
        RefreshTokenRow(
            id=new_id(),
            company_id=claims.company_id,
            session_id=claims.session_id,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            created_at=now,
            expires_at=now + timedelta(seconds=tokens.refresh_ttl_s),
        )
    )
    return Signed(tokens.sign(claims, now), token, tokens.access_ttl_s)
