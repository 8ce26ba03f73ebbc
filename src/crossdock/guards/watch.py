"""What is known of one unit of work that is watched: where it began, and what it has sent."""

import weakref
from collections import Counter, deque
from contextvars import ContextVar, Token
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.guards.driver import WatchedDriver
from crossdock.guards.findings import Finding, QueryPerRow, SessionFeatureUsed
from crossdock.guards.places import Place, Places, here
from crossdock.guards.reporting import Reporting, Sent
from crossdock.guards.store import WatchedStore

LAST_KEPT = 5
COUNTED_MAX = 1_000
"""How many different statements of a unit are counted."""

held: ContextVar["Watch | None"] = ContextVar("watched unit of work", default=None)
"""That of the unit of work that this task works in. A task that it starts works in it too."""


class Watch:
    """Of one unit of work. It sees the statements of both ORMs before they are sent, and never their parameters."""

    def __init__(self, reporting: Reporting, pool: str, repeats_max: int) -> None:
        self._reporting = reporting
        self._repeats_max = repeats_max
        self.sent: deque[Sent] = deque(maxlen=LAST_KEPT)
        self._times: Counter[tuple[int, Place | None]] = Counter()
        self._batch: weakref.ref[Any] | None = None
        self._token: Token[Watch | None] | None = None
        self.pool = pool
        self.places: Places = here()

    @property
    def is_open(self) -> bool:
        """Whether its unit of work holds a connection."""
        return self._token is not None

    def begin(self) -> None:
        """From now on the unit holds a connection. Call `end` in the same task."""
        self._token = held.set(self)

    def end(self) -> None:
        """The unit's block has ended."""
        if self._token is not None:
            held.reset(self._token)
            self._token = None

    def driver(self, driver: Any) -> Any:
        """The driver of the unit, for statements that are seen here."""
        return WatchedDriver(driver, self.sending)

    def listen(self, connection: AsyncConnection) -> None:
        """Sees what SQLAlchemy sends on a connection of the unit."""
        event.listen(connection.sync_connection, "before_cursor_execute", self._sqlalchemy_sends)

    def store(self, store: Any) -> Any:
        """A store of the unit, whose answers are looked at."""
        return WatchedStore(store, self._found)

    def sending(self, sql: str, *, counts: bool = True) -> None:
        """Before a statement is sent: where a finding is raised, it is not. A statement that does not count goes with
        one before it, as the next part of a long list of rows."""
        from crossdock.sql.session import session_feature  # not above: it brings PostgreSQL's parser

        places = here() or self.places  # the end of a unit may be sent by a task of its own
        self.sent.append((sql, places))
        if feature := session_feature(sql):
            self._found(SessionFeatureUsed, f"{feature} on the pool '{self.pool}'", places)
        if counts and self._is_one_too_many(sql, places):
            self._found(QueryPerRow, f"One line sent a statement more than {self._repeats_max} times", places)

    def _is_one_too_many(self, sql: str, places: Places) -> bool:
        # The hash, not the text: a unit may send many, and long ones.
        key = hash(sql), places[0] if places else None
        if key not in self._times and len(self._times) >= COUNTED_MAX:
            return False
        self._times[key] += 1
        return self._times[key] == self._repeats_max + 1

    def _sqlalchemy_sends(self, _: Any, __: Any, sql: str, ___: Any, context: Any, ____: Any) -> None:
        # SQLAlchemy cuts a long list of rows into several statements, of one context. It is held weakly: it refers to
        # the connection, which refers to this.
        is_next_part = self._batch is not None and self._batch() is context
        self._batch = weakref.ref(context)
        self.sending(sql, counts=not is_next_part)

    def _found(self, kind: type[Finding], what: str, places: Places) -> None:
        self._reporting.found(kind, what, places, self.sent)
