"""What both ORMs tell asyncpg, the driver underneath."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DriverSettings:
    """`command_timeout_s` is for a server that does not answer at all: its own limits come first."""

    prepared_statements: bool
    command_timeout_s: float

    def asyncpg(self) -> dict[str, Any]:
        """Arguments of `asyncpg.connect`."""
        arguments: dict[str, Any] = {"command_timeout": self.command_timeout_s}
        if not self.prepared_statements:
            arguments["statement_cache_size"] = 0
        return arguments
