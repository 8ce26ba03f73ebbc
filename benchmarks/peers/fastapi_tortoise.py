"""FastAPI with Tortoise, as their docs show: RegisterTortoise, prefetch_related, in_transaction, response_model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException
from tortoise.contrib.fastapi import RegisterTortoise
from tortoise.expressions import Q
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from benchmarks.peers.cursor import decode, encode
from benchmarks.peers.models_tortoise import Account, Bid, Booking, Entry, Transfer
from benchmarks.peers.schemas import (
    BidOut,
    BookingIn,
    BookingOut,
    BookingPage,
    BookingWithBidsOut,
    DepositIn,
    TransferOut,
)
from benchmarks.peers.settings import AWARD_TTL, DATABASE, HOST, PASSWORD, POOL_MAX, POOL_MIN, PORT, USER

CONFIG = {
    "connections": {
        "default": {
            "engine": "tortoise.backends.asyncpg",
            "credentials": {
                "host": HOST,
                "port": PORT,
                "user": USER,
                "password": PASSWORD,
                "database": DATABASE,
                "minsize": POOL_MIN,
                "maxsize": POOL_MAX,
            },
        }
    },
    "apps": {"models": {"models": ["benchmarks.peers.models_tortoise"], "default_connection": "default"}},
    "use_tz": True,
    "timezone": "UTC",
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with RegisterTortoise(app, config=CONFIG):
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/v1/bookings/{booking_id}", response_model=BookingOut)
async def read_booking(booking_id: UUID) -> Any:
    booking = await Booking.get_or_none(id=booking_id)
    if booking is None:
        raise HTTPException(404)
    return booking


@app.get("/v1/bookings/{booking_id}/overview", response_model=BookingWithBidsOut)
async def read_overview(booking_id: UUID) -> Any:
    booking = await Booking.get_or_none(id=booking_id).prefetch_related("offers__carrier")
    if booking is None:
        raise HTTPException(404)
    return booking


@app.get("/v1/bookings", response_model=BookingPage)
async def list_bookings(
    limit: int = 50, cursor: str | None = None, status: str | None = None, company_id: UUID | None = None
) -> Any:
    query = Booking.filter(id__lt=decode(cursor)).prefetch_related("shipper")
    if status is not None:
        query = query.filter(status=status)
    if company_id is not None:
        query = query.filter(shipper_id=company_id)
    found = await query.order_by("-id").limit(limit + 1)
    return {"items": found[:limit], "next_cursor": encode(found[limit - 1].id) if len(found) > limit else None}


@app.post("/v1/bookings", status_code=201, response_model=BookingOut)
async def create_booking(body: BookingIn, company_id: UUID) -> Any:
    now = datetime.now(UTC)
    async with in_transaction():
        return await Booking.create(
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
            shipper_id=company_id,
        )


@app.post("/v1/bids/{bid_id}/award", response_model=BidOut)
async def award_bid(bid_id: UUID) -> Any:
    now = datetime.now(UTC)
    async with in_transaction():
        seen = await Bid.get_or_none(id=bid_id)
        if seen is None:
            raise HTTPException(404)
        booking = await Booking.select_for_update(no_key=True).get(id=seen.booking_id)
        bid = await Bid.select_for_update(no_key=True).get(id=bid_id)
        if (booking.status, bid.status) != ("open", "pending"):
            raise HTTPException(409)
        booking.status, booking.carrier_id, booking.awarded_bid_id = "awarded", bid.carrier_id, bid.id
        booking.updated_at, booking.version = now, booking.version + 1
        await booking.save(update_fields=["status", "carrier_id", "awarded_bid_id", "updated_at", "version"])
        bid.hold_id = await hold(bid, now)
        bid.status, bid.award_expires_at = "awarded", now + AWARD_TTL
        bid.updated_at, bid.version = now, bid.version + 1
        await bid.save(update_fields=["status", "hold_id", "award_expires_at", "updated_at", "version"])
    return bid


async def hold(bid: Bid, now: datetime) -> UUID:
    """The shipper's wallet → its held account, pending."""
    held, wallet = await lock_accounts(bid.currency, (bid.shipper_id, "held"), (bid.shipper_id, "wallet"))
    transfer = new_transfer(wallet, held, bid.amount_minor, now)
    transfer.kind, transfer.reference = "hold", f"hold:{bid.id}"
    transfer.subject_id, transfer.is_pending = bid.booking_id, True
    await transfer.save()
    wallet.pending_out_minor += bid.amount_minor
    held.pending_in_minor += bid.amount_minor
    wallet.updated_at = held.updated_at = now
    await wallet.save(update_fields=["pending_out_minor", "updated_at"])
    await held.save(update_fields=["pending_in_minor", "updated_at"])
    return transfer.id


@app.post("/v1/ledger/deposits", status_code=201, response_model=TransferOut)
async def make_deposit(body: DepositIn, company_id: UUID) -> Any:
    """The outside world → a company's wallet: the transfer, two entries, two balances."""
    now, amount = datetime.now(UTC), body.amount.amount_minor
    async with in_transaction():
        external, wallet = await lock_accounts(body.amount.currency, (company_id, "external"), (company_id, "wallet"))
        transfer = new_transfer(external, wallet, amount, now)
        await transfer.save()
        for account, moved in ((external, -amount), (wallet, amount)):
            account.posted_minor += moved
            account.version += 1
            account.updated_at = now
            await account.save(update_fields=["posted_minor", "version", "updated_at"])
            await Entry.create(
                account_id=account.id,
                transfer_id=transfer.id,
                company_id=account.company_id,
                amount_minor=moved,
                balance_after_minor=account.posted_minor,
                account_version=account.version,
                created_at=now,
            )
    return transfer


async def lock_accounts(currency: str, *keys: tuple[UUID, str]) -> list[Account]:
    """In the order of their ids, so that two who lock the same ones wait; answered in the order of their kinds."""
    which = Q(*(Q(company_id=company_id, kind=kind) for company_id, kind in keys), join_type=Q.OR)
    accounts = await Account.filter(which, currency=currency).order_by("id").select_for_update(no_key=True)
    return sorted(accounts, key=lambda account: account.kind)


def new_transfer(debit: Account, credit: Account, amount_minor: int, now: datetime) -> Transfer:
    return Transfer(
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
