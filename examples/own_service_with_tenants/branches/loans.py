"""Loans, on SQLAlchemy: the table, the event, and the documents that are made of it."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel
from sqlalchemy import BigInteger, ForeignKey, Integer, String, bindparam
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crossdock import Event, Listing, Single, foreign_table, published, row


class Base(DeclarativeBase):
    pass


foreign_table(Base.metadata, "books", Integer)


class Loan(Base):
    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(BigInteger)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))
    member: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLent(Event):
    type: ClassVar[str] = "loans.book_lent"
    book_id: int


class BookOut(BaseModel):
    id: int
    title: str


class LoanOut(BaseModel):
    id: int
    member: str
    book: BookOut


class LoanPage(BaseModel):
    items: list[LoanOut]
    next_cursor: str | None


BOOKS = published("books", id=int, title=str)
BOOK = {"book": row(BOOKS, on=BOOKS.c.id == Loan.book_id)}

loan = Single(LoanOut, Loan, BOOK, where=Loan.id == bindparam("loan_id"))
loans = Listing(LoanPage, Loan, BOOK, order_by=Loan.id)
