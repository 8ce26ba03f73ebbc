"""The ledger over HTTP: money in, and the books to read."""

from fastapi import APIRouter
from starlette.responses import Response

from crossdock.web.dependencies import Db, Id, PageQuery
from crossdock.web.responses import answer, found, listed, located, once
from freight.modules.ledger import service
from freight.modules.ledger.schemas import AccountPage, DepositIn, EntryPage, TransferOut
from freight.modules.ledger.store import LedgerReads
from freight.web import Key, SignedIn

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.post(
    "/deposits",
    status_code=201,
    summary="Deposit money",
    response_model=TransferOut,
    responses=located(),
)
async def make_deposit(body: DepositIn, db: Db, caller: SignedIn, key: Key) -> Response:
    """Into your company's wallet, from outside. For managers and admins."""
    async with db.transaction(caller.tenant, elevates=True) as tx:

        async def deposit() -> Response:
            transfer = await service.deposit_own(tx, caller, body.amount.to_money())
            return answer(TransferOut.model_validate(transfer), 201, location=f"/v1/ledger/transfers/{transfer.id}")

        return await once(tx, key, deposit)


@router.get("/accounts", summary="List accounts", response_model=AccountPage)
async def list_accounts(db: Db, caller: SignedIn, page: PageQuery) -> Response:
    """Your company's, oldest first. An account is there from its first use on."""
    async with db.reading(caller.tenant, LedgerReads) as ledger:
        return listed(await ledger.accounts(page))


@router.get(
    "/accounts/{account_id}/entries",
    summary="Read an account's entries",
    response_model=EntryPage,
)
async def list_entries(account_id: Id, db: Db, caller: SignedIn, page: PageQuery) -> Response:
    """Newest first."""
    async with db.reading(caller.tenant, LedgerReads) as ledger:
        return found(await ledger.entries(account_id, page))


@router.get(
    "/transfers/{transfer_id}",
    summary="Read a transfer",
    response_model=TransferOut,
)
async def read_transfer(transfer_id: Id, db: Db, caller: SignedIn) -> Response:
    """One that your company is a side of."""
    async with db.reading(caller.tenant, LedgerReads) as ledger:
        return found(await ledger.document(transfer_id))
