"""The dependencies that open a unit of work for a route."""

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Query, Request

from crossdock import Page, Reading, Transaction, decode_cursor
from crossdock.web import IdempotencyKey


async def _transaction(request: Request) -> AsyncIterator[Transaction]:
    async with request.app.state.database.transaction() as tx:
        yield tx


async def _reading(request: Request) -> AsyncIterator[Reading]:
    async with request.app.state.database.reading() as unit:
        yield unit


# "function": the transaction commits before the response is sent. By default FastAPI would send the response first,
# and the commit may still fail after it.
Tx = Annotated[Transaction, Depends(_transaction, scope="function")]
Reads = Annotated[Reading, Depends(_reading, scope="function")]


async def _key(request: Request, idempotency_key: Annotated[str | None, Header()] = None) -> IdempotencyKey | None:
    if idempotency_key is None:
        return None
    return IdempotencyKey(idempotency_key, hashlib.sha256(await request.body()).digest())


def _page(limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None) -> Page:
    return Page(limit, decode_cursor(cursor, int))


Key = Annotated[IdempotencyKey | None, Depends(_key)]
PageQuery = Annotated[Page, Depends(_page)]
