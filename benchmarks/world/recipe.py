"""Makes a world of a size once, and keeps it: migrated by the service's own runner, filled by SQL."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import asyncpg
from pydantic import SecretStr

from benchmarks.world.server import Server
from crossdock.application import Application
from crossdock.clock import FixedClock
from crossdock.config.settings import DirectPoolSettings, LogSettings, PoolSettings, Settings
from crossdock.migrations.chain import chains_of
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.ledger import service as ledger
from freight.money import Money
from freight.settings import AuthSettings, FreightSettings

FOLDER = Path(__file__).parent
BOOKINGS = 100_000
"""With three bids for each."""
DEPOSIT = Money(1_000_000_000_000, "EUR")
"""In each shipper's wallet: enough for every award of the longest run."""
BEFORE_THE_DEALS = datetime(2025, 12, 31, tzinfo=UTC)


def settings_of(server: Server, name: str, secret: str = "x" * 32) -> Settings:
    """The service's settings on one database. Nothing of the environment leaks in."""
    small = PoolSettings(min_size=0, max_size=4)
    base = FreightSettings(
        environment="test",
        auth=AuthSettings(secret=SecretStr(secret)),
        log=LogSettings(level="error"),
        tortoise_pool=small,
        transaction_pool=small,
        direct_pool=DirectPoolSettings(min_size=0, max_size=2),
    )
    return base.with_database(server.service.with_database(name), server.owner.with_database(name))


@cache
def content() -> str:
    """A fingerprint of the recipe and the revisions: another one is another world. Read once, as the revisions are."""
    sources = [FOLDER / "people.sql", FOLDER / "deals.sql", Path(__file__)]
    sources += sorted(path for chain in chains_of(Application.find(FOLDER)) for path in chain.location.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:10]


async def make_world(server: Server, bookings: int = BOOKINGS) -> str:
    """The name of the world's database, which is made where it is not there. Never connect to it: copy it, or read it
    from connections that are closed again."""
    name = f"bench_world_{bookings}_{content()}"
    lock = await server.connect("postgres")
    try:
        await lock.execute("SELECT pg_advisory_lock(hashtext('benchmarks'))")
        if not await lock.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            await _forget_older(server, lock, bookings)
            await _make(server, name, bookings)
    finally:
        await lock.close()
    return name


async def _forget_older(server: Server, lock: asyncpg.Connection, bookings: int) -> None:
    older = await lock.fetch(
        "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", f"bench_world_{bookings}_"
    )
    for (name,) in older:
        await server.drop(name)


async def _make(server: Server, name: str, bookings: int) -> None:
    """Under another name until it is whole."""
    await server.drop("bench_fresh")
    await server.execute(f'CREATE DATABASE bench_fresh OWNER "{server.owner.user}"')
    settings = settings_of(server, "bench_fresh")
    registry = Registry.found()
    await Runner(settings, registry).up()
    connection = await server.connect("bench_fresh")
    try:
        await connection.execute((FOLDER / "people.sql").read_text())
        shippers = await connection.fetch("SELECT id FROM companies WHERE kind = 'shipper' ORDER BY id")
        await _deposit(settings, registry, [row["id"] for row in shippers[:10]])
        await connection.execute(f"SET bench.bookings = {bookings}")
        await connection.execute((FOLDER / "deals.sql").read_text())
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    await server.execute(f'ALTER DATABASE bench_fresh RENAME TO "{name}"')


async def _deposit(settings: Settings, registry: Registry, company_ids: list[UUID]) -> None:
    async with Database(settings, registry, FixedClock(BEFORE_THE_DEALS)) as database:
        for number, company_id in enumerate(company_ids):
            async with database.transaction(Platform("benchmarks")) as tx:
                await ledger.deposit(tx, company_id=company_id, amount=DEPOSIT, reference=f"deposit:{number}")
