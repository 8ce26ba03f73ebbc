"""SQLAlchemy's, on a base that is not the library's."""

from datetime import datetime

from sqlalchemy import DateTime, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Loan(Base):
    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    book_id: Mapped[int] = mapped_column(index=True)
    reader: Mapped[str] = mapped_column(String(100), unique=True)
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
