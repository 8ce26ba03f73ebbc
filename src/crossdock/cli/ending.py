"""How the service is told to end: Ctrl-C, SIGTERM and a closed terminal all leave through the same door."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside, a signal raises SystemExit(0), so that every `with` is left in order and PostgreSQL is stopped.

    uvicorn catches the first two itself while it serves, and sends them again when it has finished. What was ignored at
    the start (SIGHUP under nohup) stays ignored.
    """
    caught = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _end) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:  # a second Ctrl-C must not interrupt the stop of PostgreSQL, which has its own limit
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)
