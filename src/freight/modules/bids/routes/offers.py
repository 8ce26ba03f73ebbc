"""Offers over HTTP: a carrier bids, both sides read the bids, and the carrier withdraws one."""

from fastapi import APIRouter
from starlette.responses import Response

from crossdock.web.dependencies import Db, Id, PageQuery
from crossdock.web.responses import etagged, found, listed, once
from freight.modules.bids import service
from freight.modules.bids.routes.answer import answer_bid
from freight.modules.bids.schemas.offers import BidIn, BidOut, BidPage, BookingWithBidsOut
from freight.modules.bids.store import BidReads
from freight.modules.bookings import api as bookings
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
            return answer_bid(bid, status=201)

        return await once(tx, key, place)


@router.get(
    "/bookings/{booking_id}/bids",
    tags=["bids"],
    summary="List a booking's bids",
    response_model=BidPage,
)
async def list_bids(booking_id: Id, db: Db, caller: SignedIn, page: PageQuery) -> Response:
    """The shipper sees all of them, a carrier its own; newest first."""
    await bookings.see(db, caller.tenant, booking_id)
    async with db.reading(caller.tenant, BidReads) as bids:
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
    async with db.reading(caller.tenant, BidReads) as bids:
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
    async with db.reading(caller.tenant, BidReads) as bids:
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
        return answer_bid(await service.withdraw_bid(tx, caller, bid_id))
