"""What a revision's function gives when it is called without a database: its SQL, or why there is none."""

from contextlib import suppress
from typing import NoReturn

from alembic.util.exc import CommandError
from sqlalchemy.engine.mock import MockConnection

from crossdock.migrations.revision import BrokenChain, Direction, Revision
from crossdock.sql.statement import NotSql, statements

ENDS = {"commit", "rollback", "begin"}
"""Verbs of a connection that end the runner's transaction, or begin one inside it."""


class Unreadable(BrokenChain):
    """The function of a revision raises, or gives what is no SQL."""


def asks(revision: Revision, direction: Direction, error: Exception) -> None:
    """Nothing where it used the connection, of which there is none here. Raises Unreadable for all else."""
    is_used = isinstance(error, AttributeError) and (error.obj is None or isinstance(error.obj, MockConnection))
    if is_used and getattr(error, "name", None) in ENDS:
        refuse_end(revision, direction, f"calls {getattr(error, 'name', '')}() on the connection")
    if not is_used and "NoneType" not in str(error):
        _refuse(revision, direction, _why(error))


def _why(error: Exception) -> str:
    if isinstance(error, CommandError) and "batch mode" in str(error):
        return (
            'copies the table (batch_alter_table(recreate="always")), and its policies, grants and triggers, and the'
            ' keys that point at it, are not copied: say recreate="never".'
        )
    said = f": {error}" if str(error) else ""
    return f"raises {type(error).__name__}{said.rstrip('.')}. What is not possible can be neither run nor shown."


def refuse_end(revision: Revision, direction: Direction, what: str) -> NoReturn:
    """A revision may not end the transaction that it runs in: what it did before would stay when the rest fails."""
    _refuse(
        revision,
        direction,
        f"{what}, and the runner makes and ends the transaction: take that out. What has to"
        " commit by itself goes into `with op.get_context().autocommit_block():`, in a file that says"
        " RUN_IN_TRANSACTION = False.",
    )


def refuse_end_in(revision: Revision, direction: Direction, sql: str) -> None:
    """The same where it says so in SQL. The parser need not know all that the server does."""
    if revision.stands_alone:
        return
    with suppress(NotSql):
        for statement in statements(sql):
            if statement.ends_transaction:
                refuse_end(revision, direction, f"sends {statement.summary}")


def _refuse(revision: Revision, direction: Direction, what: str) -> NoReturn:
    raise Unreadable(f"{revision.key} {direction.value} {what}")


def as_sql(revision: Revision, direction: Direction, given: object) -> str:
    """aerich runs what the function returns. Raises Unreadable when that is no text."""
    if not isinstance(given, str):
        verb = "upgrade" if direction is Direction.UP else "downgrade"
        _refuse(
            revision,
            direction,
            f"gives no SQL: {verb}() returns {type(given).__name__}, and aerich runs what it returns. Return the"
            ' statements as one text, "" for none.',
        )
    return given
