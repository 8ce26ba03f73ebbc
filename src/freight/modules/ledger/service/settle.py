"""Settling a hold: the held amount is paid to the payee, less the platform's fee."""

from dataclasses import dataclass
from uuid import UUID

from crossdock.errors import ProgrammingError
from crossdock.transaction import Transaction
from freight.modules.ledger.config import LedgerSettings
from freight.modules.ledger.service.journal import Journal
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.service.resolve import find_hold, need_pending
from freight.modules.ledger.service.transfer import REASON
from freight.modules.ledger.store import (
    AccountKey,
    AccountKind,
    LedgerStore,
    TransferKind,
    TransferRow,
    TransferStatus,
)
from freight.money import Money

BASIS_POINTS = 10_000


class NotThePayersHold(ProgrammingError):
    """The held amount belongs to another company than the one that pays."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the payee received, and the platform's fee."""

    paid: Money
    fee: Money


async def settle(tx: Transaction, hold_id: UUID, *, payer_id: UUID, payee_id: UUID, reference: str) -> Settlement:
    """Posts the hold to the payer's held account, then pays out: the fee to the fees account, the rest to the payee.

    Raises NotFound, NotThePayersHold, NotPending, ReferenceReused.
    """
    async with tx.as_platform(REASON):
        hold = await find_hold(tx, hold_id)
        if hold.debit_company_id != payer_id:
            raise NotThePayersHold
        settlement = divide(hold.amount, tx.settings(LedgerSettings).fee_basis_points)
        orders = _payments(hold, settlement, payee_id, reference)
        # Missing accounts are made before any is locked: an INSERT under locks could wait for another transaction.
        account_ids = await tx.store(LedgerStore).open_accounts([order.credit for order in orders], tx.clock.now())
        # All accounts in one call, in the order of their ids: a second set of locks could deadlock with another deal's.
        journal = await Journal.open(tx, {hold.debit_account_id, hold.credit_account_id, *account_ids.values()})
        await need_pending(tx, hold)  # under the locks: of two settlements at once the second one finds it posted
        journal.resolve(hold, TransferStatus.POSTED)
        for order in orders:
            journal.post(order)
        await journal.write()
        return settlement


def divide(amount: Money, fee_basis_points: int) -> Settlement:
    """Splits an amount. The fee is rounded down to a whole minor unit, and the payee gets all the rest."""
    fee_minor = amount.amount_minor * fee_basis_points // BASIS_POINTS
    return Settlement(Money(amount.amount_minor - fee_minor, amount.currency), Money(fee_minor, amount.currency))


def _payments(hold: TransferRow, settlement: Settlement, payee_id: UUID, reference: str) -> list[Order]:
    """The one or two transfers out of the held account. A share of zero has none."""
    payer_id, currency = hold.credit_company_id, hold.amount.currency
    held, fees = (AccountKey(payer_id, kind, currency) for kind in (AccountKind.HELD, AccountKind.FEES))
    wallet = AccountKey(payee_id, AccountKind.WALLET, currency)
    shares = (
        (TransferKind.SETTLEMENT, reference, settlement.paid, wallet),
        (TransferKind.FEE, f"{reference}:fee", settlement.fee, fees),
    )
    return [
        Order(kind, name, share, debit=held, credit=credit, subject_id=hold.subject_id)
        for kind, name, share, credit in shares
        if share.amount_minor
    ]
