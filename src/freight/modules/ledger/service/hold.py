"""Money is set aside for what it was promised to."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.service.transfer import transfer
from freight.modules.ledger.store import AccountKey, AccountKind, TransferKind, TransferRow
from freight.money import Money


async def hold(tx: Transaction, *, company_id: UUID, amount: Money, reference: str, subject_id: UUID) -> TransferRow:
    """A company's wallet → its held account, pending. Raises InsufficientFunds and what `transfer` raises."""
    order = Order(
        kind=TransferKind.HOLD,
        reference=reference,
        amount=amount,
        debit=AccountKey(company_id, AccountKind.WALLET, amount.currency),
        credit=AccountKey(company_id, AccountKind.HELD, amount.currency),
        subject_id=subject_id,
    )
    return await transfer(tx, order, held=True)
