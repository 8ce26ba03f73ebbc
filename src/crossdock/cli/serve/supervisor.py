"""The workers: started together, watched, and started again when they die."""

import os
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
from uvicorn._subprocess import subprocess_started
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Process

from crossdock.cli.ending import SIGNALS, interrupts_wait
from crossdock.cli.serve.listening import listen, refuse
from crossdock.operations import metrics

log = structlog.get_logger(__name__)

POLL_S = 0.1
ASKED_EVERY_S = 1.0
HUNG_S = 5.0
"""A worker whose process does not answer for so long is killed. It answers from a thread of its own: a request that
keeps the event loop busy does not count."""
START_S_MAX = 120.0
STEADY_S = 10.0
"""A worker that lived for so long did not die of its start: its death counts as the first, and its successor starts at
once."""
DELAY_S_FIRST, DELAY_S_MAX = 0.5, 30.0
"""Between the deaths of a worker that dies again and again and its next start. The first time there is none."""
END_S_MAX = 10.0

FORKED = get_context("forkserver")
FORKED.set_forkserver_preload(["crossdock.cli.serve.preload"])


class Worker(Process):
    """uvicorn's process, forked from one that has imported everything, with a place among the others."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, slot: int, counted_in: Path) -> None:
        super().__init__(config, [listener])
        self._slot = slot
        self._counted_in = counted_in
        arguments = {"config": config, "target": self.target, "sockets": [listener], "stdin_fileno": None}
        self.process = FORKED.Process(target=subprocess_started, kwargs=arguments)  # type: ignore[assignment]

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """In the new process."""
        metrics.share(self._counted_in, self._slot)
        super().target(sockets)


@dataclass(slots=True)
class Place:
    """A place for one worker: how many there are does not change, and a worker that dies is replaced in its place."""

    slot: int
    worker: Worker | None = None
    is_ready: bool = False
    started_at: float = 0.0
    asked_at: float = 0.0
    is_asked: bool = False
    """Whether the worker was sent a ping that it has not answered yet."""
    failures: int = 0
    start_at: float = 0.0


class Supervisor:
    """Starts a worker in each place, and another one where a worker dies, until a signal.

    While no worker serves, connections are refused. Otherwise clients would wait in the socket's queue for a worker
    that may never come, and a load balancer would not notice.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket, counted_in: Path) -> None:
        self._config = config
        self._listener = listener
        self._counted_in = counted_in
        self._places = [Place(slot) for slot in range(config.workers)]
        self._has_served = False
        self._is_refusing = False
        self._is_over = False
        self.did_not_start = False
        """Whether a worker could not start before any had served. The others would not either."""

    def run(self) -> None:
        for number in SIGNALS:  # a closed terminal ends the service too, but under nohup
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._end)
        while not self._is_over:
            self._fill()
            connection.wait(self._sentinels(), POLL_S)
            now = time.monotonic()
            for place in self._taken():
                self._look_at(place, now)
            self._refuse_while_nobody_serves()
        self._end_all()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._is_over = True

    def _taken(self) -> Sequence[Place]:
        return [place for place in self._places if place.worker is not None]

    def _sentinels(self) -> list[int]:
        return [place.worker.process.sentinel for place in self._places if place.worker is not None]

    def _fill(self) -> None:
        now = time.monotonic()
        for place in self._places:
            if place.worker is None and place.start_at <= now and not self._is_over:
                place.worker = Worker(self._config, self._listener, place.slot, self._counted_in)
                place.is_ready, place.is_asked, place.started_at = False, False, now
                with interrupts_wait():
                    place.worker.start()

    def _look_at(self, place: Place, now: float) -> None:
        assert place.worker is not None
        if not place.worker.process.is_alive():
            self._clear(place, now)
            return
        with suppress(OSError, EOFError):  # it died meanwhile: the next look finds its process ended
            self._ask(place, place.worker.parent_conn, now)
        if place.is_asked and now - place.asked_at > (HUNG_S if place.is_ready else START_S_MAX):
            log.error("worker_hung", pid=place.worker.pid)
            place.worker.process.kill()

    def _ask(self, place: Place, pipe: connection.Connection, now: float) -> None:
        if place.is_asked and pipe.poll():
            place.is_asked = False
            if pipe.recv() and not place.is_ready:
                self._note_ready(place)
        if not place.is_asked and (not place.is_ready or now - place.asked_at > ASKED_EVERY_S):
            place.is_asked, place.asked_at = True, now
            pipe.send(b"ping")

    def _note_ready(self, place: Place) -> None:
        place.is_ready = self._has_served = True
        if self._is_refusing:
            listen(self._listener)
            self._is_refusing = False

    def _clear(self, place: Place, now: float) -> None:
        worker = place.worker
        assert worker is not None
        worker.join()
        worker.parent_conn.close()
        worker.child_conn.close()
        metrics.forget(self._counted_in, place.slot)
        was_steady = place.is_ready and now - place.started_at > STEADY_S
        place.worker, place.is_ready = None, False
        if worker.exitcode == STARTUP_FAILURE and not self._has_served:
            self.did_not_start = self._is_over = True
            return
        place.failures = 1 if was_steady else place.failures + 1
        delay_s = delay_s_after(place.failures)
        place.start_at = now + delay_s
        log.error("worker_died", pid=worker.pid, status=worker.exitcode, next_in_s=delay_s)

    def _refuse_while_nobody_serves(self) -> None:
        if self._has_served and not self._is_refusing and not any(place.is_ready for place in self._places):
            refuse(self._listener)
            self._is_refusing = True

    def _end_all(self) -> None:
        workers = [place.worker for place in self._taken() if place.worker is not None]
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.process.join(END_S_MAX)
            if worker.process.is_alive():
                log.error("worker_hung", pid=worker.pid)
                os.kill(worker.pid or 0, signal.SIGKILL)
                worker.join()


def delay_s_after(failures: int) -> float:
    """0 after the first death, then twice as long each time, up to a limit."""
    return min(DELAY_S_FIRST * 2 ** (failures - 2), DELAY_S_MAX) if failures > 1 else 0.0
