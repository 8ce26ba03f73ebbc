"""Holding money: an amount of a wallet is set aside until it is settled or voided."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.service.transfer import transfer
from freight.modules.ledger.store import AccountKey, AccountKind, TransferKind, TransferRow
from freight.money import Money


async def hold(tx: Transaction, *, company_id: UUID, amount: Money, reference: str, subject_id: UUID) -> TransferRow:
    """A pending transfer from a company's wallet to its held account. Raises what `transfer` raises."""
    order = Order(
        kind=TransferKind.HOLD,
        reference=reference,
        amount=amount,
        debit=AccountKey(company_id, AccountKind.WALLET, amount.currency),
        credit=AccountKey(company_id, AccountKind.HELD, amount.currency),
        subject_id=subject_id,
    )
    return await transfer(tx, order, held=True)
