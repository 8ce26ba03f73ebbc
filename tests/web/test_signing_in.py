"""A caller who is remembered is confirmed anew in each request."""

from dataclasses import dataclass

import pytest
from fastapi import FastAPI, Request

from crossdock.errors import ProgrammingError, Unauthenticated
from crossdock.tenancy import Guard
from crossdock.web.signing_in import READ_AGAIN, caller_by, guard_of


@dataclass(frozen=True)
class Member:
    guard: Guard | None


class Remembering:
    """Gives one caller to everybody, and says in which way it was asked."""

    def __init__(self, guard: Guard | None) -> None:
        self.member, self.asked = Member(guard), list[str]()

    async def find(self, token: str) -> Member:
        self.asked.append(f"find {token}")
        return self.member

    async def find_again(self, token: str) -> Member:
        self.asked.append(f"find again {token}")
        return self.member


def request_to(callers: Remembering, **scope: bool) -> Request:
    app = FastAPI()
    app.state.callers = callers
    return Request({"type": "http", "app": app, **scope})


async def scheme() -> str | None:
    return None


FIND = caller_by(scheme)


async def test_a_guard_that_has_passed_is_refused() -> None:
    """It was remembered with its caller: nobody would ask PostgreSQL about the second request."""
    callers = Remembering(Guard("is_signed_in", ()))
    first, second = request_to(callers), request_to(callers)
    assert await FIND(first, "token") is callers.member
    guard = guard_of(first)
    assert guard is not None
    guard.passed = True
    with pytest.raises(ProgrammingError, match="A Guard is good for one request"):
        await FIND(second, "token")
    assert guard_of(second) is None


async def test_memory_is_asked_where_something_confirms() -> None:
    """Elsewhere the database is. Without a token nobody is."""
    callers = Remembering(None)
    await FIND(request_to(callers), "a")
    await FIND(request_to(callers, **{READ_AGAIN: False}), "b")
    await FIND(request_to(callers, **{READ_AGAIN: True}), "c")
    with pytest.raises(Unauthenticated):
        await FIND(request_to(callers), None)
    assert callers.asked == ["find again a", "find b", "find again c"]
