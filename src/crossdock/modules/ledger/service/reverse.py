"""A posted transfer is taken back by one that goes the other way: the books themselves are never edited."""

from uuid import UUID

from crossdock.kernel.errors import Conflict, NotFound
from crossdock.kernel.money import Money
from crossdock.kernel.transaction import Transaction
from crossdock.modules.ledger.service.journal import Journal
from crossdock.modules.ledger.service.order import Order
from crossdock.modules.ledger.service.transfer import PLATFORM
from crossdock.modules.ledger.store import LedgerStore, TransferKind, TransferRow


class NothingToReverse(Conflict):
    """Only money that moved can be moved back."""


class AlreadyReversed(Conflict):
    """The transfer was reversed before: once is all."""


class ReversalIsFinal(Conflict):
    """A reversal cannot be reversed: book a new transfer."""


async def reverse(tx: Transaction, transfer_id: UUID, *, reference: str) -> TransferRow:
    """Moves back what a transfer moved: its amount, or the part of a hold that was posted.

    Raises NotFound, NothingToReverse, AlreadyReversed, ReversalIsFinal, ReferenceReused, and InsufficientFunds where
    the money is spent. The same reversal under the same reference is found again.
    """
    async with tx.as_platform(PLATFORM):
        transfer = await _reversible(tx, transfer_id)
        journal = await Journal.open(tx, (transfer.debit_account_id, transfer.credit_account_id))
        order = Order(
            kind=TransferKind.REVERSAL,
            reference=reference,
            amount=_moved(transfer),
            debit=journal.key(transfer.credit_account_id),
            credit=journal.key(transfer.debit_account_id),
            subject_id=transfer.subject_id,
            reverses_id=transfer.id,
        )
        made = await journal.made_before(order)
        if made is not None:
            return made
        if await tx.store(LedgerStore).reversal_of(transfer.id) is not None:
            raise AlreadyReversed
        reversal = journal.post(order)
        await journal.write()
        return reversal


async def _reversible(tx: Transaction, transfer_id: UUID) -> TransferRow:
    """What was posted stays posted, so this may be read before the locks."""
    transfer = await tx.store(LedgerStore).transfer(transfer_id)
    if transfer is None:
        raise NotFound
    if transfer.kind is TransferKind.REVERSAL:
        raise ReversalIsFinal
    return transfer


def _moved(transfer: TransferRow) -> Money:
    if transfer.posted is None:
        raise NothingToReverse(f"The transfer is {transfer.status.value}: nothing moved, so nothing can be moved back.")
    return transfer.posted
