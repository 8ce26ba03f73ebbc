"""What a route asks for: the database, a page, and the headers that guard a write."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request

from crossdock.documents import Page, decode_cursor
from crossdock.documents.page import LIMIT_DEFAULT, LIMIT_MAX
from crossdock.errors import PreconditionRequired, ProgrammingError
from crossdock.tenancy import Everybody, Tenant
from crossdock.transaction import Database


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Db = Annotated[Database, Depends(_database)]


async def _scope(request: Request) -> Tenant:
    """What `app.state.scope_of` finds for the request; without tenants, the scope of everybody."""
    scope_of: ScopeOf | None = getattr(request.app.state, "scope_of", None)
    if scope_of is not None:
        return await scope_of(request)
    if not _database(request).tenancy.is_none:
        raise ProgrammingError("Set app.state.scope_of to a function that finds the tenant of a request.")
    return Everybody()


ScopeOf = Callable[[Request], Awaitable[Tenant]]
"""What an application with tenants puts into `app.state.scope_of`. It raises Unauthenticated for nobody's request."""
CurrentScope = Annotated[Tenant, Depends(_scope)]


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

    An ETag that the service never sent becomes a version that no row has, so the request ends with 412, after the body
    was validated.
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


async def idempotency_key(request: Request, key: str | None, caller: str) -> IdempotencyKey | None:
    """None without a key. `caller` is part of the fingerprint, so that a colleague who sends the same key does not get
    this caller's answer."""
    if key is None:
        return None
    # Keyed: a body may hold a new user's password, and a plain hash of it, kept in a table, could be guessed offline.
    secret: str = request.app.state.secret
    fingerprint = hmac.new(secret.encode(), f"{caller} {request.method} {request.url.path}\n".encode(), hashlib.sha256)
    fingerprint.update(await request.body())
    return IdempotencyKey(key, fingerprint.digest())


Id = UUID
