"""Shipments over HTTP. Cancelling one is with bids, since it undoes the deal."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from crossdock.web.dependencies import Db, Id, PageQuery
from crossdock.web.responses import answer, etagged, found, listed, located, once
from freight.modules.shipments import service
from freight.modules.shipments.schemas import (
    ProofIn,
    ShipmentEventIn,
    ShipmentEventOut,
    ShipmentOut,
    ShipmentPage,
)
from freight.modules.shipments.store import ShipmentReads, ShipmentStore
from freight.web import Key, SignedIn

router = APIRouter(prefix="/v1/shipments", tags=["shipments"])


@router.get("", summary="List shipments", response_model=ShipmentPage)
async def list_shipments(
    db: Db,
    caller: SignedIn,
    page: PageQuery,
    booking_id: Annotated[UUID | None, Query(description="Only those of this booking.")] = None,
) -> Response:
    """Those that your company sends and those that it carries, without their events; newest first."""
    async with db.reading(caller.tenant, ShipmentReads) as shipments:
        return listed(await shipments.page(page, booking_id))


@router.get(
    "/{shipment_id}",
    summary="Read a shipment",
    response_model=ShipmentOut,
    responses=etagged(200),
)
async def read_shipment(shipment_id: Id, db: Db, caller: SignedIn) -> Response:
    """One shipment with its newest events (at most 200, oldest first) and its proof of delivery."""
    async with db.reading(caller.tenant, ShipmentReads) as shipments:
        return found(await shipments.document(shipment_id))


@router.post(
    "/{shipment_id}/events",
    status_code=201,
    summary="Report an event",
    response_model=ShipmentEventOut,
    responses=located(),
)
async def report_event(shipment_id: Id, body: ShipmentEventIn, db: Db, caller: SignedIn, key: Key) -> Response:
    """By the carrier. `arrived_at_pickup`, `departed_pickup`, `arrived_at_dropoff` move the shipment, in this order;
    the others happen beside its journey."""
    async with db.transaction(caller.tenant) as tx:

        async def record() -> Response:
            event = await service.record_event(
                tx,
                caller,
                shipment_id,
                type=body.type,
                occurred_at=body.occurred_at,
                lat=body.lat,
                lon=body.lon,
            )
            return answer(ShipmentEventOut.model_validate(event), 201, location=f"/v1/shipments/{shipment_id}")

        return await once(tx, key, record)


@router.post(
    "/{shipment_id}/proof-of-delivery",
    summary="Prove the delivery",
    response_model=ShipmentOut,
    responses=etagged(200),
)
async def prove_delivery(shipment_id: Id, body: ProofIn, db: Db, caller: SignedIn, key: Key) -> Response:
    """at_dropoff → delivered, by the carrier: who signed, and the SHA-256 of the signed document."""
    async with db.transaction(caller.tenant) as tx:

        async def prove() -> Response:
            await service.prove_delivery(
                tx, caller, shipment_id, signed_by=body.signed_by, document_sha256=body.document_sha256
            )
            return found(await tx.store(ShipmentStore).document(shipment_id))

        return await once(tx, key, prove)


@router.post(
    "/{shipment_id}/accept-delivery",
    summary="Accept the delivery",
    response_model=ShipmentOut,
    responses=etagged(200),
)
async def accept_delivery(shipment_id: Id, db: Db, caller: SignedIn) -> Response:
    """delivered → closed, by the shipper's manager: the booking is delivered and the carrier is paid less the fee."""
    async with db.transaction(caller.tenant, elevates=True) as tx:
        await service.accept_delivery(tx, caller, shipment_id)
        return found(await tx.store(ShipmentStore).document(shipment_id))
