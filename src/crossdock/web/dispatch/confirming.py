"""Whoever calls is remembered, and PostgreSQL is asked for them in the unit of work: what follows for a request."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crossdock.errors import CrossdockError, ProgrammingError, Unavailable
from crossdock.web.dispatch.arguments import Arguments
from crossdock.web.signing_in import READ_AGAIN, guard_of


class NotConfirmed(ProgrammingError):
    """A route answered somebody who is signed in, without a unit of work of theirs that confirms it."""


async def confirmed(request: Request, arguments: Arguments) -> Response:
    """The answer of a route.

    Whatever is refused before the guard has passed may be so because what is remembered of the caller is old. It is
    then done again with the caller as the database has them now, which is safe: a unit of work begins with its guard,
    so nothing was done. An answer that nothing has confirmed does not leave.
    """
    request.scope[READ_AGAIN] = False
    try:
        response: Response = await arguments.called(request)
    except (CrossdockError, RequestValidationError, HTTPException) as error:
        if _is_settled(request) or isinstance(error, Unavailable):  # nobody's rights are the reason for that
            raise
        request.scope[READ_AGAIN] = True
        response = await arguments.called(request)
    if not _is_settled(request):
        raise NotConfirmed(f"{request.method} {request.scope['route'].path} needs a unit of work of its caller's.")
    return response


def _is_settled(request: Request) -> bool:
    guard = guard_of(request)
    return guard is None or guard.passed
