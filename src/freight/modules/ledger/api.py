"""What other modules may do with money. Each function works in the caller's transaction.

It takes the platform's rights for itself, so the caller must have checked that the tenant may do this.

A transaction locks ledger accounts last, after bookings, bids and shipments. Call only one of these functions in a
transaction: each locks its accounts in order, but two calls that touch different companies could deadlock with another
transaction. PostgreSQL would end one of them (503, and nothing of it is written).
"""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.ledger import service
from freight.modules.ledger.service.journal import InsufficientFunds
from freight.modules.ledger.service.resolve import NotPending
from freight.modules.ledger.service.settle import NotThePayersHold, Settlement
from freight.modules.ledger.store import ReferenceReused
from freight.money import Money

__all__ = [
    "InsufficientFunds",
    "NotPending",
    "NotThePayersHold",
    "ReferenceReused",
    "Settlement",
    "hold",
    "settle",
    "void",
]


async def hold(tx: Transaction, *, company_id: UUID, amount: Money, reference: str, subject_id: UUID) -> UUID:
    """Sets an amount of a company's wallet aside. Returns the id of the pending transfer.

    A hold never ends by itself: the caller settles or voids it later. A second call with the same reference, amount and
    company returns the first hold again, whatever became of it. Raises InsufficientFunds, ReferenceReused.
    """
    held = await service.hold(tx, company_id=company_id, amount=amount, reference=reference, subject_id=subject_id)
    return held.id


async def void(tx: Transaction, hold_id: UUID, *, expired: bool = False) -> None:
    """Gives the held amount back. `expired` records that a time limit ended it. Raises NotFound, NotPending."""
    await service.void_hold(tx, hold_id, expired=expired)


async def settle(tx: Transaction, hold_id: UUID, *, payer_id: UUID, payee_id: UUID, reference: str) -> Settlement:
    """Pays the held amount of the payer to the payee's wallet, less the platform's fee.

    Raises NotFound, NotThePayersHold, NotPending, ReferenceReused.
    """
    return await service.settle(tx, hold_id, payer_id=payer_id, payee_id=payee_id, reference=reference)
