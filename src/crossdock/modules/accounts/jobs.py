"""What accounts does by itself: forgets what is of no use any more, so that strangers cannot fill its tables."""

from crossdock.kernel.tenancy import Platform
from crossdock.kernel.transaction import Database
from crossdock.modules.accounts.store import AccountStore
from crossdock.modules.accounts.throttle import FORGET_AFTER

ROWS_AT_ONCE = 5_000
"""Of each kind, in one short transaction; what is left is taken the next time."""


async def forget_old(database: Database) -> int:
    """Removes expired refresh tokens and counts of failures that have lapsed. Returns how many rows."""
    async with database.transaction(Platform("forget old sign-ins")) as tx:
        store, now = tx.store(AccountStore), tx.clock.now()
        tokens = await store.forget_refresh_tokens(now, ROWS_AT_ONCE)
        return tokens + await store.forget_throttles(now - FORGET_AFTER, ROWS_AT_ONCE)
