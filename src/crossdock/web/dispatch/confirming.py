"""A caller may be taken from memory, and PostgreSQL confirms them in the unit of work: no response before that."""

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crossdock.errors import CrossdockError, ProgrammingError, Unavailable
from crossdock.web.dispatch.arguments import Arguments
from crossdock.web.signing_in import READ_AGAIN, guard_of


class NotConfirmed(ProgrammingError):
    """A route for people who are signed in answered without a unit of work that confirms the caller."""


async def confirmed(request: Request, arguments: Arguments) -> Response:
    """The response of a route. No response is sent until PostgreSQL has confirmed that the caller is still signed in.

    A request that is refused before the confirmation may have been refused because the remembered caller is out of
    date. It is tried again with the caller read from the database. That does nothing twice: a unit of work begins with
    the confirmation, so the first try did nothing.
    """
    request.scope[READ_AGAIN] = False
    try:
        response: Response = await arguments.called(request)
    except (CrossdockError, RequestValidationError, HTTPException) as error:
        if _is_settled(request) or isinstance(error, Unavailable):  # not refused for what the caller may do
            raise
        request.scope[READ_AGAIN] = True
        response = await arguments.called(request)
    # The last line of defence: what the route answered stays here if nothing has confirmed its caller.
    if not _is_settled(request):
        raise NotConfirmed(f"{request.method} {request.scope['route'].path} needs a unit of work of its caller's.")
    return response


def _is_settled(request: Request) -> bool:
    """Whether the caller was confirmed, or the route asks for none."""
    guard = guard_of(request)
    return guard is None or guard.passed
