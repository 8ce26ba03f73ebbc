"""Lending and returning: copies are on Tortoise, loans on SQLAlchemy, and both change in one transaction."""

from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from tortoise.expressions import F

from crossdock import Conflict, NotFound, Transaction
from library.catalogue.models import Book
from library.lending.events import BookLent, BookReturned
from library.lending.models import Loan, Member

LENT_FOR = timedelta(days=21)


class NoCopyLeft(Conflict):
    """All copies of this book are lent."""


class AlreadyLent(Conflict):
    """The member has this book already."""


async def lend(tx: Transaction, book_id: int, member_id: int) -> Loan:
    taken = await Book.filter(id=book_id, copies_in__gt=0).update(copies_in=F("copies_in") - 1)
    if not taken:
        raise NoCopyLeft
    if await tx.session.get(Member, member_id) is None:
        raise NotFound  # the transaction rolls back, and the copy is in again
    loan = Loan(member_id=member_id, book_id=book_id, due_on=(tx.clock.now() + LENT_FOR).date())
    tx.session.add(loan)
    try:
        await tx.session.flush()
    except IntegrityError as error:  # the unique index; again, nothing of this transaction stays
        raise AlreadyLent from error
    tx.emit(BookLent(subject_id=loan.id, book_id=book_id, member_id=member_id))
    return loan


async def give_back(tx: Transaction, loan_id: int) -> Loan:
    loan = await tx.session.get(Loan, loan_id, with_for_update=True)
    if loan is None or loan.returned_at is not None:
        raise NotFound
    loan.returned_at = tx.clock.now()  # the session writes it before the block ends
    await Book.filter(id=loan.book_id).update(copies_in=F("copies_in") + 1)
    tx.emit(BookReturned(subject_id=loan.id, book_id=loan.book_id))
    return loan
