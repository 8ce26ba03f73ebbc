"""What the ledger does by itself when its time comes."""

from crossdock.kernel.tenancy import Platform
from crossdock.kernel.transaction import Database
from crossdock.modules.ledger import service

BATCH = 100
"""How many holds one transaction expires at most: their accounts are locked until it ends."""


async def expire_holds(database: Database) -> int:
    """Gives back one batch of overdue holds. Returns how many; the rest has its turn at the next round."""
    async with database.transaction(Platform("expire_holds")) as tx:
        return await service.expire_holds(tx, tx.clock.now(), BATCH)
