"""Bids and the deal over HTTP. Cancelling a booking or a shipment is here too, since it undoes the deal."""

from fastapi import APIRouter
from starlette.responses import Response

from crossdock.web.dependencies import Db, Id, PageQuery
from crossdock.web.responses import answer, etagged, found, listed, once
from freight.modules.bids import service
from freight.modules.bids.schemas import (
    AcceptedBidOut,
    BidIn,
    BidOut,
    BidPage,
    BookingWithBidsOut,
    CancelBookingIn,
    CancelShipmentIn,
)
from freight.modules.bids.store import BidRow, BidStore
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import BookingOut
from freight.modules.shipments import api as shipments
from freight.modules.shipments.api import ShipmentOut
from freight.web import Key, SignedIn

router = APIRouter(prefix="/v1")


@router.post(
    "/bookings/{booking_id}/bids",
    status_code=201,
    tags=["bids"],
    summary="Bid on a booking",
    response_model=BidOut,
    responses=etagged(201),
)
async def place_bid(booking_id: Id, body: BidIn, db: Db, caller: SignedIn, key: Key) -> Response:
    """A carrier offers its price, at most the ceiling, for an open booking. One live bid per carrier and booking."""
    async with db.transaction(caller.tenant, elevates=True) as tx:

        async def place() -> Response:
            bid = await service.place_bid(
                tx, caller, booking_id, amount=body.amount.to_money(), pickup_eta=body.pickup_eta
            )
            return _answer(bid, status=201)

        return await once(tx, key, caller.company_id, place)


@router.get(
    "/bookings/{booking_id}/bids",
    tags=["bids"],
    summary="List a booking's bids",
    response_model=BidPage,
)
async def list_bids(booking_id: Id, db: Db, caller: SignedIn, page: PageQuery) -> Response:
    """The shipper sees all of them, a carrier its own; newest first."""
    await bookings.see(db, caller.tenant, booking_id)
    async with db.reading(caller.tenant, BidStore) as bids:
        return listed(await bids.page(booking_id, page))


@router.get(
    "/bookings/{booking_id}/overview",
    tags=["bookings"],
    summary="Read a booking with its bids",
    response_model=BookingWithBidsOut,
    responses=etagged(200),
)
async def read_overview(booking_id: Id, db: Db, caller: SignedIn) -> Response:
    """One booking, with its ETag, and the latest 200 of its bids, each with its carrier, newest first. The shipper sees
    all of them, a carrier its own."""
    async with db.reading(caller.tenant, BidStore) as bids:
        return found(await bids.overview(booking_id))


@router.get(
    "/bids/{bid_id}",
    tags=["bids"],
    summary="Read a bid",
    response_model=BidOut,
    responses=etagged(200),
)
async def read_bid(bid_id: Id, db: Db, caller: SignedIn) -> Response:
    """One bid, for its carrier and for the booking's company."""
    async with db.reading(caller.tenant, BidStore) as bids:
        return found(await bids.document(bid_id))


@router.post(
    "/bids/{bid_id}/withdraw",
    tags=["bids"],
    summary="Withdraw a bid",
    response_model=BidOut,
    responses=etagged(200),
)
async def withdraw_bid(bid_id: Id, db: Db, caller: SignedIn) -> Response:
    """pending → withdrawn, by its carrier, who may bid again."""
    async with db.transaction(caller.tenant) as tx:
        return _answer(await service.withdraw_bid(tx, caller, bid_id))


@router.post(
    "/bids/{bid_id}/award",
    tags=["bids"],
    summary="Award a bid",
    response_model=BidOut,
    responses=etagged(200),
)
async def award_bid(bid_id: Id, db: Db, caller: SignedIn) -> Response:
    """pending → awarded, by the shipper's manager: the amount is held until the carrier accepts, declines or lets the
    time run out. The other bids stay pending."""
    async with db.transaction(caller.tenant, elevates=True) as tx:
        return _answer(await service.award_bid(tx, caller, bid_id))


@router.post(
    "/bids/{bid_id}/accept",
    tags=["bids"],
    summary="Accept an award",
    response_model=AcceptedBidOut,
    responses=etagged(200),
)
async def accept_bid(bid_id: Id, db: Db, caller: SignedIn) -> Response:
    """awarded → accepted, by the carrier's manager before `award_expires_at`: the booking is covered and a shipment is
    planned; the other bids are rejected."""
    async with db.transaction(caller.tenant, elevates=True) as tx:
        bid, shipment_id = await service.accept_bid(tx, caller, bid_id)
        accepted = AcceptedBidOut(**dict(BidOut.model_validate(bid)), shipment_id=shipment_id)
        return answer(accepted, version=bid.version)


@router.post(
    "/bids/{bid_id}/decline",
    tags=["bids"],
    summary="Decline an award",
    response_model=BidOut,
    responses=etagged(200),
)
async def decline_bid(bid_id: Id, db: Db, caller: SignedIn) -> Response:
    """awarded → declined, by the carrier's manager: the booking is open again and the shipper's money free."""
    async with db.transaction(caller.tenant, elevates=True) as tx:
        return _answer(await service.decline_bid(tx, caller, bid_id))


@router.post(
    "/bookings/{booking_id}/cancel",
    tags=["bookings"],
    summary="Cancel a booking",
    response_model=BookingOut,
    responses=etagged(200),
)
async def cancel_booking(booking_id: Id, db: Db, caller: SignedIn, body: CancelBookingIn | None = None) -> Response:
    """draft, open or awarded → cancelled, by the shipper's manager: bids are rejected, what is held is free again."""
    async with db.transaction(caller.tenant, elevates=True) as tx:
        reason = body.reason if body else None
        booking = await service.cancel_booking(tx, caller, booking_id, reason=reason)
        return answer(BookingOut.model_validate(booking), version=booking.version)


@router.post(
    "/shipments/{shipment_id}/cancel",
    tags=["shipments"],
    summary="Cancel a shipment",
    response_model=ShipmentOut,
    responses=etagged(200),
)
async def cancel_shipment(shipment_id: Id, body: CancelShipmentIn, db: Db, caller: SignedIn) -> Response:
    """By a manager of either party, before it is delivered: the booking is open again, what is held is free."""
    async with db.transaction(caller.tenant, elevates=True) as tx:
        await service.cancel_shipment(tx, caller, shipment_id, reason=body.reason)
        return found(await shipments.document(tx, shipment_id))


def _answer(bid: BidRow, status: int = 200) -> Response:
    location = f"/v1/bids/{bid.id}" if status == 201 else None
    return answer(BidOut.model_validate(bid), status, version=bid.version, location=location)
