"""What the ledger does by itself when its time comes."""

from functools import partial
from uuid import UUID

from crossdock.kernel.periodic import one_by_one
from crossdock.kernel.tenancy import Platform
from crossdock.kernel.transaction import Database
from crossdock.modules.ledger import service
from crossdock.modules.ledger.store import LedgerStore

BATCH_MAX = 100
"""At most so many holds a run, each in a transaction of its own: accounts are locked for one hold, not for them all."""


async def expire_holds(database: Database) -> int:
    """Gives back the longest overdue holds. Returns how many; the rest has its turn at the next round."""
    async with database.reading(Platform("find overdue holds"), LedgerStore) as ledger:
        overdue = await ledger.overdue_holds(database.clock.now(), BATCH_MAX)
    return await one_by_one("expire a hold", [hold.id for hold in overdue], partial(_expire, database))


async def _expire(database: Database, hold_id: UUID) -> bool:
    async with database.transaction(Platform("expire a hold")) as tx:
        return await service.expire_hold(tx, hold_id, tx.clock.now())
