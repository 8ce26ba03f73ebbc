"""Authors and books over HTTP: plain Tortoise, in a unit of work."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from crossdock import NotFound
from library.catalogue.models import Author, Book
from library.units import Reads, Tx

router = APIRouter(tags=["catalogue"])


class BookIn(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    author: str = Field(min_length=1, max_length=200)
    copies: int = Field(ge=0)


def _shown(book: Book) -> dict[str, Any]:
    return {"id": book.id, "title": book.title, "author": book.author.name, "copies_in": book.copies_in}


@router.post("/books", status_code=201)
async def add_book(asked: BookIn, tx: Tx) -> dict[str, Any]:
    author, _ = await Author.get_or_create(name=asked.author)
    return _shown(await Book.create(title=asked.title, author=author, copies_in=asked.copies))


@router.get("/books/{book_id}")
async def get_book(book_id: int, unit: Reads) -> dict[str, Any]:
    book = await Book.get_or_none(id=book_id).select_related("author")
    if book is None:
        raise NotFound
    return _shown(book)
