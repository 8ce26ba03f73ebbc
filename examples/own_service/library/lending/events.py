"""What lending tells others, through the outbox."""

from dataclasses import dataclass
from typing import ClassVar

from crossdock import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLent(Event):
    type: ClassVar[str] = "lending.book_lent"
    book_id: int
    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReturned(Event):
    type: ClassVar[str] = "lending.book_returned"
    book_id: int
