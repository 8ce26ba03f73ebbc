"""uvicorn's HTTP protocol with limits for the head of a request, which uvicorn itself does not have."""

import asyncio
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crossdock.web.errors import problem

HEAD_MAX_BYTES = 65_536
"""Of the request line and the headers together."""


class ServerConfig(uvicorn.Config):
    """uvicorn's configuration, with the time that a client may take for the head of a request."""

    headers_timeout_s: float


class BoundedProtocol(HttpToolsProtocol):
    """Ends a connection when the head of a request takes too long, or gets too long.

    The time begins with the connection, and with the first byte of each later request. Further bytes do not extend it:
    a client that sends one byte a minute could otherwise hold a connection for ever. The body is under the limit of the
    whole request.
    """

    config: ServerConfig
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _head_is_open = False
    """A request has begun, and its headers have no end yet."""
    _head_came = False
    """The data that was read last had the end of a head in it. The connection may be a WebSocket's from there on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head_came = False
        super().data_received(data)
        # After the data was read: nearly every head comes whole, and then there is nothing to time. One behind another
        # that is being answered has a limit of its own.
        if self._timer is None and (self._head_is_open or not (self._head_came or self._is_answering())):
            self._await_head()
        if self._timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_MAX_BYTES:
                self._refuse(431, "headers_too_large", f"The headers are over {HEAD_MAX_BYTES} bytes.")

    def on_message_begin(self) -> None:
        self._head_is_open = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_is_open, self._head_came = False, True
        self._stop_waiting()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._head_bytes = 0
        self._timer = self.loop.call_later(self.config.headers_timeout_s, self._be_late)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _be_late(self) -> None:
        self._timer = None
        if not self._head_bytes:
            self.transport.close()  # nothing was sent, so there is no request to answer
        else:
            limit = f"{self.config.headers_timeout_s:g} s"
            self._refuse(408, "headers_too_slow", f"The headers had no end within {limit}.")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        self._stop_waiting()
        if self._is_answering():
            self.cycle.keep_alive = False  # the connection ends after the response that is being sent
            return
        if not self.transport.is_closing():
            self.transport.write(_answer(status, code, detail, self.server_state.default_headers))
            self.transport.close()


def _answer(status: int, code: str, detail: str, default_headers: list[tuple[bytes, bytes]]) -> bytes:
    """The bytes of a response with a problem. There is no request yet that an app could answer."""
    scope: dict[str, Any] = {}
    response = problem(scope, status, code, detail)
    headers = [*default_headers, *response.raw_headers, (b"connection", b"close")]
    lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body)
