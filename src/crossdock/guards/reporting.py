"""What becomes of a finding: it is raised, or it is logged once for each line of code."""

from collections import Counter
from collections.abc import Iterable

import structlog

from crossdock.guards.findings import Finding, is_allowed
from crossdock.guards.places import Places, written

log = structlog.get_logger(__name__)

LOGGED_MAX = 1_000
"""How many lines of code one process reports, each of them once."""
TEXT_MAX = 300
PARSED_MAX = 20_000
"""A longer statement is not shown."""

Sent = tuple[str, Places]
"""A statement, and the lines that it came from."""


class Reporting:
    """Of one process. `raises`: a finding stops the code that is at fault."""

    def __init__(self, *, raises: bool) -> None:
        self._raises = raises
        self._logged: set[tuple[type[Finding], Places]] = set()
        self.counts: Counter[type[Finding]] = Counter()
        """Each one that was not allowed, logged before or not."""

    def found(self, kind: type[Finding], what: str, places: Places, last: Iterable[Sent] = ()) -> None:
        """Raises the finding, or logs it. `last` are the unit's last statements, in their order."""
        if is_allowed(kind):
            return
        self.counts[kind] += 1
        key = kind, places[:1]
        if key in self._logged:
            return
        finding = kind(f"{what}: {written(places)}. {kind.meaning()} {kind.remedy()}{last_statements(last)}")
        if self._raises:
            raise finding
        if len(self._logged) < LOGGED_MAX:
            self._logged.add(key)
            log.warning("guard", found=finding.code, message=str(finding))


def last_statements(sent: Iterable[Sent]) -> str:
    """For the end of a message; empty where there are none."""
    lines = [f"\n  {shown(sql)} -- {written(places[:1])}" for sql, places in sent]
    return "".join(["\nThe last statements of the unit of work:", *lines] if lines else [])


def shown(sql: str) -> str:
    """A statement as one line of bounded length. Constants become parameters: what they say is not for the log."""
    import postgast  # not above: a process that watches nothing does without

    if len(sql) > PARSED_MAX:
        return f"a statement of {len(sql)} characters"
    try:
        text = " ".join(postgast.normalize(sql).split())
    except postgast.PgQueryError:
        return f"{len(sql)} characters that are no SQL"
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 3] + "..."
