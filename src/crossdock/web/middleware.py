"""Around every request: its id, its limits of size and time, one log line and the metrics. Plain ASGI, no framework."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossdock.config.settings import HttpSettings
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
    """The outermost layer: whatever happens inside, the client gets one well-formed answer."""

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
            await self._answer(as_get(scope), exchange)
        finally:
            REQUEST_ID.reset(token)

    async def _answer(self, scope: Scope, exchange: "Exchange") -> None:
        started = time.perf_counter()
        try:
            with Deadline(self.settings.request_timeout_s), Presence(exchange.gone, exchange.may_look):
                await self.app(scope, exchange.receive, exchange.send)
        except ClientGone as gone:
            _let_go(gone)  # nobody is there to be told: the line of the log says 499
        except asyncio.CancelledError:
            await exchange.answer(of_error(scope, ServiceEnding()))
            raise
        except Exception as error:
            await exchange.answer(_told(scope, exchange.cause_of(error)))
            _let_go(error)
        finally:
            self._record(exchange.method, scope, exchange.status or 499, time.perf_counter() - started)

    def _record(self, method: str, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self.metrics.request(method, route, status, seconds)
        if scope["path"] not in QUIET:
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _told(scope: Scope, error: Exception) -> Response:
    told = translate(error)
    answer = answer_to(scope, told) if isinstance(told, Exception) else None
    if answer is None:
        log.exception("unexpected_error", path=scope["path"])
    return answer or unexpected(scope)


def _let_go(error: BaseException | None) -> None:
    """An error holds the frames of its traceback, and they hold it: a circle, which would stay until the garbage
    collector stops the process to look for it."""
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _route(scope: Scope) -> str:
    """The pattern that matched, never a path with an id in it: each label of a metric stays for ever."""
    if "route" in scope:
        return str(scope["route"].path)
    if "app_root_path" in scope:  # below a mount: the scripts of /docs
        return str(scope["root_path"])
    fixed = "endpoint" in scope and not scope["path_params"]  # a plain route of Starlette's: /openapi.json
    return str(scope["path"]) if fixed else "unmatched"


class Exchange:
    """One request and its answer: counts the body, adds the id, and knows whether the answer has begun."""

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
        """A request that was given up while it waited for its own body is not slow on our side."""
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
        """Whether what comes next is the end of the connection, and no part of a body that somebody waits for."""
        return self._has_whole_body

    async def gone(self) -> None:
        """Waits until the client has closed the connection. That is so too once it is answered, so it waits for ever
        where the answer has begun. So it does where a server gives a second body of nothing: it tells no end, and to
        ask it again and again would leave nobody else a turn."""
        message = await self._receive()
        if message["type"] != "http.disconnect":
            self._kept.append(message)  # a body of nothing, for whoever reads it after all
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
                *([(b"connection", b"close")] if self.status == 408 else []),  # the rest of a body may come yet
                *([(b"content-security-policy", PAGES)] if self._is_page(message) else []),
            ]
        elif self.method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    @staticmethod
    def _is_page(message: Message) -> bool:
        return any(
            each[0] == b"content-type" and each[1].startswith(b"text/html") for each in message.get("headers", ())
        )

    async def answer(self, response: App) -> None:
        """Sends `response`, unless an answer has begun already."""
        if self.status is None:
            await response(self._scope, self._receive, self.send)
