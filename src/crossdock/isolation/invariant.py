"""One thing that must hold in the database, as a question to PostgreSQL's catalogue."""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """WEAKNESS: the service works, and one fault of it would reach further. FAULT: the policies can be bypassed, or
    soon can be. BREACH: row level security does not hold, and the service does not start."""

    WEAKNESS = 1
    FAULT = 2
    BREACH = 3


@dataclass(frozen=True, slots=True)
class Invariant:
    """`question` is a SELECT over the tables of `given.sql`; each of its rows is a place where the invariant does not
    hold. `wrong` and `remedy` have the names of its columns in braces. Identifiers come as SQL quotes them.

    `is_in_rules`: the models and rules say it too, so `crossdock schema check` finds it without this.
    """

    name: str
    severity: Severity
    question: str
    wrong: str
    remedy: str
    is_in_rules: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold in one place."""

    invariant: Invariant
    wrong: str
    remedy: str

    @property
    def line(self) -> str:
        return f"{self.wrong}. {self.remedy}"
