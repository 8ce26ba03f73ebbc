"""The events of bookings, which are written to the outbox."""

from dataclasses import dataclass
from typing import ClassVar

from crossdock.events import Event
from freight.modules.bookings.store import BookingStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingCreated(Event):
    type: ClassVar[str] = "bookings.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingChanged(Event):
    type: ClassVar[str] = "bookings.changed"
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingMoved(Event):
    """A booking changed its state: the same facts as one row of its history."""

    type: ClassVar[str] = "bookings.moved"
    from_status: BookingStatus
    to_status: BookingStatus
    reason: str | None
