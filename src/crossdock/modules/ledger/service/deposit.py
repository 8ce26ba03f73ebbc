"""Money comes in from outside."""

from uuid import UUID

from crossdock.kernel.ids import new_id
from crossdock.kernel.money import Money
from crossdock.kernel.transaction import Transaction
from crossdock.modules.accounts.api import Caller, Role
from crossdock.modules.ledger.service.order import Order
from crossdock.modules.ledger.service.transfer import transfer
from crossdock.modules.ledger.store import AccountKey, AccountKind, TransferKind, TransferRow


async def deposit_own(tx: Transaction, caller: Caller, amount: Money) -> TransferRow:
    """A deposit into the caller's wallet, under a reference of its own. Raises RoleTooLow below manager."""
    caller.need(Role.MANAGER)
    return await deposit(tx, company_id=caller.company_id, amount=amount, reference=f"deposit:{new_id()}")


async def deposit(tx: Transaction, *, company_id: UUID, amount: Money, reference: str) -> TransferRow:
    """A company's account of the outside → its wallet. Raises TooMuchDeposited, and what `transfer` raises."""
    order = Order(
        kind=TransferKind.DEPOSIT,
        reference=reference,
        amount=amount,
        debit=AccountKey(company_id, AccountKind.EXTERNAL, amount.currency),
        credit=AccountKey(company_id, AccountKind.WALLET, amount.currency),
    )
    return await transfer(tx, order)
