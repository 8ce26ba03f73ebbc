"""The rules of bookings, one function for each verb. Each works in the caller's transaction."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from crossdock.errors import Conflict, Invalid, NotFound, PreconditionFailed
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller
from freight.modules.bookings.events import BookingChanged, BookingCreated
from freight.modules.bookings.parties import need_shipper
from freight.modules.bookings.states import STATES, move
from freight.modules.bookings.store import BookingRow, BookingStatus, BookingStore, Dropoff, Equipment, Pickup
from freight.money import Money

PAYLOAD_MAX_KG = {
    Equipment.VAN: 1_500,
    Equipment.BOX_TRUCK: 8_000,
    Equipment.CURTAINSIDER: 25_000,
    Equipment.REEFER: 24_000,
    Equipment.FLATBED: 26_000,
}
"""What each kind of equipment may carry, in kilograms: the usual payloads of European road freight."""

AHEAD_MAX = timedelta(days=3_653)
"""How far ahead a load may be due: ten years. A later year is a typing error, and its booking would never expire."""


class NotADraft(Conflict):
    """Only a draft can be changed or published.

    Cancel the booking, and make another one as it should be.
    """


class PickupAfterDelivery(Invalid):
    """The load must be ready before it is due.

    Let `pickup.ready_at` be before `dropoff.due_at`.
    """


class PickupInThePast(Invalid):
    """The load must be ready in the future.

    Send a `pickup.ready_at` that is still to come.
    """


class DeliveryTooFarAhead(Invalid):
    """A load is booked at most ten years ahead.

    Look at the year of `dropoff.due_at`.
    """


class TooHeavy(Invalid):
    """The load is heavier than the equipment may carry.

    Take larger equipment, or make several bookings of the load: `detail` has the limit.
    """


async def create_booking(
    tx: Transaction,
    caller: Caller,
    *,
    pickup: Pickup,
    dropoff: Dropoff,
    weight_kg: int,
    price_ceiling: Money,
    equipment: Equipment,
) -> BookingRow:
    """Adds a draft. Raises NotAShipper, PickupAfterDelivery, PickupInThePast, DeliveryTooFarAhead, TooHeavy."""
    caller.need_shipper()
    now = tx.clock.now()
    booking = BookingRow(
        id=new_id(),
        company_id=caller.company_id,
        status=BookingStatus.DRAFT,
        pickup=pickup,
        dropoff=dropoff,
        weight_kg=weight_kg,
        equipment=equipment,
        price_ceiling=price_ceiling,
        carrier_id=None,
        awarded_bid_id=None,
        created_at=now,
        updated_at=now,
        version=1,
    )
    _check_load(tx, booking)
    await tx.store(BookingStore).add(booking)
    await STATES.begin(tx, booking)
    tx.emit(BookingCreated(subject_id=booking.id))
    return booking


async def change_booking(
    tx: Transaction,
    caller: Caller,
    booking_id: UUID,
    *,
    expected_version: int | None,
    pickup: Pickup | None = None,
    dropoff: Dropoff | None = None,
    weight_kg: int | None = None,
    price_ceiling: Money | None = None,
    equipment: Equipment | None = None,
) -> BookingRow:
    """Changes the given details of a draft. With none given, returns the booking as it is.

    Raises NotFound, NotTheShipper, PreconditionFailed, NotADraft once published, and as create_booking does.
    """
    booking = await own_booking(tx, caller, booking_id)
    if expected_version not in (None, booking.version):
        raise PreconditionFailed
    if not any((pickup, dropoff, weight_kg, price_ceiling, equipment)):
        return booking
    _need_draft(booking)
    changed = replace(
        booking,
        pickup=pickup or booking.pickup,
        dropoff=dropoff or booking.dropoff,
        weight_kg=weight_kg or booking.weight_kg,
        price_ceiling=price_ceiling or booking.price_ceiling,
        equipment=equipment or booking.equipment,
        updated_at=tx.clock.now(),
        version=booking.version + 1,
    )
    _check_load(tx, changed)
    if not await tx.store(BookingStore).change(changed, version=booking.version):
        raise PreconditionFailed
    tx.emit(BookingChanged(subject_id=booking.id, version=changed.version))
    return changed


async def publish_booking(tx: Transaction, caller: Caller, booking_id: UUID) -> BookingRow:
    """Opens a draft to every carrier. Raises NotFound, NotTheShipper, NotADraft, PickupInThePast."""
    booking = await own_booking(tx, caller, booking_id)
    # The table of states allows awarded → open too, but that step is the deal's: it ends a bid and a hold as well.
    _need_draft(booking)
    _check_load(tx, booking)
    return await move(tx, booking, BookingStatus.OPEN)


async def own_booking(tx: Transaction, caller: Caller, booking_id: UUID) -> BookingRow:
    """The caller's own booking, locked. Raises NotTheShipper for a booking of another company that the caller sees, and
    NotFound for one that they do not see."""
    store = tx.store(BookingStore)
    booking = await store.get(booking_id, lock=True)
    if booking is None:  # a carrier may see an open booking, but row level security does not let it lock the row
        seen = await store.get(booking_id)
        if seen is not None:
            need_shipper(caller, seen.company_id)
        raise NotFound
    need_shipper(caller, booking.company_id)
    return booking


def _need_draft(booking: BookingRow) -> None:
    if booking.status is not BookingStatus.DRAFT:
        message = f"The booking is {booking.status.value}: only a draft can be changed or published."
        raise NotADraft(message, current=booking.status)


def _check_load(tx: Transaction, booking: BookingRow) -> None:
    if booking.pickup.ready_at >= booking.dropoff.due_at:
        raise PickupAfterDelivery(field="body.pickup.ready_at")
    if booking.pickup.ready_at <= tx.clock.now():
        raise PickupInThePast(field="body.pickup.ready_at")
    if booking.dropoff.due_at > tx.clock.now() + AHEAD_MAX:
        raise DeliveryTooFarAhead(field="body.dropoff.due_at")
    limit_kg = PAYLOAD_MAX_KG[booking.equipment]
    if booking.weight_kg > limit_kg:
        message = f"A {booking.equipment.value} carries at most {limit_kg} kg, not {booking.weight_kg}."
        raise TooHeavy(message, field="body.weight_kg")
