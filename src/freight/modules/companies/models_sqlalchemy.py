# Written by `crossdock schema sync`. Change models_tortoise.py and run it again. Hash of the rest: 0ad44aa6607802dd
"""The tables of companies, in SQLAlchemy: the same columns, indexes and names."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Integer, PrimaryKeyConstraint, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from crossdock.ids import new_id
from crossdock.models.base import Base
from crossdock.models.types import enum_comment, enum_text
from freight.modules.companies.store import CompanyKind


class Company(Base):
    """A tenant. Soft-deleted: its history has to stay readable."""

    __tablename__ = "companies"
    __table_args__ = (
        PrimaryKeyConstraint("id", name="companies_pkey"),
        {"comment": __doc__, "extend_existing": True},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, default=1)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[CompanyKind] = mapped_column(enum_text(CompanyKind, 20), comment=enum_comment(CompanyKind))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
