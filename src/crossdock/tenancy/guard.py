"""A question that PostgreSQL is asked in each unit of work of a scope, in a round trip that is made anyhow.

Whoever acts for a tenant was let in some time ago, perhaps by another process. Their right to it is asked again at the
last moment, on the connection that does the work: what has been taken from them counts at once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

REFUSED = "CD401"
"""The SQLSTATE with which a guard's function says no. Class CD is nobody's: the standard leaves it to others."""


@dataclass(slots=True, eq=False)
class Guard:
    """`function(arguments)` of the database: it returns true, or raises REFUSED. `passed`: it was asked."""

    function: str
    arguments: tuple[UUID | str | datetime, ...]
    passed: bool = False
