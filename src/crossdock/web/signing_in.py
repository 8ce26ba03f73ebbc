"""What the HTTP shell needs to know about the caller of a request. Sign-in itself is the application's."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from crossdock.errors import ProgrammingError, Unauthenticated
from crossdock.tenancy import Guard

GUARD = "crossdock.guard"
READ_AGAIN = "crossdock.read_again"
"""Key of a request's scope. False: the caller may be taken from memory, since `web.dispatch` makes sure that PostgreSQL
confirms them. Where FastAPI handles the request, nothing would, so the caller is read from the database."""


class Caller(Protocol):
    """Somebody who is signed in. `guard` is the condition by which PostgreSQL confirms that in each unit of work: a new
    one for each request. None where both methods of `Callers` ask the database anyhow."""

    @property
    def guard(self) -> Guard | None: ...


class Callers(Protocol):
    """Finds the caller of a token; an application puts one into `app.state.callers`. Both methods raise
    Unauthenticated."""

    async def find(self, token: str) -> Caller:
        """The caller, who may come from memory and is not confirmed yet."""

    async def find_again(self, token: str) -> Caller:
        """The caller as the database has them now."""


FindCaller = Callable[..., Awaitable[Any]]


def caller_by(scheme: Callable[..., Any]) -> FindCaller:
    """A dependency that finds the caller by the token that a FastAPI security scheme takes from the request, None for
    no token. It raises Unauthenticated, and ProgrammingError for a guard that has passed in an earlier request."""

    async def find_caller(request: Request, token: Annotated[str | None, Depends(scheme)]) -> Caller:
        if token is None:
            raise Unauthenticated
        callers: Callers = request.app.state.callers
        caller = await (callers.find_again(token) if request.scope.get(READ_AGAIN, True) else callers.find(token))
        if caller.guard is not None and caller.guard.passed:
            # Remembered with its caller, it would let every later request through unconfirmed.
            raise ProgrammingError("A Guard is good for one request: give each caller that is found a new one.")
        request.scope[GUARD] = caller.guard
        return caller

    find_caller.finds_caller = True  # type: ignore[attr-defined]
    return find_caller


def finds_caller(call: Callable[..., Any] | None) -> bool:
    """Whether a dependency was made by `caller_by`."""
    return getattr(call, "finds_caller", False)


def guard_of(request: Request) -> Guard | None:
    """The guard of the caller, None where the route asks for none."""
    guard: Guard | None = request.scope.get(GUARD)
    return guard
