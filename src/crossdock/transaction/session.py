"""SQLAlchemy's session inside a unit of work."""

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction


class UnitSession(Session):
    """Its savepoints begin at once. Left to itself a session sends SAVEPOINT before its own next statement, and what
    Tortoise or the driver wrote by then would not be undone with it."""


@event.listens_for(UnitSession, "after_transaction_create")
def _begin_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if not transaction.nested:
        return
    try:
        session.connection()
    except BaseException:
        transaction.close()  # it never began: the session would go back to it
        raise
