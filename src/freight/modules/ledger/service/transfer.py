"""One transfer between two accounts, posted or held. Deposits and holds are made with it."""

from crossdock.transaction import Transaction
from freight.modules.ledger.service.journal import Journal
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.store import LedgerStore, TransferRow

REASON = "ledger"
"""The reason that is logged with the platform's rights. A company may only read its accounts, so no tenant can book."""


async def transfer(tx: Transaction, order: Order, *, held: bool = False) -> TransferRow:
    """Books the order, or returns the transfer that the same order made before.

    Raises InsufficientFunds, TooMuchDeposited, BalanceOverflow, and ReferenceReused where the reference stands for
    something else.
    """
    async with tx.as_platform(REASON):
        # Missing accounts are made before any is locked: an INSERT under locks could wait for another transaction.
        account_ids = await tx.store(LedgerStore).open_accounts((order.debit, order.credit), tx.clock.now())
        journal = await Journal.open(tx, account_ids.values())
        # Under the locks: a second call at the same time waited for them, and finds what the first one has made.
        made = await journal.made_before(order)
        if made is not None:
            return made
        booked = journal.hold(order) if held else journal.post(order)
        await journal.write()
        return booked
