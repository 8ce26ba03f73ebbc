"""Who uses one server: two locks that the operating system holds, so that a killed process leaves no trace."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crossdock.errors import Busy

POLL_S = 0.02


class Sharing:
    """`<name>.gate` is held while the server is started or stopped, `<name>.users` is shared by all who use it."""

    def __init__(self, folder: Path) -> None:
        self._gate = folder.with_name(f"{folder.name}.gate")
        self._users = folder.with_name(f"{folder.name}.users")
        self._used: int | None = None

    @contextmanager
    def alone(self, wait_s: float) -> Iterator[None]:
        """Nobody else starts or stops the server meanwhile. Raises Busy after `wait_s`, naming who does."""
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
        """Counts this one among the users. Call it `alone`."""
        self._used = _open(self._users)
        fcntl.flock(self._used, fcntl.LOCK_SH)

    @property
    def is_joined(self) -> bool:
        return self._used is not None

    def leave(self) -> bool:
        """Counts this one, who has joined, no more. True when nobody else is left. Call it `alone`."""
        assert self._used is not None
        used, self._used = self._used, None
        try:
            return _try_lock(used, fcntl.LOCK_EX)
        finally:
            os.close(used)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited: a child does not count as a user


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
