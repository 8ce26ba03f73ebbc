"""Holds whose time is over give back what they held."""

from datetime import datetime
from itertools import chain

from crossdock.kernel.transaction import Transaction
from crossdock.modules.ledger.service.journal import Journal
from crossdock.modules.ledger.service.transfer import PLATFORM
from crossdock.modules.ledger.store import LedgerStore, TransferStatus


async def expire_holds(tx: Transaction, now: datetime, limit: int) -> int:
    """Expires at most `limit` overdue holds, the longest overdue first. Returns how many.

    They are found without a lock and looked for once more under the locks of all their accounts: what somebody settled
    or voided meanwhile is theirs.
    """
    async with tx.as_platform(PLATFORM):
        store = tx.store(LedgerStore)
        overdue = await store.overdue_holds(now, limit)
        if not overdue:
            return 0
        sides = [(hold.debit_account_id, hold.credit_account_id) for hold in overdue]
        journal = await Journal.open(tx, set(chain.from_iterable(sides)))
        pending = await store.still_pending([hold.id for hold in overdue])
        for hold in overdue:
            if hold.id in pending:
                journal.resolve(hold, TransferStatus.EXPIRED)
        await journal.write()
        return len(pending)
