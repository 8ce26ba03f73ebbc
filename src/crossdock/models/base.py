"""The declarative base of every SQLAlchemy model: one metadata, names spelled by convention."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crossdock.ids import new_id
from crossdock.models.foreign import take_place_of_stub

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table has a UUIDv7 key. Times are set by the service's clock, never by the server."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid()}

    def __init_subclass__(cls, **options: Any) -> None:
        take_place_of_stub(cls)
        super().__init_subclass__(**options)


class Keyed:
    """The key that every table has."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id)


class Versioned(Keyed):
    """The key and the times of a row that changes: `version` counts its changes and is its ETag. The types are named:
    they do not depend on what an application's own base makes of a datetime."""

    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int]
