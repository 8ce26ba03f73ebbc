"""At `shadow` the candidate repeats reads: same answers are counted, and others are kept as mismatches."""

from crossdock.cutover import running_moves
from crossdock.cutover.operating import Operations
from crossdock.documents import Page
from crossdock.stages import Stage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads, BookingStore
from freight.tenancy import CompanyScope
from tests.cutover.scene import MODULE, counted, heard
from tests.stores.rows import booking_row


async def test_reads_are_compared(moved: Database, operator: Operations, shipper: CompanyScope) -> None:
    """Each method's answers are the same, and the control answers."""
    state = await operator.start(MODULE, sample=100)
    assert state.stage is Stage.SHADOW
    await heard(moved, state)
    row = booking_row(shipper)
    async with running_moves(moved) as moves:
        async with moved.transaction(shipper) as tx:
            await tx.store(BookingStore).add(row)
        for _ in range(5):
            async with moved.reading(shipper, BookingReads) as bookings:
                assert await bookings.get(row.id) == row
                assert await bookings.document(row.id) is not None
                await bookings.page(Page(), None)
        await moves.settled()
    counts = await counted(operator)
    assert {method: (each.same, each.different) for method, each in counts.items()} == {
        "get": (5, 0),
        "document": (5, 0),
        "page": (5, 0),
    }
