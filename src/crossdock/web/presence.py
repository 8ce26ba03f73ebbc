"""Whether the client still waits for its answer."""

import asyncio
from collections.abc import Awaitable, Callable

LOOKED_AFTER_S = 0.1
"""How long after its start a request is looked after. That takes a task, and most requests have ended by then."""


class ClientGone(Exception):
    """The connection was closed before the answer had begun: there is nobody to send it to."""


class Presence:
    """Ends a block when the client has closed its connection, and raises ClientGone.

    The block is cancelled, as `Deadline` does: its unit of work is rolled back, and its database connection is free
    again. A COMMIT that was sent is waited for; the cancellation takes effect after it.
    """

    __slots__ = ("_gone", "_is_gone", "_looking", "_may_look", "_task", "_timer")

    def __init__(self, gone: Callable[[], Awaitable[None]], may_look: Callable[[], bool]) -> None:
        """`gone` waits for the end of the client's connection. While `may_look` is False the body is still being read;
        whoever reads it notices the end by itself."""
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
            # A cancelled task keeps its frames, and those refer to this object: a circle for the garbage collector.
            self._looking = None
        if self._is_gone:
            assert self._task is not None
            # Above 0, somebody else cancels the task too, and their cancellation has to go on.
            is_ours_alone = self._task.uncancel() == 0
            if is_ours_alone and isinstance(error, asyncio.CancelledError):
                raise ClientGone from error
