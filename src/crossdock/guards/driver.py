"""The driver's connection in a unit of work that is watched."""

from collections.abc import Callable
from typing import Any

SENDING = frozenset(("execute", "executemany", "fetch", "fetchmany", "fetchrow", "fetchval", "prepare", "cursor"))
"""The methods whose first argument is a statement."""


class WatchedDriver:
    """Everything that the connection is. `sending` sees each statement before it is sent."""

    def __init__(self, driver: Any, sending: Callable[[str], None]) -> None:
        self._driver = driver
        self._sending = sending

    def __repr__(self) -> str:
        return f"<watched {self._driver!r}>"

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._driver, name)
        if name not in SENDING:
            return value

        def seen(sql: str, *args: Any, **options: Any) -> Any:
            self._sending(sql)
            return value(sql, *args, **options)

        return seen
