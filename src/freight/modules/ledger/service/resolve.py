"""Voiding a hold. A hold ends once: it is voided here, or posted by a settlement."""

from uuid import UUID

from crossdock.errors import Conflict
from crossdock.transaction import Transaction
from freight.modules.ledger.service.journal import Journal
from freight.modules.ledger.service.transfer import REASON
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
    """Gives the held amount back, and records it as voided or as expired. Raises NotFound, NotPending."""
    async with tx.as_platform(REASON):
        hold = await find_hold(tx, hold_id)
        # Lock first, then check: the hold is pending for certain only while its accounts are locked.
        journal = await Journal.open(tx, (hold.debit_account_id, hold.credit_account_id))
        await need_pending(tx, hold)
        resolved = journal.resolve(hold, TransferStatus.EXPIRED if expired else TransferStatus.VOIDED)
        await journal.write()
        return resolved


async def find_hold(tx: Transaction, hold_id: UUID) -> TransferRow:
    """The transfer of a hold, not locked. It may end before its accounts are locked. Raises NotFound."""
    return must_exist(await tx.store(LedgerStore).transfer(hold_id))


async def need_pending(tx: Transaction, hold: TransferRow) -> None:
    """Raises NotPending where the hold has ended. The caller has locked its accounts, as everyone does who ends it."""
    current = await tx.store(LedgerStore).transfer(hold.id)
    if current is None or current.status is not TransferStatus.PENDING:
        raise NotPending(current or hold)
