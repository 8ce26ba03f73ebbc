"""The times that the gate looks at are those of a store's own work: waiting for another transaction is none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from crossdock.cutover import running_moves
from crossdock.cutover.gate import obstacles
from crossdock.cutover.operating import Operations
from crossdock.cutover.outcome import Outcome
from crossdock.cutover.tally import Counts
from crossdock.cutover.timing import ONE_IN, Timing
from crossdock.errors import Busy
from crossdock.stages import Stage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingStore
from freight.modules.bookings.store_sqlalchemy import SqlAlchemyBookingStore
from freight.tenancy import CompanyScope
from tests.cutover.scene import MODULE, booked, brought_to, counted
from tests.cutover.wrong import slow
from tests.waiting import until
from tests.world import Server

STRICT = 8
"""How much slower the candidate may be, where one is planted that is slower by far (`wrong.slow`)."""


@pytest.fixture
async def eyes(server: Server, moved: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await server.connect(moved.settings.direct.database)
    yield connection
    await connection.close()


@asynccontextmanager
async def wanted_by_another(server: Server, database: Database, key: UUID) -> AsyncIterator[None]:
    """A booking that another transaction has locked."""
    other = await server.connect(database.settings.direct.database)
    async with other.transaction():
        await other.execute("SELECT FROM bookings WHERE id = $1 FOR UPDATE", key)
        yield
    await other.close()


async def lock(database: Database, shipper: CompanyScope, key: UUID) -> None:
    async with database.transaction(shipper) as tx:
        assert await tx.store(BookingStore).get(key, lock=True)


REALLY_WAITS = """
SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
    AND clock_timestamp() - query_start > interval '50 ms'
"""
"""Longer than a trial does, which gives up after a millisecond: in the midst of one, the lock would be free for it."""


async def locked_in_its_turn(
    server: Server, database: Database, shipper: CompanyScope, eyes: asyncpg.Connection, key: UUID
) -> None:
    """After another transaction has let go."""
    async with wanted_by_another(server, database, key):
        waiting = asyncio.create_task(lock(database, shipper, key))
        await until(lambda: eyes.fetchval(REALLY_WAITS))
    await waiting


def said(database: Database, counts: Counts, slower_max: float = 1_000) -> list[str]:
    """What the gate says of the time."""
    limits = database.settings.moves.model_copy(update={"slower_max": slower_max})
    state = database.stages.of(MODULE)
    found = obstacles(database.registry, state, {"get": counts}, limits, database.environment.clock.now())
    return [each for each in found if each.startswith("get: ")]


async def test_waiting_for_a_lock_is_not_timed(
    server: Server, moved: Database, operator: Operations, shipper: CompanyScope, eyes: asyncpg.Connection
) -> None:
    """A call that waits is compared like any other, and says nothing about the time: the gate asks for one that does
    not wait, and opens with it."""
    row = await booked(moved, shipper)
    await brought_to(moved, Stage.REHEARSE)
    async with running_moves(moved) as moves:
        await locked_in_its_turn(server, moved, shipper, eyes, row.id)
        await moves.settled()
        found = (await counted(operator))["get"]
        assert (found.same, found.timed, found.control_us, found.candidate_us) == (1, 0, 0, 0)
        (why,) = said(moved, found)
        assert why.startswith("get: 0 calls of it were timed, of 1 that have to: others waited for a lock")
        await lock(moved, shipper, row.id)
        await moves.settled()
    found = (await counted(operator))["get"]
    assert (found.same, found.timed) == (2, 1)
    assert said(moved, found) == []


async def test_a_slow_candidate_is_caught_among_locks(  # noqa: PLR0917  fixtures
    server: Server,
    moved: Database,
    operator: Operations,
    shipper: CompanyScope,
    eyes: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long the other store has waited for a lock, it does not hide the time of the candidate."""
    row = await booked(moved, shipper)
    monkeypatch.setattr(SqlAlchemyBookingStore, "get", slow(SqlAlchemyBookingStore.get))
    await brought_to(moved, Stage.REHEARSE)
    async with running_moves(moved) as moves:
        for _ in range(2):
            await locked_in_its_turn(server, moved, shipper, eyes, row.id)
        await lock(moved, shipper, row.id)
        await moves.settled()
    found = (await counted(operator))["get"]
    assert (found.same, found.timed) == (3, 1)
    assert any("get: the candidate takes" in each for each in said(moved, found, STRICT))


async def answering(outcome: Outcome, name: str, order: list[str]) -> Outcome:
    order.append(name)
    return outcome


async def test_they_begin_by_turns() -> None:
    """So that neither always finds in memory what the other one has read."""
    timing, order = Timing(4), list[str]()
    for _ in range(4):
        assert timing.is_due("get")
        trials = (partial(answering, Outcome(), name, order) for name in ("served", "other"))
        _, mine = await timing.both("get", *trials)
        assert mine is not None
    assert order == ["other", "served", "served", "other"] * 2


async def test_enough_calls_are_timed() -> None:
    """All until there are as many as the gate asks for, those that waited not among them; then one in ten."""
    timing, waited = Timing(2), Outcome(error=Busy("another transaction"))
    for outcome in (Outcome(), waited, Outcome()):
        assert timing.is_due("get")
        trial = partial(answering, outcome, "", [])
        await timing.both("get", trial, trial)
    assert sum(timing.is_due("get") for _ in range(10 * ONE_IN)) == 10
