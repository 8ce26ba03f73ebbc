"""FastAPI with SQLAlchemy's ORM, as their docs show: mapped classes, a session by dependency, selectinload."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import URL, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload
from uuid_utils.compat import uuid7

from benchmarks.peers.cursor import decode, encode
from benchmarks.peers.models_sqlalchemy import Account, Bid, Booking, Entry, Transfer
from benchmarks.peers.schemas import (
    BidOut,
    BookingIn,
    BookingOut,
    BookingPage,
    BookingWithBidsOut,
    DepositIn,
    TransferOut,
)
from benchmarks.peers.settings import AWARD_TTL, DATABASE, HOST, PASSWORD, POOL_MAX, PORT, USER

url = URL.create("postgresql+asyncpg", USER, PASSWORD, database=DATABASE, query={"host": HOST, "port": str(PORT)})
engine = create_async_engine(url, pool_size=POOL_MAX, max_overflow=0)
new_session = async_sessionmaker(engine, expire_on_commit=False)
LOCK = {"key_share": True}


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


app = FastAPI(lifespan=lifespan)
Session = Annotated[AsyncSession, Depends(get_session)]


@app.get("/v1/bookings/{booking_id}", response_model=BookingOut)
async def read_booking(booking_id: UUID, session: Session) -> Any:
    booking = await session.get(Booking, booking_id)
    if booking is None:
        raise HTTPException(404)
    return booking


@app.get("/v1/bookings/{booking_id}/overview", response_model=BookingWithBidsOut)
async def read_overview(booking_id: UUID, session: Session) -> Any:
    query = (
        select(Booking).where(Booking.id == booking_id).options(selectinload(Booking.bids).selectinload(Bid.carrier))
    )
    booking = (await session.scalars(query)).one_or_none()
    if booking is None:
        raise HTTPException(404)
    return booking


@app.get("/v1/bookings", response_model=BookingPage)
async def list_bookings(
    session: Session,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    company_id: UUID | None = None,
) -> Any:
    query = select(Booking).where(Booking.id < decode(cursor)).options(selectinload(Booking.shipper))
    if status is not None:
        query = query.where(Booking.status == status)
    if company_id is not None:
        query = query.where(Booking.company_id == company_id)
    found = (await session.scalars(query.order_by(Booking.id.desc()).limit(limit + 1))).all()
    return {"items": found[:limit], "next_cursor": encode(found[limit - 1].id) if len(found) > limit else None}


@app.post("/v1/bookings", status_code=201, response_model=BookingOut)
async def create_booking(body: BookingIn, company_id: UUID, session: Session) -> Any:
    now = datetime.now(UTC)
    booking = Booking(
        created_at=now,
        updated_at=now,
        status="draft",
        pickup_address=body.pickup.address,
        pickup_lat=body.pickup.lat,
        pickup_lon=body.pickup.lon,
        pickup_ready_at=body.pickup.ready_at,
        dropoff_address=body.dropoff.address,
        dropoff_lat=body.dropoff.lat,
        dropoff_lon=body.dropoff.lon,
        dropoff_due_at=body.dropoff.due_at,
        weight_kg=body.weight_kg,
        equipment=body.equipment,
        price_ceiling_minor=body.price_ceiling.amount_minor,
        currency=body.price_ceiling.currency,
        company_id=company_id,
    )
    session.add(booking)
    await session.commit()
    return booking


@app.post("/v1/bids/{bid_id}/award", response_model=BidOut)
async def award_bid(bid_id: UUID, session: Session) -> Any:
    now = datetime.now(UTC)
    bid = await session.get(Bid, bid_id)
    if bid is None:
        raise HTTPException(404)
    booking = await session.get_one(Booking, bid.booking_id, with_for_update=LOCK)
    await session.refresh(bid, ["status"], with_for_update=LOCK)
    if (booking.status, bid.status) != ("open", "pending"):
        raise HTTPException(409)
    booking.status, booking.carrier_id, booking.awarded_bid_id = "awarded", bid.company_id, bid.id
    booking.updated_at, booking.version = now, booking.version + 1
    bid.hold_id = await hold(session, bid, now)
    bid.status, bid.award_expires_at = "awarded", now + AWARD_TTL
    bid.updated_at, bid.version = now, bid.version + 1
    await session.commit()
    return bid


async def hold(session: AsyncSession, bid: Bid, now: datetime) -> UUID:
    """The shipper's wallet → its held account, pending."""
    held, wallet = await lock_accounts(session, bid.currency, (bid.shipper_id, "held"), (bid.shipper_id, "wallet"))
    transfer = new_transfer(wallet, held, bid.amount_minor, now)
    transfer.kind, transfer.reference, transfer.subject_id, transfer.is_pending = (
        "hold",
        f"hold:{bid.id}",
        bid.booking_id,
        True,
    )
    session.add(transfer)
    wallet.pending_out_minor += bid.amount_minor
    held.pending_in_minor += bid.amount_minor
    wallet.updated_at = held.updated_at = now
    return transfer.id


@app.post("/v1/ledger/deposits", status_code=201, response_model=TransferOut)
async def make_deposit(body: DepositIn, company_id: UUID, session: Session) -> Any:
    """The outside world → a company's wallet: the transfer, two entries, two balances."""
    now, amount = datetime.now(UTC), body.amount.amount_minor
    external, wallet = await lock_accounts(
        session, body.amount.currency, (company_id, "external"), (company_id, "wallet")
    )
    transfer = new_transfer(external, wallet, amount, now)
    session.add(transfer)
    for account, moved in ((external, -amount), (wallet, amount)):
        account.posted_minor += moved
        account.version += 1
        account.updated_at = now
        entry = Entry(
            account_id=account.id,
            transfer=transfer,
            company_id=account.company_id,
            amount_minor=moved,
            balance_after_minor=account.posted_minor,
            account_version=account.version,
            created_at=now,
        )
        session.add(entry)
    await session.commit()
    return transfer


async def lock_accounts(session: AsyncSession, currency: str, *keys: tuple[UUID, str]) -> list[Account]:
    """In the order of their ids, so that two who lock the same ones wait; answered in the order of their kinds."""
    which = or_(*(and_(Account.company_id == company_id, Account.kind == kind) for company_id, kind in keys))
    query = select(Account).where(Account.currency == currency, which).order_by(Account.id)
    accounts = await session.scalars(query.with_for_update(key_share=True))
    return sorted(accounts, key=lambda account: account.kind)


def new_transfer(debit: Account, credit: Account, amount_minor: int, now: datetime) -> Transfer:
    return Transfer(
        id=uuid7(),
        kind="deposit",
        reference=f"deposit:{uuid7()}",
        amount_minor=amount_minor,
        currency=debit.currency,
        debit_account_id=debit.id,
        credit_account_id=credit.id,
        debit_company_id=debit.company_id,
        credit_company_id=credit.company_id,
        is_pending=False,
        created_at=now,
    )
