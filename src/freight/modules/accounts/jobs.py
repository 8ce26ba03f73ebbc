"""What accounts does by itself: forgets what is of no use any more, so that strangers cannot fill its tables."""

from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.service.signing_in.throttle import FORGET_AFTER
from freight.modules.accounts.store import AccountStore

ROWS_AT_ONCE = 5_000
"""Of each kind, in one short transaction, of which there are as many as it takes."""


async def forget_old(database: Database) -> int:
    """Removes expired refresh tokens and counts of failures that have lapsed. Returns how many rows."""
    forgotten, now = 0, database.clock.now()
    while True:
        async with database.transaction(Platform("forget old sign-ins")) as tx:
            store = tx.store(AccountStore)
            tokens = await store.forget_refresh_tokens(now, ROWS_AT_ONCE)
            throttles = await store.forget_throttles(now - FORGET_AFTER, ROWS_AT_ONCE)
        forgotten += tokens + throttles
        if max(tokens, throttles) < ROWS_AT_ONCE:
            return forgotten
