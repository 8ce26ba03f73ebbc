"""A question that PostgreSQL is asked in each unit of work of a scope, in a round trip that is paid anyhow.

Whoever acts for a company was let in some time ago, perhaps by another process. Their right to it is asked again at the
last moment, on the connection that does the work: what has been taken from them counts at once.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

REFUSED = "CD401"
"""The SQLSTATE with which a guard's function says no. Class CD is nobody's: the standard leaves it to others."""

Argument = UUID | str | datetime


@dataclass(slots=True, eq=False)
class Guard:
    """`function(arguments)` of the database: it returns, or raises REFUSED. `passed` tells whether it was asked."""

    function: str
    arguments: tuple[Argument, ...]
    passed: bool = False

    def statement(self) -> str:
        """As a statement with parameters."""
        return f"SELECT {self.function}({_parameters(0, len(self.arguments))})"

    def around(self, sql: str, given: int) -> str:
        """Another statement with the question in it, asked where it finds a row; its `given` parameters come first."""
        return _around(sql, self.function, given, len(self.arguments))


@lru_cache(maxsize=1024)
def _around(sql: str, function: str, given: int, asked: int) -> str:
    return f"SELECT answer.*, {function}({_parameters(given, asked)}) FROM ({sql}) AS answer"  # noqa: S608  names and numbers of ours


def _parameters(first: int, count: int) -> str:
    return ", ".join(f"${first + number}" for number in range(1, count + 1))
