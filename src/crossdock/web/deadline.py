"""How long a request may take."""

import asyncio

from crossdock.errors import Unavailable


class TooSlow(Unavailable):
    """The request took longer than its limit and was given up: read before you send it again.

    With an Idempotency-Key, send it again with the same one: it is done once, and answered as it was.
    """


class ServiceEnding(Unavailable):
    """The service is being ended and this request was given up: read before you send it again.

    With an Idempotency-Key, send it again with the same one: it is done once, and answered as it was.
    """


class Deadline:
    """Cancels a block that lasts too long, and raises TooSlow. `asyncio.timeout` can do more, and costs each request
    more (ADR 0022)."""

    __slots__ = ("_is_over", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_over = False

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(loop)
        self._timer = loop.call_later(self._seconds, self._end)

    def _end(self) -> None:
        assert self._task is not None
        self._is_over = True
        self._task.cancel()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._timer.cancel()
        if self._is_over:
            assert self._task is not None
            # Above 0, somebody else cancels the task too, and their cancellation has to go on.
            is_ours_alone = self._task.uncancel() == 0
            if is_ours_alone and isinstance(error, asyncio.CancelledError):
                raise TooSlow from error
