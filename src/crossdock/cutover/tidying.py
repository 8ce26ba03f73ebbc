"""Drops the triggers that a module leaves where it steps back by itself: an operator may be asleep until morning."""

import time

import asyncpg
import structlog

from crossdock.config.settings import Settings
from crossdock.cutover import triggers
from crossdock.cutover.changes import StateChanged
from crossdock.cutover.direct import on_direct_lane
from crossdock.cutover.stepping import BY
from crossdock.errors import CrossdockError
from crossdock.registry import Registry
from crossdock.stages import Stages

log = structlog.get_logger(__name__)

RETRY_S = 60.0
"""After a table could not be locked: each try makes the traffic of that table wait for a moment."""
ADVICE = "They do nothing. The next step that an operator takes drops them."


class Tidying:
    """Of one process. Every process hears of the step back, and the first one that comes to it drops them.

    The process that took the step may have ended since, so it is the state that says whether there is something to do:
    a module's last step was taken by nobody, and no module is rehearsed.
    """

    def __init__(self, settings: Settings, registry: Registry, stages: Stages) -> None:
        self._settings = settings
        self._registry = registry
        self._stages = stages
        self._done: set[tuple[str, int]] = set()
        self._not_before = 0.0

    async def tick(self) -> None:
        """Does what is to be done, if anything. Never raises for what prevents it."""
        states = [self._stages.of(module.name) for module in self._registry]
        left = {(state.module, state.version) for state in states if state.changed_by == BY} - self._done
        if not left or time.monotonic() < self._not_before or any(state.is_rehearsed for state in states):
            return
        try:
            await self._drop()
            self._done |= left
        except StateChanged:
            self._not_before = time.monotonic() + RETRY_S  # another process does it, or an operator
        except asyncpg.InsufficientPrivilegeError as error:
            self._done |= left  # it will not be allowed the next time either
            log.warning("triggers_left", why=str(error), advice=ADVICE)
        except (CrossdockError, asyncpg.PostgresError, OSError) as error:
            self._not_before = time.monotonic() + RETRY_S
            log.warning("triggers_left", why=str(error), advice=f"They do nothing. Tried again in {RETRY_S:g} s.")

    async def _drop(self) -> None:
        async with on_direct_lane(self._settings) as connection, triggers.alone(connection):
            await triggers.drop_unless_needed(connection)
