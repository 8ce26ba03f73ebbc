"""A revision of any chain, as its file says, before anything is run."""

import ast
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from crossdock.errors import Invalid, NotFound
from crossdock.migrations.names import spelled

PLACE = frozenset({"SAFE", "NEEDS", "MODELS_STATE", "revision", "down_revision", "branch_labels", "depends_on"})
"""What a file says of its place, and what is written anew for another place."""


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class BrokenChain(Invalid):
    """The files of a chain do not make a chain."""


class NoSuchRevision(NotFound):
    """No file of either chain has this name."""


@dataclass(frozen=True)
class Revision:
    """`needs` are revisions that must be there first, of either chain, as in `aerich:2`; `safe` says, by the name of a
    lint rule, why it does not apply; `handed_over`: table → the chain that takes it over.

    `stands_alone`: each statement commits by itself, since PostgreSQL refuses it inside a transaction
    (`RUN_IN_TRANSACTION = False` in the file). Every other revision is all or nothing.
    """

    chain: str
    name: str
    path: Path
    summary: str
    tool: str = ""
    needs: tuple[str, ...] = ()
    safe: Mapping[str, str] = field(default_factory=dict)
    handed_over: Mapping[str, str] = field(default_factory=dict)
    stands_alone: bool = False

    @property
    def key(self) -> str:
        """`aerich:2_20261121060000_words.py`, `alembic:0002`."""
        return f"{self.chain}:{self.name}"

    @property
    def number(self) -> str:
        """What people call it: the digits at its head."""
        return self.name.partition("_")[0]

    @cached_property
    def checksum(self) -> str:
        """Of what it runs, to tell one that was changed after it ran: docstring, `SAFE` and comments do not count."""
        return hashlib.sha256(what_runs(self.path.read_text(encoding="utf-8")).encode()).hexdigest()[:16]

    @cached_property
    def body(self) -> str:
        """Of what it does, without its place in the chain: the same when it is renumbered after a merge."""
        text = what_runs(self.path.read_text(encoding="utf-8"), without=PLACE)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def is_called(self, name: str) -> bool:
        """`aerich:2` and `aerich:2_words.py`; without the chain too, for whoever searches both."""
        chain, _, rest = spelled(name).rpartition(":")
        return chain in ("", self.chain) and rest in (self.name, self.number, self.name.removesuffix(".py"))


def what_runs(source: str, without: Collection[str] = ("SAFE",)) -> str:
    """The lines that are left without the docstring, comments, blank lines and what is assigned to these names."""
    tree = ast.parse(source)
    left_out = [node for node in tree.body if _is_left_out(node, without)]
    spans = {line for node in left_out for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    lines = (line.rstrip() for number, line in enumerate(source.splitlines(), 1) if number not in spans)
    return "\n".join(line for line in lines if line and not line.startswith("#"))


def _is_left_out(node: ast.stmt, names: Collection[str]) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


def find(revisions: Sequence[Revision], name: str) -> Revision:
    """The one revision that is called so. Raises NoSuchRevision, saying which there are."""
    found = [revision for revision in revisions if revision.is_called(name)]
    if len(found) == 1:
        return found[0]
    keys = ", ".join(revision.key for revision in found or revisions) or "none"
    said = "is the name of more than one revision" if found else "is no revision of this release"
    raise NoSuchRevision(f"{name} {said}: {keys}.")
