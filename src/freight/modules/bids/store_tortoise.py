"""The bids store, on Tortoise."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from crossdock.documents import Document, Page, collection, document
from crossdock.schema.tortoise import insert, newest, one
from crossdock.transaction import Unit
from crossdock.transaction.faults import violated_constraint
from freight.modules.bids import documents
from freight.modules.bids.models_tortoise import Bid, BidHistory
from freight.modules.bids.schemas.offers import BidOut
from freight.modules.bids.store import BidHistoryRow, BidRow, BidStatus
from freight.money import Money

ONE_LIVE = "uid_bids_one_live"
"""The unique index that allows a carrier one live bid on a booking."""


class TortoiseBidReads:
    def __init__(self, unit: Unit) -> None:
        """The models find the unit's connection by themselves; a document is read on it."""
        self._unit = unit

    async def get(self, bid_id: UUID, *, lock: bool = False) -> BidRow | None:
        model = await one(Bid.filter(id=bid_id), lock=lock)
        return None if model is None else _row(model)

    async def overdue_awards(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[UUID]:
        overdue = Bid.filter(status=BidStatus.AWARDED, award_expires_at__lte=now).order_by("award_expires_at")
        overdue = overdue.exclude(id__in=list(besides))
        return list(await overdue.limit(limit).values_list("id", flat=True))  # type: ignore[arg-type]

    async def document(self, bid_id: UUID) -> Document | None:
        row = await self.get(bid_id)
        return None if row is None else document(BidOut.model_validate(row), row.version)

    async def page(self, booking_id: UUID, page: Page) -> Document:
        models, next_cursor = await newest(Bid.filter(booking_id=booking_id), page)
        return collection([BidOut.model_validate(_row(model)) for model in models], next_cursor)

    async def overview(self, booking_id: UUID) -> Document | None:
        return await documents.booking_with_bids.read(self._unit, booking_id=booking_id)


class TortoiseBidStore(TortoiseBidReads):
    async def add(self, row: BidRow) -> bool:
        try:
            async with in_transaction():  # a savepoint: without it, a refused row would abort the caller's transaction
                await Bid.create(**_new(row), **_state(row))
        except IntegrityError as error:
            if violated_constraint(error) == ONE_LIVE:
                return False
            raise
        return True

    async def move(self, row: BidRow, *, from_status: BidStatus) -> bool:
        return await Bid.filter(id=row.id, status=from_status).update(**_state(row)) == 1

    async def pending_of(self, booking_id: UUID) -> list[BidRow]:
        pending = Bid.filter(booking_id=booking_id, status=BidStatus.PENDING).order_by("id")
        return [_row(model) for model in await pending.select_for_update(no_key=True)]

    async def reject(self, bid_ids: list[UUID], now: datetime) -> int:
        pending = Bid.filter(id__in=bid_ids, status=BidStatus.PENDING)
        return await pending.update(status=BidStatus.REJECTED, updated_at=now, version=F("version") + 1)

    async def add_history(self, rows: list[BidHistoryRow]) -> None:
        await insert(BidHistory, *rows)


def _new(row: BidRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "booking_id": row.booking_id,
        "company_id": row.company_id,
        "shipper_id": row.shipper_id,
        "amount_minor": row.amount.amount_minor,
        "currency": row.amount.currency,
        "pickup_eta": row.pickup_eta,
        "created_at": row.created_at,
    }


def _state(row: BidRow) -> dict[str, Any]:
    return {
        "status": row.status,
        "award_expires_at": row.award_expires_at,
        "hold_id": row.hold_id,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def _row(model: Bid) -> BidRow:
    return BidRow(
        id=model.id,
        booking_id=model.booking_id,  # type: ignore[attr-defined]
        company_id=model.company_id,  # type: ignore[attr-defined]
        shipper_id=model.shipper_id,  # type: ignore[attr-defined]
        status=model.status,
        amount=Money(model.amount_minor, model.currency),
        pickup_eta=model.pickup_eta,
        award_expires_at=model.award_expires_at,
        hold_id=model.hold_id,
        created_at=model.created_at,
        updated_at=model.updated_at,
        version=model.version,
    )
