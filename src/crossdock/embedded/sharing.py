"""Counts the processes that use one server, by locks on files: the operating system releases those of a killed one."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crossdock.embedded.signals import signals_wait
from crossdock.errors import Busy

POLL_S = 0.02


class Sharing:
    """Two files beside the server's folder. The lock of `<name>.gate` is exclusive, and held while the server starts
    or stops. That of `<name>.users` is shared by all processes that use the server."""

    def __init__(self, folder: Path) -> None:
        self._gate = folder.with_name(f"{folder.name}.gate")
        self._users = folder.with_name(f"{folder.name}.users")
        self._used: int | None = None

    @contextmanager
    def alone(self, wait_s: float) -> Iterator[None]:
        """Inside, no other process starts or stops the server. Raises Busy after `wait_s`, naming the one that does."""
        gate = _open(self._gate)
        try:
            self._wait(gate, wait_s)
            os.ftruncate(gate, 0)
            os.pwrite(gate, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(gate)

    def _wait(self, gate: int, wait_s: float) -> None:
        until = time.monotonic() + wait_s
        while not _try_lock(gate, fcntl.LOCK_EX):
            if time.monotonic() > until:
                holder = os.pread(gate, 20, 0).decode() or "unknown"
                raise Busy(
                    f"Another crossdock (process {holder}) has been starting or stopping the embedded PostgreSQL"
                    f" for {wait_s:g} s; {self._gate} is its lock."
                )
            time.sleep(POLL_S)

    def join(self) -> None:
        """Counts this process among the users. The lock of the gate has to be held: see `alone`."""
        self._used = _open(self._users)
        fcntl.flock(self._used, fcntl.LOCK_SH)

    @property
    def is_joined(self) -> bool:
        return self._used is not None

    def leave(self) -> bool:
        """Ends the count of this process. True when it was the last. The gate's lock has to be held: see `alone`."""
        assert self._used is not None
        used, self._used = self._used, None
        try:
            # The shared lock becomes an exclusive one only where nobody else shares it.
            return _try_lock(used, fcntl.LOCK_EX)
        finally:
            os.close(used)

    def part(self, wait_s: float, stop: Callable[[], None]) -> None:
        """Leaves, where this process has joined, and stops what is shared where it was the last."""
        if self.is_joined:
            with signals_wait(), self.alone(wait_s):
                if self.leave():
                    stop()


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited: a child does not count as a user


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
