"""A generated file: its first line says what wrote it and has a hash of the rest, so that an edit by hand is seen."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from crossdock.errors import ConfigurationError

MARK = "# Written by `crossdock schema sync`. Change {source} and run it again. Hash of the rest: {hash}\n"
MARKED = re.compile(r"# Written by `crossdock schema sync`\..*: ([0-9a-f]{16})\n")


class ChangedByHand(ConfigurationError):
    """A file that is to be written was written, or changed, by a person."""


@dataclass(frozen=True, slots=True)
class Generated:
    """What is to be written, and where."""

    path: Path
    text: str

    @classmethod
    def of(cls, path: Path, source: str, rest: str) -> "Generated":
        return cls(path, MARK.format(source=source, hash=_hash(rest)) + rest)

    @property
    def is_there(self) -> bool:
        """Already, to the letter."""
        return self.path.is_file() and self.path.read_text(encoding="utf-8") == self.text

    def check(self) -> None:
        """Raises ChangedByHand where writing would lose what somebody wrote."""
        if not self.path.is_file():
            return
        there = self.path.read_text(encoding="utf-8")
        found = MARKED.match(there)
        if found is None:
            raise ChangedByHand(f"{self.path} was written by hand: --force replaces it.")
        if found[1] != _hash(there[found.end() :]):
            raise ChangedByHand(f"{self.path} was changed by hand after it was generated: --force replaces it.")

    def write(self) -> None:
        self.path.write_text(self.text, encoding="utf-8")


def _hash(rest: str) -> str:
    return hashlib.sha256(rest.encode()).hexdigest()[:16]
