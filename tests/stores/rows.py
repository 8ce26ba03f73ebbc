"""Rows of the marketplace that nothing is wrong with, and the companies that they belong to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.bids.store import BidRow, BidStatus
from freight.modules.bookings.store import BookingRow, BookingStatus, Dropoff, Equipment, Pickup
from freight.modules.companies.api import CompanyKind, add_company
from freight.modules.shipments.store import ShipmentRow, ShipmentStatus
from freight.money import Money
from freight.tenancy import CompanyScope
from tests.world import Server, database_name, unique

PLATFORM = Platform("a store's contract")


def now() -> datetime:
    return datetime.now(UTC)


async def tenant(database: Database, kind: str) -> CompanyScope:
    """A new company of a kind."""
    async with database.transaction(PLATFORM) as tx:
        company = await add_company(tx, unique(f"{kind} company"), CompanyKind(kind))
    return CompanyScope(company.id, kind, actor_id=new_id())


def booking_row(shipper: CompanyScope, **changes: Any) -> BookingRow:
    at = now()
    row = BookingRow(
        id=new_id(),
        company_id=shipper.company_id,
        status=BookingStatus.DRAFT,
        pickup=Pickup("Kade 1, Antwerpen", 51.26, 4.38, at + timedelta(hours=24)),
        dropoff=Dropoff("Rue de la Gare 9, Lille", 50.63, 3.07, at + timedelta(hours=48)),
        weight_kg=9_000,
        equipment=Equipment.REEFER,
        price_ceiling=Money(120_000, "EUR"),
        carrier_id=None,
        awarded_bid_id=None,
        created_at=at,
        updated_at=at,
        version=1,
    )
    return replace(row, **changes)


def bid_row(booking: BookingRow, carrier: CompanyScope, **changes: Any) -> BidRow:
    at = now()
    row = BidRow(
        id=new_id(),
        booking_id=booking.id,
        company_id=carrier.company_id,
        shipper_id=booking.company_id,
        status=BidStatus.PENDING,
        amount=Money(90_000, "EUR"),
        pickup_eta=at + timedelta(hours=25),
        award_expires_at=None,
        hold_id=None,
        created_at=at,
        updated_at=at,
        version=1,
    )
    return replace(row, **changes)


def shipment_row(bid: BidRow, **changes: Any) -> ShipmentRow:
    at = now()
    row = ShipmentRow(
        id=new_id(),
        booking_id=bid.booking_id,
        bid_id=bid.id,
        shipper_id=bid.shipper_id,
        carrier_id=bid.company_id,
        status=ShipmentStatus.PLANNED,
        amount=bid.amount,
        hold_id=new_id(),
        last_event_at=None,
        created_at=at,
        updated_at=at,
        version=1,
    )
    return replace(row, **changes)


def won(bid: BidRow, **changes: Any) -> BidRow:
    """The bid as an award leaves it."""
    won = replace(
        bid,
        status=BidStatus.AWARDED,
        hold_id=new_id(),
        award_expires_at=now() + timedelta(hours=1),
        updated_at=now(),
        version=bid.version + 1,
    )
    return replace(won, **changes)


@asynccontextmanager
async def own_database(server: Server, template: str, registry: Registry, purpose: str) -> AsyncIterator[Database]:
    """An empty copy for one store's rows: without history and holds, they are nothing for a job or an invariant."""
    settings = await server.copy(database_name(purpose), template)
    async with Database(settings, registry) as opened:
        yield opened
    await server.drop(settings.pooled.database)
