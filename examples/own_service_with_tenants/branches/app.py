"""The service. A request says in a header which branch it is of: a real one would ask who has signed in."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request, Response
from tortoise.expressions import F

from branches import loans
from branches.books import Book
from branches.loans import BookLent, Loan
from branches.tenancy import BranchScope
from crossdock import Conflict, Database, Page, Reading, Registry, Transaction, decode_cursor, load_settings
from crossdock.web import IdempotencyKey, found, install_errors, listed, once


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    registry = Registry.found()
    async with Database(load_settings(registry), registry) as database:
        app.state.database = database
        yield


app = FastAPI(title="Branches", lifespan=lifespan)
install_errors(app)


def _scope(x_branch: Annotated[int, Header()]) -> BranchScope:
    return BranchScope(branch_id=x_branch)


Scope = Annotated[BranchScope, Depends(_scope)]


async def _transaction(request: Request, scope: Scope) -> AsyncIterator[Transaction]:
    async with request.app.state.database.transaction(scope) as tx:
        yield tx


async def _reading(request: Request, scope: Scope) -> AsyncIterator[Reading]:
    async with request.app.state.database.reading(scope) as unit:
        yield unit


Tx = Annotated[Transaction, Depends(_transaction, scope="function")]  # commits before the response is sent
Reads = Annotated[Reading, Depends(_reading, scope="function")]


@app.post("/books", status_code=201)
async def add_book(title: str, copies: int, tx: Tx, scope: Scope) -> dict[str, Any]:
    book = await Book.create(branch_id=scope.branch_id, title=title, copies_in=copies)
    return {"id": book.id}


@app.get("/books")
async def list_books(unit: Reads) -> list[dict[str, Any]]:
    """No condition names the branch: the policy does."""
    return await Book.all().order_by("id").values("id", "title", "copies_in")


class NoCopyLeft(Conflict):
    """All copies of this book are lent, or it is another branch's."""


@app.post("/loans", status_code=201)
async def lend(
    book_id: int, member: str, tx: Tx, scope: Scope, idempotency_key: Annotated[str | None, Header()] = None
) -> Response:
    asked = f"{book_id} {member}".encode()
    key = IdempotencyKey(idempotency_key, hashlib.sha256(asked).digest()) if idempotency_key else None

    async def work() -> Response:
        if not await Book.filter(id=book_id, copies_in__gt=0).update(copies_in=F("copies_in") - 1):
            raise NoCopyLeft
        loan = Loan(branch_id=scope.branch_id, book_id=book_id, member=member)
        tx.session.add(loan)
        await tx.session.flush()
        tx.emit(BookLent(subject_id=loan.id, book_id=book_id))
        return Response(f'{{"id":{loan.id}}}', 201, media_type="application/json")

    return await once(tx, key, work)


@app.get("/loans/{loan_id}")
async def get_loan(loan_id: int, unit: Reads) -> Response:
    return found(await loans.loan.read(unit, loan_id=loan_id))


@app.get("/loans")
async def list_loans(unit: Reads, limit: int = 50, cursor: str | None = None) -> Response:
    return listed(await loans.loans.read(unit, Page(limit, decode_cursor(cursor, int))))
