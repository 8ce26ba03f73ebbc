"""What the guards find. Each finding is an error, by whose class it is also allowed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from crossdock.errors import ProgrammingError


class Finding(ProgrammingError):
    """The code does at the border of the ORMs what it should not."""


class NestedUnitOfWork(Finding):
    """Each holds a connection: under load all requests hold their first one and wait for their second.

    Do both in one unit of work, or end the first one before the second begins.
    """


class OrmObjectLeftStore(Finding):
    """What uses it depends on the ORM, and on a unit of work that is still open.

    Return a row or a document.
    """


class QueryPerRow(Finding):
    """It is a query for each row, where one query could serve all of them.

    Ask for all rows in one statement, before the loop.
    """


class SessionFeatureUsed(Finding):
    """It lasts longer than the transaction: behind a transaction pooler it is lost, or another client has it.

    Use what ends with the transaction (SET LOCAL, pg_advisory_xact_lock), or a connection of the direct lane.
    """


_allowed: ContextVar[frozenset[type[Finding]]] = ContextVar("allowed findings", default=frozenset())


@contextmanager
def allow(kind: type[Finding], because: str) -> Iterator[None]:
    """In the block, and in the tasks that it starts, this kind is no finding. `because` is for who reads the code.

    Raises ProgrammingError where no reason is given.
    """
    if not because.strip():
        raise ProgrammingError(f"Say why it is right here: allow({kind.__name__}, because=...).")
    token = _allowed.set(_allowed.get() | {kind})
    try:
        yield
    finally:
        _allowed.reset(token)


def is_allowed(kind: type[Finding]) -> bool:
    """Whether a block around allows it."""
    return kind in _allowed.get()
