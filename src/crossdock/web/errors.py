"""Makes a problem+json response (RFC 9457) of every error. One table has the HTTP status of each kind of error."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock import errors
from crossdock.errors import CrossdockError
from crossdock.web import refusals
from crossdock.web.schemas import Problem

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[CrossdockError], int], ...] = (
    (refusals.BadRequest, 400),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (refusals.MethodNotAllowed, 405),
    (refusals.BodyTooSlow, 408),
    (errors.Conflict, 409),
    (errors.PreconditionFailed, 412),
    (refusals.BodyTooLarge, 413),
    (refusals.UnsupportedMediaType, 415),
    (errors.Invalid, 422),
    (errors.PreconditionRequired, 428),
    (errors.TooManyRequests, 429),
    (errors.Unavailable, 503),
)
FRAMEWORK: dict[int, type[CrossdockError]] = {
    400: refusals.BadRequest,
    404: refusals.NoSuchRoute,
    405: refusals.MethodNotAllowed,
    413: refusals.BodyTooLarge,
}
"""What FastAPI and Starlette refuse, by the status that they give it."""


def status_of(error: CrossdockError | type[CrossdockError]) -> int:
    """The HTTP status of a kind of error; 500 for one that the table does not have."""
    kind = error if isinstance(error, type) else type(error)
    return next((status for each, status in STATUS if issubclass(kind, each)), 500)


def install_errors(app: FastAPI) -> None:
    """Registers the handlers by which a FastAPI app answers every expected error with a problem."""

    async def on_error(request: Request, error: Exception) -> Response:
        answer = answer_to(request.scope, error)
        assert answer is not None
        return answer

    for kind in (CrossdockError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, on_error)


def answer_to(scope: Any, error: Exception) -> Response | None:
    """The problem for an expected error, None for any other."""
    match error:
        case CrossdockError():
            return of_error(scope, error)
        case RequestValidationError():
            return _of_validation_error(scope, error)
        case HTTPException():
            return _of_http_exception(scope, error)
    return None


def problem(
    scope: Any,
    status: int,
    code: str,
    detail: str,
    *,
    fields: list[dict[str, str]] | None = None,
    details: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem+json response. Text that is no valid Unicode (a lone surrogate in a field's name) is escaped."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _printable(detail),
        "code": code,
        "instance": _printable(scope.get("path", "")),
        "request_id": scope.get("state", {}).get("request_id"),
        "errors": [{name: _printable(value) for name, value in field.items()} for field in fields or []],
        "details": details or {},
    }
    return Response(orjson.dumps(body), status, headers, Problem.media_type)


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def of_error(scope: Any, error: CrossdockError) -> Response:
    """The problem for an error of the library or the application."""
    status = status_of(error)
    if status >= 500:
        log.warning("refused", code=error.code, error=str(error), cause=repr(error.__cause__))
    if status == 500:
        return unexpected(scope)
    fields = [{"path": error.field, "message": str(error), "code": error.code}] if error.field else []
    headers = dict(headers_of(error))
    return problem(scope, status, error.code, str(error), fields=fields, details=error.details, headers=headers)


def headers_of(error: CrossdockError | type[CrossdockError]) -> Iterator[tuple[str, str]]:
    """The headers that every error of this kind is sent with."""
    if error.retry_after_s is not None:
        yield "Retry-After", str(error.retry_after_s)
    if status_of(error) == 401:
        yield "WWW-Authenticate", "Bearer"


def unexpected(scope: Any) -> Response:
    """The problem for an error that nobody expected. What went wrong is in the log under the request's id."""
    error = refusals.InternalError()
    return problem(scope, 500, error.code, str(error))


def _of_validation_error(scope: Any, error: RequestValidationError) -> Response:
    broken = next((item for item in error.errors() if item["type"] == "json_invalid"), None)
    if broken is not None:
        return _unreadable(scope, f"This is not JSON: {broken['ctx']['error']}.", "json_invalid")
    fields = [
        {
            "path": ".".join(str(part) for part in item["loc"]),
            "message": str(item["msg"]),
            "code": str(item["type"]),
        }
        for item in error.errors()
    ]
    refusal = refusals.InvalidInput()
    return problem(scope, status_of(refusal), refusal.code, str(refusal), fields=fields)


def _unreadable(scope: Any, message: str, code: str) -> Response:
    """The body as a whole is at fault: the position at which the parser stopped is no field."""
    fields, refusal = [{"path": "body", "message": message, "code": code}], refusals.BadRequest()
    return problem(scope, status_of(refusal), refusal.code, str(refusal), fields=fields)


def _of_http_exception(scope: Any, error: HTTPException) -> Response:
    if error.status_code == 400:  # FastAPI raises it for a body alone, such as one that is not UTF-8
        return _unreadable(scope, str(error.detail), "unreadable")
    refusal = FRAMEWORK.get(error.status_code, refusals.InternalError)(_own_words(error))
    headers = dict(error.headers) if error.headers else {}
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_methods(scope))
    return problem(scope, error.status_code, refusal.code, str(refusal), headers=headers)


def _own_words(error: HTTPException) -> str | None:
    """The text of an exception, None where it only repeats the name of the status."""
    return None if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)


def _methods(scope: Any) -> list[str]:
    """Every method of the path. Starlette names those of the first route only, and each method has a route of its
    own."""
    routes = [route for route in iter_route_contexts(scope["app"].routes) if route.methods]
    matching = (route for route in routes if route.path_regex.match(get_route_path(scope)))
    methods = {method for route in matching for method in route.methods or ()}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)
