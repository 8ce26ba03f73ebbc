"""Rules about a revision's file as a whole: what it says, what it needs, and whether there is a way back."""

import re
from collections.abc import Iterator, Sequence

from crossdock.migrations.lint.finding import Finding, Problem
from crossdock.migrations.lint.reading import Reading
from crossdock.migrations.lint.use import unprotected_tables
from crossdock.migrations.revision import Revision

NOT_READABLE = "not-readable"
NO_WAY_BACK = "no-way-back"
SAYS_NOTHING = re.compile(r"$|Revision ID:|Revises:|empty message$")
"""What the tools write there when nobody says anything."""


def needs(revision: Revision, revisions: Sequence[Revision]) -> Iterator[Problem]:
    """The plan cannot be made: nothing runs at all."""
    for name in revision.needs:
        found = [other for other in revisions if other.is_called(name) and other is not revision]
        if len(found) != 1 or ":" not in name:
            yield Problem(
                f"It needs {name}, which is no revision here: no plan can be made.",
                'Write NEEDS as the chain and the name or number, as in ("aerich:2",).',
            )


def docstring(reading: Reading, *, is_first: bool) -> Iterator[Problem]:
    """Whoever reads the plan at night does not learn what this one is for."""
    if not is_first and SAYS_NOTHING.match(reading.revision.summary):
        yield Problem(
            "Its docstring says nothing: who reads the plan at night does not learn what it is for.",
            "Open the file with a sentence that says what it does to which table.",
        )


def readable(reading: Reading) -> Iterator[Problem]:
    """Its SQL is not known before it runs: neither the plan nor the lint can tell what it locks."""
    if reading.up.trouble is not None:
        yield Problem(
            f"Its SQL cannot be read: {reading.up.trouble}",
            "Write plain statements; split what has to ask the database off, into a revision of its own.",
        )


def way_back(reading: Reading) -> Iterator[Problem]:
    """When the deployment goes wrong, this one cannot be undone."""
    rewrite = "Write the downgrade as plain statements that undo it."
    if reading.down.trouble is not None:
        yield Problem(f"There is no way back that can be read: {reading.down.trouble}", rewrite)
    elif reading.up.placed and not reading.down.placed:
        yield Problem("It changes something, and its downgrade does nothing.", rewrite)


def protection(reading: Reading, following: Reading | None) -> Iterator[Problem]:
    """A table without row level security: every tenant with a grant reads every other tenant's rows."""
    placed = following.up.placed if following is not None else ()
    yield from unprotected_tables(reading.up.placed, placed)


def stale(revision: Revision, silenced: set[str], known: Sequence[str]) -> Iterator[Finding]:
    """A reason for nothing: the next reader takes it for one that was thought through."""
    for rule in revision.safe:
        if rule not in silenced:
            what = "silences nothing: this revision does not break it" if rule in known else "names no rule of the lint"
            rewrite = "Take it out of SAFE." if rule in known else f"The rules are {', '.join(sorted(known))}."
            yield Finding(revision.key, "stale-safe", f'SAFE["{rule}"] {what}.', rewrite, may_be_safe=False)
