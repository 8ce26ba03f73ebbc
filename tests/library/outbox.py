"""The outbox, to add to, and as a mapped class for tests of the session."""

from sqlalchemy.orm import DeclarativeBase

from crossdock.models.tables import OwnTables
from crossdock.transaction.appending import Appending
from tests.application import FREIGHT

OUTBOX_TABLE = OwnTables.of(FREIGHT).outbox
OUTBOX = Appending(OUTBOX_TABLE)


class _Mapped(DeclarativeBase):
    metadata = OUTBOX_TABLE.metadata


class OutboxEntry(_Mapped):
    """An event."""

    __table__ = OUTBOX_TABLE
