"""What may be wrong with a candidate of the way back: of bookings on Tortoise, and of companies on SQLAlchemy. Each
defect is caught by the name of its method, before the candidate answers for anybody."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.config.settings import Settings
from crossdock.cutover import running_moves, triggers
from crossdock.cutover.changes import at, change, look, started
from crossdock.cutover.ladder import Step
from crossdock.cutover.operating import GateShut, Operations
from crossdock.driver.connection import connect
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.stages import ModuleState, Stage
from crossdock.transaction import Database
from freight.modules.bookings.models_tortoise import Booking
from freight.modules.bookings.store import BookingRow
from freight.modules.bookings.store_tortoise import TortoiseBookingReads, TortoiseBookingStore
from freight.modules.companies.store import CompanyKind, CompanyReads, CompanyRow, CompanyStore
from freight.modules.companies.store_sqlalchemy import SqlAlchemyCompanyReads, SqlAlchemyCompanyStore
from tests.cutover import subtle
from tests.cutover.scene import heard
from tests.cutover.test_defects import PATIENT
from tests.cutover.use import Loads, loads, read, write
from tests.cutover.wrong import Wrong, amount, answered, asked, called_with, hasty, instead, written
from tests.stores.rows import PLATFORM
from tests.world import Server, database_name, unique

SHADOW, REHEARSE = Stage.SHADOW, Stage.REHEARSE


@dataclass(frozen=True)
class Defect:
    """`seen` is a pattern that the path of a mismatch begins with."""

    holder: type[Any]
    method: str
    name: str
    wrong: Wrong
    seen: str

    def __str__(self) -> str:
        return f"{self.module}.{self.method}: {self.name}"

    @property
    def module(self) -> str:
        return "companies" if self.holder.__name__.startswith("SqlAlchemyCompany") else "bookings"

    @property
    def stage(self) -> Stage:
        return SHADOW if self.holder.__name__.endswith("Reads") else REHEARSE


async def everybodys(self: Any, row: BookingRow, *, version: int) -> bool:
    """It changes the rows of whoever has a booking of that version, without the key."""
    return await Booking.filter(version=version).update(weight_kg=row.weight_kg, version=row.version) >= 1


def forgetful(right: Any) -> Any:
    """The answer says that it was written, and one column keeps its value."""

    async def change(self: Any, row: BookingRow, *, version: int) -> bool:
        known = await self.get(row.id)
        return bool(await right(self, replace(row, weight_kg=known.weight_kg), version=version))

    return change


def as_platform(right: Any) -> Any:
    """In the role that sees the rows of all tenants."""

    async def get(self: Any, key: Any, **named: Any) -> Any:
        connection = Booking._meta.db
        await connection.execute_query("SET LOCAL ROLE crossdock_platform")
        return await right(self, key, **named)

    return get


RB, SB = TortoiseBookingReads, TortoiseBookingStore
RC, SC = SqlAlchemyCompanyReads, SqlAlchemyCompanyStore
DEFECTS = [
    Defect(RB, "page", "a wrong filter", asked(lambda page, status: (page, None)), r"returned\.body\.items"),
    Defect(RB, "page", "a page from the cursor on", asked(subtle.from_the_cursor_on), r"returned\.body\.items"),
    Defect(RB, "document", "an amount in floats", answered(amount(float)), r"returned\.body\.price_ceiling"),
    Defect(RB, "get", "a missing scope filter", as_platform, "returned"),
    Defect(SB, "change", "a lost column", forgetful, r"rows\.bookings\..*weight_kg"),
    Defect(SB, "change", "rows of others", instead(everybodys), "rows|returned"),
    Defect(SB, "move", "a swallowed conflict", hasty, "returned"),
    Defect(
        RC,
        "get",
        "a cut time",
        answered(lambda row: replace(row, created_at=row.created_at.replace(microsecond=0))),
        r"returned\.created_at",
    ),
    Defect(SC, "get", "a missing lock", called_with(lock=False), r"locks\.companies"),
    Defect(
        SC,
        "add",
        "a trimmed name",
        written(lambda row: replace(row, name=row.name.strip())),
        r"rows\.companies\..*name",
    ),
]


@pytest.fixture(scope="module")
async def database(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    name = database_name("back")
    settings: Settings = (await server.copy(name, template)).model_copy(update={"moves": PATIENT})
    async with Database(settings, registry) as opened:
        yield opened
    await server.drop(name)


@pytest.fixture(scope="module")
async def there(database: Database) -> Loads:
    return await loads(database)


async def away(database: Database, module: str, stage: Stage) -> ModuleState:
    """The module on its way from the ORM of its manifest, at a stage, and known here. The others do not move."""
    connection = await connect(database.settings.direct)
    await connection.execute("UPDATE module_states SET stage = control WHERE module <> $1", module)
    before, now = await look(connection.fetchrow, module), datetime.now(UTC)
    begun = started(before, database.registry.modules[module].orm, 100, now, by="the test", reason="")
    await triggers.make(connection, database.registry.owners())
    after = await change(connection.fetchrow, before, at(begun, Step(stage), now, by="the test", reason=""))
    await connection.close()
    await heard(database, after)
    return after


async def joined(database: Database, stage: Stage) -> None:
    """Each method of the companies store."""
    now = datetime.now(UTC).replace(microsecond=123_456)
    row = CompanyRow(new_id(), unique(" Łódź "), CompanyKind.BOTH, now, now, 1)
    async with database.transaction(PLATFORM) as tx:
        await tx.store(CompanyStore).add(row)
        await tx.store(CompanyStore).get(row.id, lock=True)
    for key in (row.id, new_id()):
        async with database.reading(PLATFORM, CompanyReads) as companies:
            await companies.get(key)


async def used(database: Database, there: Loads, module: str, stage: Stage) -> ModuleState:
    """The store at a stage, with each of its methods called and compared."""
    state = await away(database, module, stage)
    async with running_moves(database) as moves:
        if module == "companies":
            await joined(database, stage)
        else:
            await read(database, there)
            if stage is REHEARSE:
                await write(database, there)
        await moves.settled()
    return state


@pytest.mark.parametrize("module", ["bookings", "companies"])
@pytest.mark.parametrize("stage", [SHADOW, REHEARSE])
async def test_a_right_candidate_passes(database: Database, there: Loads, module: str, stage: Stage) -> None:
    """The same use of the store finds no difference, and the gate opens."""
    await used(database, there, module, stage)
    progress = await Operations(database.settings, database.registry, by="the test").progress(module)
    assert progress.obstacles == ()


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
async def test_a_defect_is_caught(
    database: Database, there: Loads, monkeypatch: pytest.MonkeyPatch, defect: Defect
) -> None:
    """The gate stays shut and names the method, and a mismatch of that method shows where."""
    operator = Operations(database.settings, database.registry, by="the test")
    monkeypatch.setattr(defect.holder, defect.method, defect.wrong(getattr(defect.holder, defect.method)))
    state = await used(database, there, defect.module, defect.stage)
    with pytest.raises(GateShut, match=rf" {defect.method}: \d+ mismatch"):
        await operator.advance(defect.module)
    paths = [
        difference["path"]
        for mismatch in await operator.mismatches(defect.module)
        if mismatch.method == defect.method and state.since and mismatch.created_at >= state.since
        for difference in mismatch.differences
    ]
    assert any(re.match(defect.seen, path) for path in paths), paths
