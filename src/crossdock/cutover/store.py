"""Stores that stand in the place of one that answers, and see to it that its calls are compared."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from crossdock.cutover.comparison import Call
from crossdock.transaction.stores import Choice

Run = Callable[[Call, Any], Awaitable[Any]]
"""Is given a call and the store that is served, and does what the store's method would."""


class ComparedStore:
    """Has the methods of a store, each of which is run by `run`."""

    __slots__ = ("_choice", "_run", "_served", "_unit")

    def __init__(self, choice: Choice, unit: Any, served: Any, run: Run) -> None:
        self._choice = choice
        self._unit = unit
        self._served = served
        self._run = run

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._served, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def compared(*arguments: Any, **named: Any) -> Any:
            return await self._run(Call(self._choice, self._unit.scope, name, arguments, named), self._served)

        return compared
