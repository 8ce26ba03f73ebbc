"""The signals that end a command: Ctrl-C, SIGTERM and a closed terminal all raise the same exception."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(SystemExit):
    """Raised by a signal, so that every `with` block is left in order. Its code is the status that shells expect."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside, a signal raises Ended.

    uvicorn catches SIGINT and SIGTERM while it serves, and raises them again when it has finished. It does not know
    SIGHUP, the signal of a closed terminal, which is passed to it as SIGTERM. A signal that is ignored at the start
    (SIGHUP under nohup) stays ignored.
    """
    caught = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _hang_up if number == signal.SIGHUP else _end) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hang_up(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGTERM)


def _end(number: int, _frame: FrameType | None) -> None:
    for other in SIGNALS:  # a second Ctrl-C must not interrupt the stop of PostgreSQL, which has its own limit
        signal.signal(other, signal.SIG_IGN)
    raise Ended(128 + number)


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Inside, SIGINT is blocked. Processes that are started inherit that, and never receive one.

    A terminal sends Ctrl-C to the workers as well, and one that is still importing would print a traceback. They do not
    need it: the supervisor gets the same Ctrl-C and sends them SIGTERM.
    """
    resource_tracker.ensure_running()  # multiprocessing's helper: its first start unblocks the signal again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
