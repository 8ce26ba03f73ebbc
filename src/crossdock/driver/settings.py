"""asyncpg, the driver underneath both ORMs: what is used of it, and how it is configured."""

from dataclasses import dataclass
from typing import Any, Protocol

from asyncpg import Connection, InvalidParameterValueError


class Driver(Protocol):
    """What is used of asyncpg's connection."""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str: ...
    async def executemany(self, command: str, args: Any) -> None: ...
    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    def get_server_pid(self) -> int: ...
    def is_in_transaction(self) -> bool: ...
    def is_closed(self) -> bool: ...
    def terminate(self) -> None: ...
    def add_query_logger(self, callback: Any) -> None: ...
    def remove_query_logger(self, callback: Any) -> None: ...


@dataclass(slots=True)
class DriverSettings:
    """`prepared_statements` may be turned off before the first connection, when it is known what stands in between.
    `command_timeout_s` is for a server that does not answer at all: its own limits come first.

    `session_sql` is run once in each session that stays ours, None to take no session for ours.
    """

    prepared_statements: bool
    command_timeout_s: float
    session_sql: str | None

    def asyncpg(self) -> dict[str, Any]:
        """Arguments of `asyncpg.connect`."""
        arguments: dict[str, Any] = {"command_timeout": self.command_timeout_s}
        if not self.prepared_statements:
            arguments["statement_cache_size"] = 0
        return arguments

    async def prepare_session(self, driver: Connection) -> bool:
        """Whether what is set in this session stays ours; if so, it has the limits from now on.

        A pooler gives its client a key of its own for cancelling, so the process that it names is not the one that
        answers. One that pools sessions is taken for one that pools transactions, which is slower and safe.
        """
        if self.session_sql is None:
            return False
        try:
            if await driver.fetchval("SELECT pg_backend_pid()") != driver.get_server_pid():
                return False
            await driver.execute(self.session_sql)
        except InvalidParameterValueError:
            return False  # no `migrate up` has made the roles yet: each transaction takes its own, once they are there
        except BaseException:
            driver.terminate()  # nobody has it yet, so nobody else would
            raise
        return True
