"""What a request waits for: at a fixed rate, whether the ones before were answered or not, or one after the other.

At a fixed rate latency counts from the moment that a request should have left. A generator that waits for answers, as
wrk does, would send less while the server is slow, and miss just the requests that had to wait (coordinated omission).
"""

import gc
import itertools
import re
import select
import socket
import statistics
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from benchmarks.load import LoadFailed
from benchmarks.results import Latency

CONNECTIONS = 64
"""More than are busy at any time below the limit; a request that finds none free waits, and that counts too."""
ANSWER_S = 10.0
HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) .*?\r\ncontent-length: (\d+)\r\n(?:.*?\r\n)?\r\n", re.DOTALL | re.IGNORECASE)


class Connection:
    """One keep-alive connection, with at most one request under way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), ANSWER_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._answer = b""

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, request: bytes, due: float) -> None:
        self.due, self._answer = due, b""
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Takes what has come. True when the answer is whole. Raises LoadFailed when it is no success."""
        received = self.socket.recv(1 << 18)
        if not received:
            raise LoadFailed("the server closed a connection")
        self._answer += received
        head = HEAD.match(self._answer)
        if head is None:
            return False
        if not head[1].startswith(b"2"):
            raise LoadFailed(f"an answer at a fixed rate is no success: {self._answer[:500]!r}")
        return len(self._answer) - head.end() >= int(head[2])


def pace(url: str, requests: Sequence[bytes], rate: float, seconds: float) -> Latency:
    """Sends `rate` requests a second, over and over through `requests`. Raises LoadFailed."""
    with _connected(url, CONNECTIONS) as connections:
        return _latency(rate, _at_a_rate(connections, requests, rate, round(rate * seconds)))


def one_by_one(url: str, requests: Sequence[bytes], seconds: float) -> Latency:
    """Sends each when the one before it was answered, for some seconds. Raises LoadFailed."""
    with _connected(url, 1) as connections:
        waited = list(_in_turn(connections[0], requests, seconds))
        return _latency(len(waited) / sum(waited), waited)


def _latency(rate: float, waits: Iterable[float]) -> Latency:
    waited = sorted(waits)
    return Latency(
        rate=rate,
        requests=len(waited),
        p50_ms=1e3 * statistics.median(waited),
        p99_ms=1e3 * waited[int(len(waited) * 0.99)],
        max_ms=1e3 * waited[-1],
    )


def _in_turn(connection: Connection, requests: Sequence[bytes], seconds: float) -> Iterator[float]:
    until = time.perf_counter() + seconds
    for request in itertools.cycle(requests):
        connection.send(request, due=time.perf_counter())
        while not connection.receive():
            pass
        answered = time.perf_counter()
        yield answered - connection.due
        if answered > until:
            return


def _at_a_rate(connections: list[Connection], requests: Sequence[bytes], rate: float, count: int) -> Iterator[float]:
    """How long each request took, in seconds from when it was due."""
    free, busy = deque(connections), set[Connection]()
    began, sent = time.perf_counter(), 0
    while sent < count or busy:
        now = time.perf_counter()
        while sent < count and free and began + sent / rate <= now:
            connection = free.popleft()
            connection.send(requests[sent % len(requests)], began + sent / rate)
            busy.add(connection)
            sent += 1
        # select, for its timeout in microseconds: an event loop rounds up to milliseconds, and would be late.
        left = began + sent / rate - now if sent < count and free else ANSWER_S
        readable, _, _ = select.select(busy, (), (), max(0.0, left))
        if not readable and left == ANSWER_S:
            raise LoadFailed(f"no answer within {ANSWER_S:g} s")
        for connection in readable:
            if connection.receive():
                busy.discard(connection)
                free.append(connection)
                yield time.perf_counter() - connection.due


@contextmanager
def _connected(url: str, count: int) -> Iterator[list[Connection]]:
    """Inside, no garbage is collected: that would be measured as the server's time."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    with ExitStack() as stack:
        gc.collect()
        gc.disable()
        stack.callback(gc.enable)
        connections = [Connection(parts.hostname, parts.port) for _ in range(count)]
        for connection in connections:
            stack.callback(connection.socket.close)
        yield connections
