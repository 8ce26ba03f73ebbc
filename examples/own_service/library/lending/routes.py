"""Members and loans over HTTP."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from crossdock.web import answer, found, listed, once
from library.lending import documents
from library.lending.models import Member
from library.lending.service import give_back, lend
from library.units import Key, PageQuery, Reads, Tx

router = APIRouter(tags=["lending"])


class MemberIn(BaseModel):
    name: str = Field(min_length=1, max_length=200)


class LoanIn(BaseModel):
    book_id: int
    member_id: int


class Made(BaseModel):
    id: int


@router.post("/members", status_code=201)
async def add_member(asked: MemberIn, tx: Tx) -> Made:
    member = Member(name=asked.name)
    tx.session.add(member)
    await tx.session.flush()
    return Made(id=member.id)


@router.post("/loans", status_code=201, response_model=Made)
async def lend_book(asked: LoanIn, tx: Tx, key: Key) -> Response:
    """Send it twice with one Idempotency-Key: the book is lent once, and the answer is the same."""

    async def work() -> Response:
        loan = await lend(tx, asked.book_id, asked.member_id)
        return answer(Made(id=loan.id), 201, location=f"/loans/{loan.id}")

    return await once(tx, key, work)


@router.post("/loans/{loan_id}/return", status_code=204)
async def return_book(loan_id: int, tx: Tx) -> None:
    await give_back(tx, loan_id)


@router.get("/loans/{loan_id}", response_model=documents.LoanOut)
async def get_loan(loan_id: int, unit: Reads) -> Response:
    return found(await documents.loan.read(unit, loan_id=loan_id))


@router.get("/loans", response_model=documents.LoanPage)
async def list_loans(page: PageQuery, unit: Reads, member_id: int | None = None) -> Response:
    return listed(await documents.loans.read(unit, page, member_id=member_id))
