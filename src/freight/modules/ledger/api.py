"""What other modules may do with money. Each function works in the caller's transaction and takes the platform's rights
by itself: the caller has checked that the tenant may do this.

Ledger accounts are the last thing that a transaction locks: bookings, bids and shipments come before. Two of these
functions in one transaction lock twice, which can deadlock (503, nothing written) where they touch different companies.
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

    A hold has no clock of its own: whoever asked for it settles or voids it. The same reference, amount and company
    find the first hold again, in whatever state it is. Raises InsufficientFunds, ReferenceReused.
    """
    held = await service.hold(tx, company_id=company_id, amount=amount, reference=reference, subject_id=subject_id)
    return held.id


async def void(tx: Transaction, hold_id: UUID, *, expired: bool = False) -> None:
    """Gives back what is held. `expired` says that time ended it, not somebody. Raises NotFound, NotPending."""
    await service.void_hold(tx, hold_id, expired=expired)


async def settle(tx: Transaction, hold_id: UUID, *, payer_id: UUID, payee_id: UUID, reference: str) -> Settlement:
    """Pays what the payer holds to the payee's wallet, less the platform's fee.

    Raises NotFound, NotThePayersHold, NotPending, ReferenceReused.
    """
    return await service.settle(tx, hold_id, payer_id=payer_id, payee_id=payee_id, reference=reference)
