"""What the tests of the library write and look at: a company, an event, and the truth behind both."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
from sqlalchemy import text
from tortoise.transactions import in_transaction

from crossdock.address import Address
from crossdock.config.settings import PoolSettings, Settings
from crossdock.events import Event
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Transaction
from freight.modules.companies.store import CompanyKind, CompanyRow, CompanyStore
from freight.tenancy import CompanyScope
from tests.library.outbox import OutboxEntry
from tests.world import PATIENT_S, unique

PLATFORM = Platform("test")
SOMEBODY = CompanyScope(new_id(), "both")
"""A tenant without a row: for reads of which only the pool matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Event):
    """An event that only tests know."""

    type: ClassVar[str] = "test.happened"


SAVEPOINTS: dict[str, Callable[[Transaction], AbstractAsyncContextManager[object]]] = {
    "ours": lambda tx: tx.savepoint(),
    "Tortoise's": lambda _: in_transaction(),
    "SQLAlchemy's": lambda tx: tx.session.begin_nested(),
}
"""The blocks that are a savepoint inside of a transaction, by whose they are."""


class Stop(Exception):
    """Leaves a block by an error of its own."""


def company_row(company_id: UUID | None = None) -> CompanyRow:
    now = datetime.now(UTC)
    return CompanyRow(company_id or new_id(), unique("company"), CompanyKind.BOTH, now, now, 1)


def outbox_row(subject_id: UUID, company_id: UUID | None = None) -> OutboxEntry:
    return OutboxEntry(
        type="test.written", subject_id=subject_id, company_id=company_id, payload={}, created_at=datetime.now(UTC)
    )


def appended(subject_id: UUID, company_id: UUID | None = None) -> dict[str, Any]:
    """The same, by column."""
    row = outbox_row(subject_id, company_id)
    return {column.name: getattr(row, column.name) for column in OutboxEntry.__table__.columns} | {"id": new_id()}


async def write_tortoise(tx: Transaction, subject_id: UUID) -> None:
    """A company with this id."""
    await tx.store(CompanyStore).add(company_row(subject_id))


async def write_sqlalchemy(tx: Transaction, subject_id: UUID) -> None:
    """An event about this id."""
    tx.session.add(outbox_row(subject_id))
    await tx.session.flush()


async def new_tenant(database: Database) -> CompanyScope:
    """A company of its own."""
    company_id = new_id()
    async with database.transaction(PLATFORM) as tx:
        await write_tortoise(tx, company_id)
    return CompanyScope(company_id, "both", actor_id=new_id())


@dataclass(frozen=True, slots=True)
class Eyes:
    """A superuser's connection to the database under test: sees what is really there."""

    connection: asyncpg.Connection

    async def value(self, sql: str, *arguments: Any) -> Any:
        return await self.connection.fetchval(sql, *arguments)

    async def written(self, subject_id: UUID) -> set[str]:
        """Which of the two ORMs' rows about a subject are there."""
        company = await self.value("SELECT count(*) FROM companies WHERE id = $1", subject_id)
        event = await self.value(
            "SELECT count(*) FROM outbox WHERE subject_id = $1 AND type = 'test.written'", subject_id
        )
        return {name for name, found in (("tortoise", company), ("sqlalchemy", event)) if found}

    async def events(self, subject_id: UUID) -> list[asyncpg.Record]:
        """What was emitted about a subject, in order."""
        return await self.connection.fetch(
            "SELECT * FROM outbox WHERE subject_id = $1 AND type = 'test.happened' ORDER BY id", subject_id
        )

    async def left_open(self) -> int:
        """Connections of our pools that are inside of a transaction now."""
        return await self.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name LIKE 'crossdock %' AND state <> 'idle'"
        )


def small(settings: Settings, size: int, **changes: Any) -> Settings:
    """The same database through pools of `size`. Changes are for both pools (`timeout_s`...) or for the settings."""
    pool = {name: changes.pop(name) for name in ("timeout_s", "waiting_max", "min_size") if name in changes}
    sized = PoolSettings(**{"min_size": 0, "max_size": size, "timeout_s": PATIENT_S} | pool)
    return settings.model_copy(
        update={"tortoise_pool": sized, "transaction_pool": sized, "platform_pool": sized} | changes
    )


def through(settings: Settings, address: Address, direct: Address | None = None) -> Settings:
    """The same database and logins by another way, as through a proxy; the direct lane too, unless it is given."""
    return settings.with_database(address, direct or address)


async def in_a_hurry(database: Database, limit_s: float) -> None:
    """From now on whoever waits for a connection of either pool waits so long at most. All are opened before: a busy
    machine takes its time to do that."""
    for pool in (database.tortoise, database.transactions, database.platform):
        async with AsyncExitStack() as stack:
            for _ in range(pool.gate.size):
                await stack.enter_async_context(pool._checked_out())  # `checkout` would close a kept session
        pool.gate.timeout_s = limit_s


@asynccontextmanager
async def opened(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    async with Database(settings, registry) as database:
        yield database


async def who(tx: Transaction) -> tuple[str, str]:
    """The role and the company that PostgreSQL thinks it works for."""
    row = (await tx.sql.execute(text("SELECT current_user, current_setting('crossdock.company_id', true)"))).one()
    return row[0], row[1]
