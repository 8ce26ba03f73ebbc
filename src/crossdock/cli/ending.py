"""How a command is told to end: Ctrl-C, SIGTERM and a closed terminal all leave through the same door."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(SystemExit):
    """Raised where the signal found us, so that every `with` is left in order. Its code is what a shell expects."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside, a signal raises Ended.

    uvicorn catches the first two itself while it serves, and sends them again when it has finished; a closed terminal
    is told to it as SIGTERM. What was ignored at the start (SIGHUP under nohup) stays so.
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
    """Inside, a Ctrl-C waits, and processes that are started never see one: they inherit the blocked signal.

    A terminal sends Ctrl-C to the workers too, and one that is still importing would print a traceback. No worker needs
    it: the supervisor gets the same Ctrl-C and sends SIGTERM.
    """
    resource_tracker.ensure_running()  # multiprocessing's helper: its first start unblocks the signal again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
