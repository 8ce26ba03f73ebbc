"""Comparisons have a share of a process's time, and requests have the rest."""

import pytest

from crossdock.config.settings import Settings
from crossdock.cutover import running_moves
from crossdock.cutover.budget import SAVED_S, Budget
from crossdock.cutover.operating import Operations
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads
from tests.cutover.scene import MODULE, booked, counted, heard
from tests.stores.rows import tenant


class Clock:
    """Stands still until it is set on."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_share_of_the_time_that_passes_and_no_more() -> None:
    """What is saved has an end; what was taken too much is made up first."""
    clock = Clock()
    budget = Budget(0.05, clock)
    clock.now_s += 100 * SAVED_S
    assert budget.has_room
    with budget.spending():
        clock.now_s += 0.05 * SAVED_S + 5  # five seconds more than there ever is; meanwhile 0.4 s come in
    assert not budget.has_room
    clock.now_s += 90
    assert not budget.has_room
    clock.now_s += 10
    assert budget.has_room


def test_a_comparison_that_fails_has_taken_its_time_too() -> None:
    clock = Clock()
    budget = Budget(0.05, clock)
    with pytest.raises(LookupError), budget.spending():
        clock.now_s += SAVED_S
        raise LookupError
    assert not budget.has_room


async def test_without_time_requests_are_answered_and_nothing_is_compared(
    apart: Settings, registry: Registry, operator: Operations
) -> None:
    """One comparison has room, and takes more than there is. The others are skipped, and counted as that."""
    moves = apart.moves.model_copy(update={"time_share_max": 1e-12})
    async with Database(apart.model_copy(update={"moves": moves}), registry) as database:
        shipper = await tenant(database, "shipper")
        row = await booked(database, shipper)
        await heard(database, await operator.start(MODULE, sample=100))
        async with running_moves(database) as running:
            for _ in range(5):
                async with database.reading(shipper, BookingReads) as bookings:
                    assert await bookings.get(row.id) == row
                await running.settled()
            assert running.totals == {(MODULE, "same"): 1, (MODULE, "skipped"): 4}
    assert (await counted(operator))["get"].same == 1
