"""What the tests of moves wait for and look at."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.config.settings import Settings
from crossdock.cutover import triggers
from crossdock.cutover.changes import at, change, look, started
from crossdock.cutover.ladder import Step
from crossdock.cutover.operating import Operations
from crossdock.cutover.tally import Counts
from crossdock.driver.connection import connect
from crossdock.registry import Orm, Registry
from crossdock.stages import ModuleState, Stage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingRow, BookingStore
from freight.modules.bookings.store_sqlalchemy import SqlAlchemyBookingStore
from freight.tenancy import CompanyScope
from tests.stores.rows import booking_row
from tests.world import PATIENT_S

MODULE = "bookings"
METHODS = ["add", "add_history", "change", "document", "get", "move", "page", "past_pickup"]
"""Of its contract."""
AGREED = """
INSERT INTO module_comparisons SELECT gen_random_uuid(), module, method, since, 1, 0, 0, 0, 0, 1, 1, 1, 1, now(), 1
FROM module_states, unnest($2::text[]) AS method WHERE module = $1
"""


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(PATIENT_S):
        while not holds():  # noqa: ASYNC110  what is waited for tells nobody
            await asyncio.sleep(0.01)


async def heard(database: Database, state: ModuleState) -> None:
    """Waits until this process knows of a state."""
    await until(lambda: database.stages.of(state.module).version >= state.version)


async def brought_to(database: Database, stage: Stage, share: int = 0) -> ModuleState:
    """The module at a stage with all of its units compared, whatever the gate would say of it, and known here."""
    connection = await connect(database.settings.direct)
    before = await look(connection.fetchrow, MODULE)
    now = datetime.now(UTC)
    begun = before if before.control else started(before, Orm.TORTOISE, 100, now, by="the test", reason="")
    if stage not in (Stage.TORTOISE, Stage.SHADOW):
        await triggers.make(connection, database.registry.owners())
    after = await change(connection.fetchrow, before, at(begun, Step(stage, share), now, by="the test", reason=""))
    await connection.close()
    await heard(database, after)
    return after


async def counted(operator: Operations) -> dict[str, Counts]:
    """What was compared at the stage, by method."""
    return dict((await operator.progress(MODULE)).counts)


async def opened(settings: Settings, module: str) -> None:
    """Opens the gate of a module's stage: each method of its contract was compared, with the same answers."""
    connection = await connect(settings.direct)
    await connection.execute(AGREED, module, METHODS)
    await connection.close()


def before_the_move(registry: Registry) -> Registry:
    """The same modules, with the one that moves as it was at the beginning: on Tortoise, with aerich's tables."""
    manifest = replace(registry.modules[MODULE], orm=Orm.TORTOISE, migrated_by={})
    return Registry(registry.application, registry.modules | {MODULE: manifest})


def make_heavier(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of the candidate: it adds each booking with a kilogram more."""
    right = SqlAlchemyBookingStore.add

    async def add(store: Any, row: BookingRow) -> None:
        await right(store, replace(row, weight_kg=row.weight_kg + 1))

    monkeypatch.setattr(SqlAlchemyBookingStore, "add", add)


async def booked(database: Database, shipper: CompanyScope, times: int = 1) -> BookingRow:
    """Adds bookings, each in a transaction of its own, and gives the last one."""
    for _ in range(times):
        row = booking_row(shipper)
        async with database.transaction(shipper) as tx:
            await tx.store(BookingStore).add(row)
    return row
