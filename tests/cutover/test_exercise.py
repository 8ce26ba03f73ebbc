"""A module's own cases are run on both stores, as traffic that nobody has to make, and nothing of it stays."""

import pytest

from crossdock.cutover import Case, Moving, running_moves
from crossdock.cutover.changes import NotMoving
from crossdock.cutover.operating import Operations
from crossdock.stages import Stage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingStore
from freight.modules.companies.api import PLATFORM_COMPANY_ID
from freight.tenancy import CompanyScope
from tests.cutover.scene import METHODS, MODULE, booked, brought_to, counted, make_heavier
from tests.stores.rows import PLATFORM, booking_row
from tests.world import Server


async def rows(server: Server, database: Database) -> tuple[int, ...]:
    """How many bookings, lines of their history and events there are."""
    connection = await server.connect(database.settings.direct.database)
    tables = ("bookings", "booking_history", "outbox")
    found = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
    await connection.close()
    return tuple(found)


@pytest.mark.parametrize("stage", [Stage.SHADOW, Stage.REHEARSE, Stage.RAMP, Stage.SQLALCHEMY])
async def test_every_method_is_compared(
    server: Server, moved: Database, operator: Operations, shipper: CompanyScope, stage: Stage
) -> None:
    """At each stage the cases open the gate as far as methods go, and write nothing."""
    await booked(moved, shipper)
    before = await rows(server, moved)
    await brought_to(moved, stage)
    async with running_moves(moved) as moves:
        assert await moves.exercise(MODULE) == ["live", "read"]
    counts = await counted(operator)
    assert sorted(counts) == METHODS
    assert all((each.same > 0, each.different, each.noise) == (True, 0, 0) for each in counts.values())
    assert (await operator.progress(MODULE)).obstacles == ()
    assert await rows(server, moved) == before


async def test_a_defect_is_found_without_traffic(
    moved: Database, operator: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by traffic: counted, kept, and named by the gate."""
    make_heavier(monkeypatch)
    await brought_to(moved, Stage.REHEARSE)
    async with running_moves(moved) as moves:
        await moves.exercise(MODULE)
    assert (await counted(operator))["add"].different == 2
    assert {each.method for each in await operator.mismatches(MODULE)} == {"add"}
    assert any(each.startswith("add: 2 mismatches") for each in (await operator.progress(MODULE)).obstacles)


async def test_what_does_not_move_is_not_exercised(moved: Database) -> None:
    """It says what to do first."""
    async with running_moves(moved) as moves:
        with pytest.raises(NotMoving, match="is not moving, so there is nothing to compare: `crossdock move start"):
            await moves.exercise(MODULE)


async def test_a_case_that_fails(server: Server, moved: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What both stores raise is the case's own error, and nothing of it stays."""
    row = booking_row(CompanyScope(PLATFORM_COMPANY_ID, "shipper"))

    async def twice(store: BookingStore) -> None:
        await store.add(row)
        await store.get(row.id)
        await store.add(row)
        await store.get(row.id)

    before = await rows(server, moved)
    await brought_to(moved, Stage.REHEARSE)
    async with running_moves(moved) as moves:
        monkeypatch.setitem(moves._rules, MODULE, Moving(cases=(Case("twice", PLATFORM, twice),)))
        with pytest.raises(Exception, match="bookings_pkey"):
            await moves.exercise(MODULE)
    assert await rows(server, moved) == before
