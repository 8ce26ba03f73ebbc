"""A hold ends: it is posted, whole or in part, or it is voided. Once."""

from uuid import UUID

from crossdock.kernel.errors import Conflict, Invalid, NotFound
from crossdock.kernel.money import Money
from crossdock.kernel.transaction import Transaction
from crossdock.modules.ledger.service.journal import Journal
from crossdock.modules.ledger.service.order import WrongCurrency, check_amount
from crossdock.modules.ledger.service.transfer import PLATFORM
from crossdock.modules.ledger.store import LedgerStore, TransferRow, TransferStatus


class NotPending(Conflict):
    """The transfer is not pending, so it cannot be resolved."""

    def __init__(self, transfer: TransferRow) -> None:
        status = transfer.status.value
        super().__init__(f"The transfer is {status}, so it cannot be resolved.", status=status)


class HoldOverdue(Conflict):
    """The hold's time is over, so it can no more be posted."""


class MoreThanHeld(Invalid):
    """A hold is posted for at most its amount."""


async def post_hold(tx: Transaction, hold_id: UUID, amount: Money | None = None) -> TransferRow:
    """Posts a hold, whole or `amount` of it; the rest is free again.

    Raises NotFound, NotPending, HoldOverdue, MoreThanHeld, WrongAmount, WrongCurrency.
    """
    async with tx.as_platform(PLATFORM):
        hold = await find_hold(tx, hold_id)
        posted = part_of(hold, amount)
        journal = await Journal.open(tx, (hold.debit_account_id, hold.credit_account_id))
        await need_postable(tx, hold)
        resolved = journal.resolve(hold, TransferStatus.POSTED, posted.amount_minor)
        await journal.write()
        return resolved


async def void_hold(tx: Transaction, hold_id: UUID, *, expired: bool = False) -> TransferRow:
    """Gives back what is held, as voided or as expired. Raises NotFound, NotPending."""
    async with tx.as_platform(PLATFORM):
        hold = await find_hold(tx, hold_id)
        journal = await Journal.open(tx, (hold.debit_account_id, hold.credit_account_id))
        await need_pending(tx, hold)
        resolved = journal.resolve(hold, TransferStatus.EXPIRED if expired else TransferStatus.VOIDED)
        await journal.write()
        return resolved


async def find_hold(tx: Transaction, hold_id: UUID) -> TransferRow:
    """A transfer that may be pending: certain only under the locks of its accounts. Raises NotFound."""
    hold = await tx.store(LedgerStore).transfer(hold_id)
    if hold is None:
        raise NotFound
    return hold


async def need_pending(tx: Transaction, hold: TransferRow) -> None:
    """Reads it again, its accounts being locked: whoever resolves it locks them first. Raises NotPending."""
    current = await tx.store(LedgerStore).transfer(hold.id)
    if current is None or current.status is not TransferStatus.PENDING:
        raise NotPending(current or hold)


async def need_postable(tx: Transaction, hold: TransferRow) -> None:
    """The same, and its time must not be over, written down or not. Raises NotPending, HoldOverdue."""
    await need_pending(tx, hold)
    if hold.expires_at is not None and hold.expires_at <= tx.clock.now():
        raise HoldOverdue


def part_of(hold: TransferRow, amount: Money | None) -> Money:
    """What is to be posted of a hold: all, unless said. Raises MoreThanHeld, WrongAmount, WrongCurrency."""
    if amount is None:
        return hold.amount
    check_amount(amount)
    if amount.currency != hold.amount.currency:
        raise WrongCurrency
    if amount.amount_minor > hold.amount.amount_minor:
        raise MoreThanHeld(f"The hold is for {hold.amount}, not {amount}.")
    return amount
