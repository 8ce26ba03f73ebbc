"""What the guards cost: the processor time of a unit of work with them, against the same without, in one process.

`python -m benchmarks guards`. The kinds take turns, many and short ones, and the best turn of each counts: whatever
else a machine does makes a turn longer, never shorter.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from uuid import UUID

import uvloop

from benchmarks.bench import Bench
from benchmarks.requests import ENDPOINTS
from crossdock.config.guards import GuardSettings
from crossdock.config.settings import Settings
from crossdock.registry import Registry, load_settings
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads, BookingStore
from freight.modules.companies.store import CompanyReads, CompanyStore
from freight.tenancy import CompanyScope

BOOKINGS = 2_000
TURNS, UNITS, AT_ONCE = 80, 160, 8
OFF = "off"
KINDS = {
    OFF: GuardSettings(mode="off"),
    "off, once more": GuardSettings(mode="off"),
    "on, not watched": GuardSettings(mode="log", share=1e-9),
    "watched": GuardSettings(mode="log", share=1),
}

Work = Callable[[Database, CompanyScope, UUID], Awaitable[object]]
Costs = dict[tuple[str, str], float]
"""Unit and kind → µs of processor time for one, in the best turn."""


async def read_document(database: Database, tenant: CompanyScope, booking_id: UUID) -> object:
    async with database.reading(tenant, BookingReads) as bookings:
        return await bookings.document(booking_id)


async def read_by_tortoise(database: Database, tenant: CompanyScope, _: UUID) -> object:
    async with database.reading(tenant, CompanyReads) as companies:
        return await companies.get(tenant.company_id)


async def transact(database: Database, tenant: CompanyScope, booking_id: UUID) -> object:
    """Two statements, one of each ORM."""
    async with database.transaction(tenant) as tx:
        await tx.store(CompanyStore).get(tenant.company_id)
        return await tx.store(BookingStore).get(booking_id)


WORKS: dict[str, Work] = {
    "a document": read_document,
    "a row by Tortoise": read_by_tortoise,
    "a transaction of both ORMs": transact,
}


def measure_guards(bench: Bench) -> Costs:
    """Of a unit that is watched, and of one that is not. How many are is a setting."""
    with bench.copy("guards") as database:
        return uvloop.run(_measure(_settings(bench, database), bench))


def _settings(bench: Bench, database: str) -> Settings:
    return load_settings(environment="test").with_database(
        bench.server.service.with_database(database), bench.server.owner.with_database(database)
    )


async def _measure(settings: Settings, bench: Bench) -> Costs:
    requests = itertools.cycle(bench.requests(ENDPOINTS["one"]))
    asked = ((CompanyScope(each.by.company_id, each.by.company_kind), _id(each.path)) for each in requests)
    costs: Costs = {}
    async with AsyncExitStack() as stack:
        databases = {
            kind: await stack.enter_async_context(
                Database(settings.model_copy(update={"guards": guards}), Registry.found())
            )
            for kind, guards in KINDS.items()
        }
        for database in databases.values():
            async with database.transaction(Platform("warm up")):
                pass
        for _ in range(TURNS):
            for name, work in WORKS.items():
                for kind, database in databases.items():
                    cost = await _cost(work, database, asked)
                    costs[name, kind] = min(cost, costs.get((name, kind), cost))
    return costs


async def _cost(work: Work, database: Database, asked: Iterator[tuple[CompanyScope, UUID]]) -> float:
    async def some() -> None:
        for tenant, booking_id in itertools.islice(asked, UNITS // AT_ONCE):
            await work(database, tenant, booking_id)

    began = time.process_time()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return (time.process_time() - began) / UNITS * 1e6


def _id(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def told(costs: Costs, work: str, kind: str) -> str:
    """µs where guards are off, and how much more it is for the others."""
    off, cost = costs[work, OFF], costs[work, kind]
    return f"{off:.0f} µs" if kind == OFF else f"{100 * (cost / off - 1):+.1f} %"
