"""The deal over HTTP: award, accept, decline. Cancelling a booking or a shipment is here: it undoes the deal."""

from fastapi import APIRouter
from starlette.responses import Response

from crossdock.web.dependencies import Db, Id
from crossdock.web.responses import answer, etagged, found
from freight.modules.bids import service
from freight.modules.bids.routes.answer import answer_bid
from freight.modules.bids.schemas.deal import AcceptedBidOut, CancelBookingIn, CancelShipmentIn
from freight.modules.bids.schemas.offers import BidOut
from freight.modules.bookings.api import BookingOut
from freight.modules.shipments import api as shipments
from freight.modules.shipments.api import ShipmentOut
from freight.web import SignedIn

router = APIRouter(prefix="/v1")


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
    # `elevates` here and below: a deal changes rows of both companies, for which the verb takes the platform's rights.
    async with db.transaction(caller.tenant, elevates=True) as tx:
        return answer_bid(await service.award_bid(tx, caller, bid_id))


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
        return answer_bid(await service.decline_bid(tx, caller, bid_id))


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
