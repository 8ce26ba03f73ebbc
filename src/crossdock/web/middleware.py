"""What every request gets: an id, limits of size and time, a line in the log, and its place in the metrics."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.config.settings import HttpSettings
from crossdock.guards.guards import NewRequest
from crossdock.ids import new_text_id
from crossdock.logging import REQUEST_ID
from crossdock.operations.metrics import Metrics
from crossdock.transaction.faults import translate
from crossdock.web.deadline import Deadline, ServiceEnding, TooSlow
from crossdock.web.errors import answer_to, of_error, unexpected
from crossdock.web.presence import ClientGone, Presence
from crossdock.web.refusals import BodyTooSlow
from crossdock.web.target import as_get, keep_encoded_slashes

log = structlog.get_logger(__name__)

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

GIVEN_ID = re.compile(rb"^[A-Za-z0-9._-]{1,64}$")
PAGES = b"; ".join(
    (
        b"default-src 'self'",
        b"script-src 'self' 'unsafe-inline'",
        b"style-src 'self' 'unsafe-inline'",
        b"img-src 'self' data:",
        b"worker-src 'self' blob:",
        b"frame-ancestors 'none'",
    )
)
"""What a browser may load for our pages of documentation: nothing of any other host. ReDoc would ask one for its
maker's picture, and shows none where it cannot have it. Both pages begin with a short script in the page itself."""
QUIET = {"/healthz", "/readyz", "/metrics"}


class BodyTooLarge(HTTPException):
    """The body is over the limit. FastAPI lets an HTTPException through where it reads the body, and nothing else.

    Its own `max_body_size` answers in plain text, over the heads of our handlers, where a Content-Length says too much.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The body is over {limit} bytes.")


class RequestShell:
    """The outermost layer. Whatever happens inside, the client gets one well-formed response."""

    def __init__(self, app: App, settings: HttpSettings, metrics: Metrics) -> None:
        self.app = app
        self.settings = settings
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        keep_encoded_slashes(scope)
        exchange = Exchange(scope, receive, send, self.settings.body_max_bytes)
        token = REQUEST_ID.set(exchange.request_id)
        try:
            with NewRequest():
                await self._answer(as_get(scope), exchange)
        finally:
            REQUEST_ID.reset(token)

    async def _answer(self, scope: Scope, exchange: "Exchange") -> None:
        started = time.perf_counter()
        try:
            with Deadline(self.settings.request_timeout_s), Presence(exchange.gone, exchange.may_look):
                await self.app(scope, exchange.receive, exchange.send)
        except ClientGone as gone:
            _let_go(gone)  # nobody is there to answer; the log has the request with status 499
        except asyncio.CancelledError:  # neither `Deadline` nor `Presence`: the server is shutting down
            await exchange.answer(of_error(scope, ServiceEnding()))
            raise
        except Exception as error:
            await exchange.answer(_answer_to(scope, exchange.cause_of(error)))
            _let_go(error)
        finally:
            self._record(exchange.method, scope, exchange.status or 499, time.perf_counter() - started)

    def _record(self, method: str, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self.metrics.request(method, route, status, seconds)
        if scope["path"] not in QUIET:
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _answer_to(scope: Scope, error: Exception) -> Response:
    """A problem for each error; one that nobody expected is logged with its traceback."""
    known = translate(error)
    answer = answer_to(scope, known) if isinstance(known, Exception) else None
    if answer is None:
        log.exception("unexpected_error", path=scope["path"])
    return answer or unexpected(scope)


def _let_go(error: BaseException | None) -> None:
    """Drops the tracebacks. An error refers to the frames of its traceback, and they refer to the error: such a circle
    stays in memory until the garbage collector stops the process to look for it."""
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _route(scope: Scope) -> str:
    """The pattern of the route, and never the path, which may have an id in it: a metric keeps each label for ever."""
    if "route" in scope:
        return str(scope["route"].path)
    if "app_root_path" in scope:  # below a mount: the scripts of /docs
        return str(scope["root_path"])
    fixed = "endpoint" in scope and not scope["path_params"]  # a plain route of Starlette's: /openapi.json
    return str(scope["path"]) if fixed else "unmatched"


class Exchange:
    """One request and its response: counts the bytes of the body, adds headers, and knows if the response has begun."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, body_max_bytes: int) -> None:
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        self.request_id = given.decode() if GIVEN_ID.match(given) else new_text_id()
        self.method: str = scope["method"]
        self.status: int | None = None
        self._scope, self._receive, self._send = scope, receive, send
        self._limit = self._left = body_max_bytes
        self._has_whole_body = headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers
        self._awaits_body = False
        self._kept: list[Message] = []
        scope.setdefault("state", {})["request_id"] = self.request_id

    def cause_of(self, error: Exception) -> Exception:
        """BodyTooSlow for a request that ran out of time while it waited for its own body."""
        return BodyTooSlow() if isinstance(error, TooSlow) and self._awaits_body else error

    async def receive(self) -> Message:
        if self._kept:
            return self._kept.pop(0)
        self._awaits_body = not self._has_whole_body
        message = await self._receive()
        self._awaits_body = False
        self._has_whole_body = self._has_whole_body or not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyTooLarge(self._limit)
        return message

    def may_look(self) -> bool:
        """Whether the whole body was read, so that the next message can only be the end of the connection."""
        return self._has_whole_body

    async def gone(self) -> None:
        """Returns when the client has closed the connection before the response began; otherwise it never returns.

        A server may report the end of the connection after a response as well, which is no reason to cancel anything.
        Some servers report an empty body again and again in place of the end; asking them in a loop would keep the
        event loop busy.
        """
        message = await self._receive()
        if message["type"] != "http.disconnect":
            self._kept.append(message)  # an empty body, for an endpoint that reads the body later
            message = await self._receive()
        if message["type"] != "http.disconnect" or self.status is not None:
            await asyncio.Event().wait()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", []),
                (b"x-request-id", self.request_id.encode()),
                (b"x-content-type-options", b"nosniff"),
                *([(b"connection", b"close")] if self.status == 408 else []),  # the rest of the body may still come
                *([(b"content-security-policy", PAGES)] if self._is_page(message) else []),
            ]
        elif self.method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    @staticmethod
    def _is_page(message: Message) -> bool:
        for name, value in message.get("headers", ()):  # not `any`: each response goes through it
            if name == b"content-type":
                return bool(value.startswith(b"text/html"))
        return False

    async def answer(self, response: App) -> None:
        """Sends `response`, unless another one has begun already."""
        if self.status is None:
            await response(self._scope, self._receive, self.send)
