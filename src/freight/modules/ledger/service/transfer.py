"""One transfer between two accounts, posted or held: the way of every verb that books nothing else."""

from crossdock.transaction import Transaction
from freight.modules.ledger.service.journal import Journal
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.store import LedgerStore, TransferRow

PLATFORM = "ledger"
"""Why the rights are raised: a transfer has two sides, and a company may only read its own."""


async def transfer(tx: Transaction, order: Order, *, held: bool = False) -> TransferRow:
    """Books it, or finds the transfer that the same order made before.

    Raises InsufficientFunds, TooMuchDeposited, BalanceOverflow, and ReferenceReused where the reference stands for
    something else.
    """
    async with tx.as_platform(PLATFORM):
        account_ids = await tx.store(LedgerStore).open_accounts((order.debit, order.credit), tx.clock.now())
        journal = await Journal.open(tx, account_ids.values())
        made = await journal.made_before(order)
        if made is not None:
            return made
        booked = journal.hold(order) if held else journal.post(order)
        await journal.write()
        return booked
