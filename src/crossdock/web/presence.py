"""Whether the client still waits for its answer."""

import asyncio
from collections.abc import Awaitable, Callable

LOOKED_AFTER_S = 0.1
"""Looking costs a task, and most requests are over by then."""


class ClientGone(Exception):
    """The connection was closed before the answer had begun: there is nobody to send it to."""


class Presence:
    """Ends a block whose client has closed the connection, and raises ClientGone in its place.

    The block is cancelled, as by the limit of time: its unit of work is rolled back and its connection is free. A
    COMMIT that is under way is not cut short: it ends, and then the block does.
    """

    __slots__ = ("_gone", "_is_gone", "_looking", "_may_look", "_task", "_timer")

    def __init__(self, gone: Callable[[], Awaitable[None]], may_look: Callable[[], bool]) -> None:
        """`gone` waits for the end of the connection. While `may_look` is False the body is still being read, and who
        reads it finds that out."""
        self._gone, self._may_look = gone, may_look
        self._looking: asyncio.Task[None] | None = None
        self._is_gone = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._wait()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOKED_AFTER_S, self._begin)

    def _begin(self) -> None:
        if self._may_look():
            self._looking = asyncio.get_running_loop().create_task(self._look())
        else:
            self._wait()

    async def _look(self) -> None:
        await self._gone()
        assert self._task is not None
        self._is_gone = True
        self._task.cancel()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None  # a task that was cancelled keeps its frames, and those lead back to here
        if self._is_gone:
            assert self._task is not None
            is_ours_alone = self._task.uncancel() == 0
            if is_ours_alone and isinstance(error, asyncio.CancelledError):
                raise ClientGone from error
