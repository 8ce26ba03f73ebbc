"""Who calls, as far as the HTTP shell needs to know. Sign-in itself is the application's."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from crossdock.errors import Unauthenticated
from crossdock.tenancy import Guard

GUARD = "crossdock.guard"
READ_AGAIN = "crossdock.read_again"
"""False in the scope of a request whose caller may be taken from memory: `web.dispatch` makes sure that PostgreSQL
confirms them. Where FastAPI handles the request itself, nothing would."""


class Caller(Protocol):
    """Whoever is signed in. `guard` is the question by which PostgreSQL confirms it in each unit of work."""

    @property
    def guard(self) -> Guard | None: ...


class Callers(Protocol):
    """What an application puts into `app.state.callers`: who has which token. Both raise Unauthenticated."""

    async def find(self, token: str) -> Caller:
        """The caller, perhaps from memory, and not yet confirmed."""

    async def find_again(self, token: str) -> Caller:
        """The caller as the database has them now."""


FindCaller = Callable[..., Awaitable[Any]]


def caller_by(scheme: Callable[..., Any]) -> FindCaller:
    """A dependency that finds the caller by the token that a FastAPI security scheme takes from the request, None for
    no token. It raises Unauthenticated."""

    async def find_caller(request: Request, token: Annotated[str | None, Depends(scheme)]) -> Caller:
        if token is None:
            raise Unauthenticated
        callers: Callers = request.app.state.callers
        caller = await (callers.find_again(token) if request.scope.get(READ_AGAIN, True) else callers.find(token))
        request.scope[GUARD] = caller.guard
        return caller

    find_caller.finds_caller = True  # type: ignore[attr-defined]
    return find_caller


def finds_caller(call: Callable[..., Any] | None) -> bool:
    """Whether a dependency was made by `caller_by`."""
    return getattr(call, "finds_caller", False)


def guard_of(request: Request) -> Guard | None:
    """The guard of whoever calls, None where nobody had to sign in."""
    guard: Guard | None = request.scope.get(GUARD)
    return guard
