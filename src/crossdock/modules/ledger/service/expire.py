"""A hold whose time is over gives back what it held."""

from datetime import datetime
from uuid import UUID

from crossdock.kernel.transaction import Transaction
from crossdock.modules.ledger.service.journal import Journal
from crossdock.modules.ledger.service.resolve import find_hold
from crossdock.modules.ledger.service.transfer import PLATFORM
from crossdock.modules.ledger.store import LedgerStore, TransferStatus


async def expire_hold(tx: Transaction, hold_id: UUID, now: datetime) -> bool:
    """Expires a hold. False when it has time left, or somebody settled or voided it meanwhile. Raises NotFound.

    It is looked for once more under the locks of its accounts: whoever resolves it locks them first.
    """
    async with tx.as_platform(PLATFORM):
        hold = await find_hold(tx, hold_id)
        if hold.expires_at is None or hold.expires_at > now:
            return False
        journal = await Journal.open(tx, (hold.debit_account_id, hold.credit_account_id))
        if not await tx.store(LedgerStore).still_pending([hold_id]):
            return False
        journal.resolve(hold, TransferStatus.EXPIRED)
        await journal.write()
        return True
