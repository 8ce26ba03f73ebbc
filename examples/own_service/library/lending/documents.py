"""Loans as finished JSON, which PostgreSQL makes: from the tables of both ORMs, in one statement."""

from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import bindparam

from crossdock import Listing, Single, published
from library.lending.models import Loan, Member

BOOKS = published("books", id=int, title=str)


class LoanOut(BaseModel):
    id: int
    book: str
    member: str
    due_on: date
    returned_at: datetime | None


class LoanPage(BaseModel):
    items: list[LoanOut]
    next_cursor: str | None


FIELDS = {"book": BOOKS.c.title, "member": Member.name}
TABLES = Loan.__table__.join(BOOKS, BOOKS.c.id == Loan.book_id).join(Member.__table__, Member.id == Loan.member_id)

loan = Single(LoanOut, Loan, FIELDS, tables=TABLES, where=Loan.id == bindparam("loan_id"))
loans = Listing(
    LoanPage,
    Loan,
    FIELDS,
    tables=TABLES,
    order_by=Loan.id.desc(),
    filters={"member_id": Loan.member_id == bindparam("member_id")},
)
