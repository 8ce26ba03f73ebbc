"""Bookings over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from crossdock.web.dependencies import Db, ExpectedVersion, Id, PageQuery
from crossdock.web.responses import answer, etagged, found, listed, once
from freight.modules.bookings import service
from freight.modules.bookings.schemas import (
    BookingIn,
    BookingOut,
    BookingPart,
    BookingPatch,
    ListedBookingPage,
)
from freight.modules.bookings.store import BookingReads, BookingRow, BookingStatus
from freight.web import Key, SignedIn

router = APIRouter(prefix="/v1/bookings", tags=["bookings"])


@router.post(
    "",
    status_code=201,
    summary="Book a load",
    response_model=BookingOut,
    responses=etagged(201),
)
async def create_booking(body: BookingIn, db: Db, caller: SignedIn, key: Key) -> Response:
    """Makes a draft, which only your company sees until you publish it."""
    async with db.transaction(caller.tenant) as tx:

        async def create() -> Response:
            booking = await service.create_booking(
                tx,
                caller,
                pickup=body.pickup.to_place(),
                dropoff=body.dropoff.to_place(),
                weight_kg=body.weight_kg,
                price_ceiling=body.price_ceiling.to_money(),
                equipment=body.equipment,
            )
            return _answer(booking, status=201)

        return await once(tx, key, create)


@router.get("", summary="List bookings", response_model=ListedBookingPage)
async def list_bookings(
    db: Db,
    caller: SignedIn,
    page: PageQuery,
    status: Annotated[BookingStatus | None, Query(description="Only those in this state.", examples=["open"])] = None,
    include: Annotated[
        BookingPart | None,
        Query(description="What to show with each: `shipper` is who wants it carried.", examples=["shipper"]),
    ] = None,
) -> Response:
    """Your company's own, those that you carry, and to a carrier every open one; newest first."""
    async with db.reading(caller.tenant, BookingReads) as bookings:
        return listed(await bookings.page(page, status, with_shipper=include is BookingPart.SHIPPER))


@router.get("/{booking_id}", summary="Read a booking", response_model=BookingOut, responses=etagged(200))
async def read_booking(booking_id: Id, db: Db, caller: SignedIn) -> Response:
    """One booking, with its ETag."""
    async with db.reading(caller.tenant, BookingReads) as bookings:
        return found(await bookings.document(booking_id))


@router.patch(
    "/{booking_id}",
    summary="Change a draft",
    response_model=BookingOut,
    responses=etagged(200),
)
async def change_booking(
    booking_id: Id, body: BookingPatch, db: Db, caller: SignedIn, expected_version: ExpectedVersion
) -> Response:
    """Changes the fields that are sent; none changes nothing. Send the ETag that you read in If-Match."""
    async with db.transaction(caller.tenant) as tx:
        booking = await service.change_booking(
            tx,
            caller,
            booking_id,
            expected_version=expected_version,
            pickup=body.pickup.to_place() if body.pickup else None,
            dropoff=body.dropoff.to_place() if body.dropoff else None,
            weight_kg=body.weight_kg,
            price_ceiling=body.price_ceiling.to_money() if body.price_ceiling else None,
            equipment=body.equipment,
        )
        return _answer(booking)


@router.post(
    "/{booking_id}/publish",
    summary="Publish a booking",
    response_model=BookingOut,
    responses=etagged(200),
)
async def publish_booking(booking_id: Id, db: Db, caller: SignedIn) -> Response:
    """draft → open: every carrier sees it and may bid."""
    async with db.transaction(caller.tenant) as tx:
        return _answer(await service.publish_booking(tx, caller, booking_id))


def _answer(booking: BookingRow, status: int = 200) -> Response:
    location = f"/v1/bookings/{booking.id}" if status == 201 else None
    return answer(BookingOut.model_validate(booking), status, version=booking.version, location=location)
