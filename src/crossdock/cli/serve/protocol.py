"""uvicorn's HTTP protocol, with limits for the head of a request: uvicorn has one between requests and none before."""

import asyncio
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crossdock.web.errors import problem

HEAD_MAX_BYTES = 65_536
"""Of the request line and the headers together."""


class ServerConfig(uvicorn.Config):
    """uvicorn's, and how long a client may take for its headers."""

    headers_timeout_s: float


class BoundedProtocol(HttpToolsProtocol):
    """Ends a connection whose next request has no head in time, or a head without end.

    The time runs from the connection on, and from the first byte of each later request; no byte prolongs it, or a
    client could hold a connection for ever with one a minute. What follows the headers has the request's own limit.
    """

    config: ServerConfig
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._timer is None and not self._is_answering():
            self._await_head()
        super().data_received(data)
        if self._timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_MAX_BYTES:
                self._refuse(431, "headers_too_large", f"The headers are over {HEAD_MAX_BYTES} bytes.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._timer is None:  # behind a request that is being answered
            self._await_head()

    def on_headers_complete(self) -> None:
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
            self.transport.close()  # nobody waits for an answer to nothing
        else:
            limit = f"{self.config.headers_timeout_s:g} s"
            self._refuse(408, "headers_too_slow", f"The headers had no end within {limit}.")

    def _refuse(self, status: int, code: str, detail: str) -> None:
        self._stop_waiting()
        if self._is_answering():
            self.cycle.keep_alive = False  # the answer that is under way is the last
            return
        if not self.transport.is_closing():
            self.transport.write(_answer(status, code, detail, self.server_state.default_headers))
            self.transport.close()


def _answer(status: int, code: str, detail: str, default_headers: list[tuple[bytes, bytes]]) -> bytes:
    """A problem as it goes over the wire: there is no request yet that an app could answer."""
    scope: dict[str, Any] = {}
    response = problem(scope, status, code, detail)
    headers = [*default_headers, *response.raw_headers, (b"connection", b"close")]
    lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body)
