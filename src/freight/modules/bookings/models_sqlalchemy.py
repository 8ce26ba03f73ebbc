"""Bookings and their history, in SQLAlchemy: the same tables, indexes and names that Tortoise made."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Double, Enum, ForeignKey, Index, PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from crossdock.models.base import Base, Keyed
from crossdock.models.foreign import foreign_table
from freight.modules.bookings.store import BookingStatus, Equipment

# A name that Tortoise or PostgreSQL chose is spelled out: by our own convention alembic would make the thing anew. The
# comments are Tortoise's too, the docstring for the table and the words for an enum. The checks are in rules.sql with
# the policies, for the models of both ORMs: said here as well, they would be made twice.
foreign_table(Base.metadata, "companies")

Word = TypeVar("Word", bound=StrEnum)


def _words(words: type[Word]) -> MappedColumn[Word]:
    """A varchar that holds an enum's values, with the comment that Tortoise's CharEnumField makes."""
    kind = Enum(words, native_enum=False, length=20, values_callable=lambda enum: [word.value for word in enum])
    return mapped_column(kind, comment="\n".join(f"{word.name}: {word.value}" for word in words))


class Booking(Keyed, Base):
    """A load that a shipper wants carried. `carrier_id` and `awarded_bid_id` are set while it is awarded or later."""

    __tablename__ = "bookings"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="bookings_pkey"),
        Index("idx_bookings_company_0e75f9", "company_id", "id"),
        Index("idx_bookings_company_a7717f", "company_id", "status", "id"),
        Index("idx_bookings_carrier_e0b226", "carrier_id", "id"),
        Index("idx_bookings_carrier_ac8acb", "carrier_id", "status", "id"),
        Index("idx_bookings_status_0362eb", "status", "id"),
        Index("idx_bookings_status_865ffd", "status", "pickup_ready_at"),
        {"comment": __doc__},
    )

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[BookingStatus] = _words(BookingStatus)
    pickup_address: Mapped[str] = mapped_column(String(300))
    pickup_lat: Mapped[float] = mapped_column(Double)
    pickup_lon: Mapped[float] = mapped_column(Double)
    pickup_ready_at: Mapped[datetime]
    dropoff_address: Mapped[str] = mapped_column(String(300))
    dropoff_lat: Mapped[float] = mapped_column(Double)
    dropoff_lon: Mapped[float] = mapped_column(Double)
    dropoff_due_at: Mapped[datetime]
    weight_kg: Mapped[int]
    equipment: Mapped[Equipment] = _words(Equipment)
    price_ceiling_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    awarded_bid_id: Mapped[UUID | None]
    carrier_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("companies.id", name="bookings_carrier_id_fkey", ondelete="RESTRICT")
    )
    company_id: Mapped[UUID] = mapped_column(
        ForeignKey("companies.id", name="bookings_company_id_fkey", ondelete="RESTRICT")
    )


class BookingHistory(Keyed, Base):
    """A booking's state change: who, when, from, to, why."""

    __tablename__ = "booking_history"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="booking_history_pkey"),
        Index("idx_booking_his_booking_8750e5", "booking_id", "id"),
        {"comment": __doc__},
    )

    created_at: Mapped[datetime]
    from_status: Mapped[BookingStatus | None] = _words(BookingStatus)
    to_status: Mapped[BookingStatus] = _words(BookingStatus)
    actor_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    booking_id: Mapped[UUID] = mapped_column(
        ForeignKey("bookings.id", name="booking_history_booking_id_fkey", ondelete="RESTRICT")
    )
    company_id: Mapped[UUID] = mapped_column(
        ForeignKey("companies.id", name="booking_history_company_id_fkey", ondelete="RESTRICT")
    )
