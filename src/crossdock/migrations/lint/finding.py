"""What the lint finds: a danger, where it is, and how to write it safely."""

from dataclasses import dataclass

from crossdock.migrations.revision import Revision

REASON_MIN = 10
"""Characters of a reason in SAFE: "ok" is no reason."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What would happen in production, and the safe rewrite."""

    what: str
    rewrite: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`statement` is the first line of what is at fault, None for the file as a whole; `number` counts from 1.
    `may_be_safe`: SAFE can say why it does not apply."""

    revision: str
    rule: str
    what: str
    rewrite: str
    statement: str | None = None
    number: int | None = None
    may_be_safe: bool = True

    @property
    def place(self) -> str:
        where = "" if self.number is None else f", statement {self.number} ({self.statement})"
        return f"{self.revision}{where}"

    @property
    def line(self) -> str:
        """All of it in one line."""
        return f"{self.place}: {self.rule}: {self.what} {self.advice}"

    @property
    def advice(self) -> str:
        """The rewrite, and how to answer for what is written."""
        if not self.may_be_safe:
            return self.rewrite
        return f'{self.rewrite} Or say why it is safe: SAFE = {{"{self.rule}": "..."}}.'


def has_reason(revision: Revision, rule: str) -> bool:
    return len(revision.safe.get(rule, "").strip()) >= REASON_MIN
