"""A hold ends once: it is voided here, or posted by a settlement."""

from uuid import UUID

from crossdock.errors import Conflict
from crossdock.transaction import Transaction
from freight.modules.ledger.service.journal import Journal
from freight.modules.ledger.service.transfer import PLATFORM
from freight.modules.ledger.store import LedgerStore, TransferRow, TransferStatus
from freight.rows import must_exist


class NotPending(Conflict):
    """The transfer is not pending, so it cannot be resolved.

    Read the transfer: its `status` says how it ended.
    """

    def __init__(self, transfer: TransferRow) -> None:
        status = transfer.status.value
        super().__init__(f"The transfer is {status}, so it cannot be resolved.", status=status)


async def void_hold(tx: Transaction, hold_id: UUID, *, expired: bool = False) -> TransferRow:
    """Gives back what is held, as voided or as expired. Raises NotFound, NotPending."""
    async with tx.as_platform(PLATFORM):
        hold = await find_hold(tx, hold_id)
        journal = await Journal.open(tx, (hold.debit_account_id, hold.credit_account_id))
        await need_pending(tx, hold)
        resolved = journal.resolve(hold, TransferStatus.EXPIRED if expired else TransferStatus.VOIDED)
        await journal.write()
        return resolved


async def find_hold(tx: Transaction, hold_id: UUID) -> TransferRow:
    """A transfer that may be pending: certain only under the locks of its accounts. Raises NotFound."""
    return must_exist(await tx.store(LedgerStore).transfer(hold_id))


async def need_pending(tx: Transaction, hold: TransferRow) -> None:
    """Reads it again, its accounts being locked: whoever resolves it locks them first. Raises NotPending."""
    current = await tx.store(LedgerStore).transfer(hold.id)
    if current is None or current.status is not TransferStatus.PENDING:
        raise NotPending(current or hold)
