"""What a route asks for: the database, who is calling, a page, and the headers that guard a write."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from fastapi.security import OAuth2PasswordBearer

from crossdock.kernel.documents import Page, decode_cursor
from crossdock.kernel.documents.page import LIMIT_DEFAULT, LIMIT_MAX
from crossdock.kernel.errors import PreconditionRequired, Unauthenticated
from crossdock.kernel.tenancy import Guard
from crossdock.kernel.transaction import Database
from crossdock.modules.accounts.api import Caller, Callers, Tokens

bearer = OAuth2PasswordBearer(tokenUrl="/v1/auth/token", auto_error=False, description="Sign in at /v1/auth/token.")


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _tokens(request: Request) -> Tokens:
    tokens: Tokens = request.app.state.tokens
    return tokens


Db = Annotated[Database, Depends(_database)]
SignedTokens = Annotated[Tokens, Depends(_tokens)]

GUARD = "crossdock.guard"
READ_AGAIN = "crossdock.read_again"
"""False in the scope of a request whose caller may be taken from memory, since `web.dispatch` sees to it that they are
confirmed; on FastAPI's own way nobody would."""


async def find_caller(request: Request, token: Annotated[str | None, Depends(bearer)]) -> Caller:
    """Raises Unauthenticated."""
    if token is None:
        raise Unauthenticated
    callers: Callers = request.app.state.callers
    caller = await (callers.find_again(token) if request.scope.get(READ_AGAIN, True) else callers.find(token))
    request.scope[GUARD] = caller.guard
    return caller


def guard_of(request: Request) -> Guard | None:
    """The guard of whoever calls, None where nobody had to sign in."""
    guard: Guard | None = request.scope.get(GUARD)
    return guard


SignedIn = Annotated[Caller, Depends(find_caller)]
"""The person who calls; 401 without a valid token. A revoked session or a removed role acts at once: the caller's units
of work confirm them, and the route has to have one."""


def _page(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many at most.", examples=[20])] = LIMIT_DEFAULT,
    cursor: Annotated[
        str | None,
        Query(max_length=64, description="`next_cursor` of the page before.", pattern=r"^[A-Za-z0-9_-]{22}$"),
    ] = None,
) -> Page:
    return Page(limit, decode_cursor(cursor))


PageQuery = Annotated[Page, Depends(_page)]


NO_VERSION = 0
"""Versions count from 1."""


def _expected_version(
    if_match: Annotated[
        str | None,
        Header(
            max_length=64,
            description='The ETag that was read, as in `"3"`; `*` for any. Without it: 428.',
            examples=["*"],
        ),
    ] = None,
) -> int | None:
    """The version that a client read, None for any. Raises PreconditionRequired without the header.

    An ETag that is none of ours is a version that no row has: the body is looked at first, then it is 412.
    """
    if if_match is None:
        raise PreconditionRequired
    if if_match.strip() == "*":
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else NO_VERSION


ExpectedVersion = Annotated[int | None, Depends(_expected_version)]


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's key for one request, and the fingerprint of that request: who calls, method, path and body."""

    key: str
    request_hash: bytes


KeyHeader = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Same key and body from the same user, within a day: the same answer again, and one effect.",
    ),
]


async def _key(
    request: Request, tokens: SignedTokens, caller: SignedIn, idempotency_key: KeyHeader = None
) -> IdempotencyKey | None:
    return await _with_fingerprint(request, tokens, idempotency_key, str(caller.user_id))


async def _strangers_key(
    request: Request, tokens: SignedTokens, idempotency_key: KeyHeader = None
) -> IdempotencyKey | None:
    return await _with_fingerprint(request, tokens, idempotency_key, "a stranger")


async def _with_fingerprint(request: Request, tokens: Tokens, key: str | None, caller: str) -> IdempotencyKey | None:
    """The caller is part of it: what one person was answered is not for a colleague who hits on the same key."""
    if key is None:
        return None
    # Keyed: a body may hold a new user's password, and a plain hash of it, kept in a table, could be guessed offline.
    request_line = f"{caller} {request.method} {request.url.path}\n"
    fingerprint = hmac.new(tokens.secret.encode(), request_line.encode(), hashlib.sha256)
    fingerprint.update(await request.body())
    return IdempotencyKey(key, fingerprint.digest())


Key = Annotated[IdempotencyKey | None, Depends(_key)]
StrangersKey = Annotated[IdempotencyKey | None, Depends(_strangers_key)]
"""Where nobody is signed in yet."""
Id = UUID
