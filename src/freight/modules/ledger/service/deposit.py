"""Deposits: money comes into a wallet from outside."""

from uuid import UUID

from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller, Role
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.service.transfer import transfer
from freight.modules.ledger.store import AccountKey, AccountKind, TransferKind, TransferRow
from freight.money import Money


async def deposit_own(tx: Transaction, caller: Caller, amount: Money) -> TransferRow:
    """A deposit into the wallet of the caller's company, under a new reference. Raises RoleTooLow below manager."""
    caller.need(Role.MANAGER)
    return await deposit(tx, company_id=caller.company_id, amount=amount, reference=f"deposit:{new_id()}")


async def deposit(tx: Transaction, *, company_id: UUID, amount: Money, reference: str) -> TransferRow:
    """A transfer from a company's external account to its wallet. Raises what `transfer` raises."""
    order = Order(
        kind=TransferKind.DEPOSIT,
        reference=reference,
        amount=amount,
        debit=AccountKey(company_id, AccountKind.EXTERNAL, amount.currency),
        credit=AccountKey(company_id, AccountKind.WALLET, amount.currency),
    )
    return await transfer(tx, order)
