"""The timer of accounts: it deletes what is of no use any more, so that strangers cannot fill the tables."""

from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.service.signing_in.throttle import FORGET_AFTER
from freight.modules.accounts.store import AccountStore

ROWS_AT_ONCE = 5_000
"""How many rows of each kind one transaction deletes. Short transactions hold their locks for a short time."""


async def forget_old(database: Database) -> int:
    """Deletes expired refresh tokens and old counts of failures, in as many transactions as it takes.

    Returns how many rows.
    """
    forgotten, now = 0, database.clock.now()
    while True:
        async with database.transaction(Platform("forget old sign-ins")) as tx:
            store = tx.store(AccountStore)
            tokens = await store.delete_old_refresh_tokens(now, ROWS_AT_ONCE)
            throttles = await store.delete_old_throttles(now - FORGET_AFTER, ROWS_AT_ONCE)
        forgotten += tokens + throttles
        if max(tokens, throttles) < ROWS_AT_ONCE:
            return forgotten
