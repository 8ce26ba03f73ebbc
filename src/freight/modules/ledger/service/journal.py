"""Booking: entries and balances are computed in memory, on locked accounts, and written by one statement."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from crossdock.errors import Conflict, Invalid
from crossdock.events import Event
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.ledger.events import TransferHeld, TransferPosted, TransferResolved
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.store import (
    AccountKey,
    AccountRow,
    EntryRow,
    LedgerStore,
    Postings,
    ReferenceReused,
    ResolutionRow,
    TransferRow,
    TransferStatus,
)
from freight.money import Money

BALANCE_MAX_MINOR = 2**63 - 1
"""What a bigint holds."""


class InsufficientFunds(Conflict):
    """The account does not have this much available.

    Deposit money first, or take a smaller amount: `details` has what there is and what was wanted.
    """

    def __init__(self, account: AccountRow, wanted_minor: int) -> None:
        currency = account.key.currency
        available, wanted = Money(account.available_minor, currency), Money(wanted_minor, currency)
        super().__init__(
            f"The {account.key.kind.value} account has {available} available, not {wanted}.",
            available_minor=account.available_minor,
            wanted_minor=wanted_minor,
            currency=currency,
        )


class TooMuchDeposited(Conflict):
    """Your company has deposited as much in this currency as one company may.

    Deposit at most what `details.room_minor` says; all else, payments to you as well, goes on as before. To deposit
    more, take another currency or another company.
    """

    def __init__(self, account: AccountRow) -> None:
        amounts = (account.available_minor, -account.key.lowest_minor)
        room, limit = (Money(amount, account.key.currency) for amount in amounts)
        super().__init__(
            f"All deposits of your company may add up to {limit}: deposit at most {room} more.",
            room_minor=room.amount_minor,
            limit_minor=limit.amount_minor,
            currency=account.key.currency,
        )


class BalanceOverflow(Invalid):
    """With this amount a balance would pass what can be booked.

    Take a smaller amount.
    """


class Journal:
    """The accounts that one verb has locked, and everything that it books on them until `write`.

    A verb opens one journal, with all the accounts that it will touch. A second set of locks could deadlock: another
    transaction may hold one of the second set and wait for one of the first.
    """

    def __init__(self, tx: Transaction, accounts: list[AccountRow]) -> None:
        self._tx = tx
        self._now = tx.clock.now()
        self._accounts = {account.id: account for account in accounts}
        self._postings = Postings()
        self._events: list[Event] = []

    @classmethod
    async def open(cls, tx: Transaction, account_ids: Collection[UUID]) -> "Journal":
        """Locks the accounts in the order of their ids, and waits for that. They stay locked until the commit."""
        return cls(tx, await tx.store(LedgerStore).lock_accounts(account_ids))

    async def write(self) -> None:
        """Writes everything that was booked, then emits its events. Raises ReferenceReused."""
        await self._tx.store(LedgerStore).book(self._postings)
        for event in self._events:
            self._tx.emit(event)

    async def made_before(self, order: Order) -> TransferRow | None:
        """The transfer that the same order made before, or None.

        Raises ReferenceReused where the reference belongs to another transfer.
        """
        made = await self._tx.store(LedgerStore).transfer_of(order.reference)
        if made is not None and not self._is_made_by(made, order):
            raise ReferenceReused
        return made

    def post(self, order: Order) -> TransferRow:
        """Books a transfer that moves money now. Raises InsufficientFunds, TooMuchDeposited, BalanceOverflow."""
        transfer = self._transfer(order, is_pending=False)
        self._move(transfer, transfer.amount.amount_minor)
        self._events.append(
            TransferPosted(subject_id=transfer.id, kind=order.kind, reference=order.reference, amount=order.amount)
        )
        return transfer

    def hold(self, order: Order) -> TransferRow:
        """Books a transfer that sets money aside. Raises InsufficientFunds, BalanceOverflow."""
        transfer = self._transfer(order, is_pending=True)
        self._need_available(transfer.debit_account_id, transfer.amount.amount_minor)
        self._set_aside(transfer, transfer.amount.amount_minor)
        self._events.append(
            TransferHeld(subject_id=transfer.id, kind=order.kind, reference=order.reference, amount=order.amount)
        )
        return transfer

    def resolve(self, hold: TransferRow, outcome: TransferStatus) -> TransferRow:
        """Ends a pending hold, whose accounts are locked. As posted, its amount moves; otherwise it is free again."""
        assert hold.status is TransferStatus.PENDING
        posted_minor = hold.amount.amount_minor if outcome is TransferStatus.POSTED else 0
        resolution = ResolutionRow(
            id=new_id(),
            transfer_id=hold.id,
            outcome=outcome,
            amount_minor=posted_minor,
            debit_company_id=hold.debit_company_id,
            credit_company_id=hold.credit_company_id,
            actor_id=self._tx.actor_id,
            created_at=self._now,
        )
        self._postings.resolutions.append(resolution)
        self._set_aside(hold, -hold.amount.amount_minor)
        if posted_minor:
            self._move(hold, posted_minor)
        posted = Money(posted_minor, hold.amount.currency)
        self._events.append(TransferResolved(subject_id=hold.id, outcome=outcome, posted=posted))
        return replace(hold, resolution=resolution)

    def _account(self, key: AccountKey) -> AccountRow:
        return next(account for account in self._accounts.values() if account.key == key)

    def _is_made_by(self, made: TransferRow, order: Order) -> bool:
        return (made.kind, made.amount, made.debit_account_id, made.credit_account_id) == (
            order.kind,
            order.amount,
            self._account(order.debit).id,
            self._account(order.credit).id,
        )

    def _transfer(self, order: Order, *, is_pending: bool) -> TransferRow:
        transfer = TransferRow(
            id=new_id(),
            kind=order.kind,
            reference=order.reference,
            subject_id=order.subject_id,
            amount=order.amount,
            debit_account_id=self._account(order.debit).id,
            credit_account_id=self._account(order.credit).id,
            debit_company_id=order.debit.company_id,
            credit_company_id=order.credit.company_id,
            is_pending=is_pending,
            created_at=self._now,
        )
        self._postings.transfers.append(transfer)
        return transfer

    def _need_available(self, account_id: UUID, amount_minor: int) -> None:
        """Raises InsufficientFunds, or TooMuchDeposited for an external account."""
        account = self._accounts[account_id]
        if account.available_minor < amount_minor:
            raise TooMuchDeposited(account) if account.key.may_go_negative else InsufficientFunds(account, amount_minor)

    def _move(self, transfer: TransferRow, amount_minor: int) -> None:
        """Books the two entries of a transfer, and the two balances that follow from them."""
        self._need_available(transfer.debit_account_id, amount_minor)
        self._enter(transfer, transfer.debit_account_id, -amount_minor)
        self._enter(transfer, transfer.credit_account_id, amount_minor)

    def _enter(self, transfer: TransferRow, account_id: UUID, amount_minor: int) -> None:
        account = self._accounts[account_id]
        self._change(account, posted_minor=account.posted_minor + amount_minor, version=account.version + 1)
        changed = self._accounts[account_id]
        self._postings.entries.append(
            EntryRow(
                id=new_id(),
                account_id=account_id,
                transfer_id=transfer.id,
                company_id=account.key.company_id,
                amount_minor=amount_minor,
                balance_after_minor=changed.posted_minor,
                account_version=changed.version,
                created_at=self._now,
            )
        )

    def _set_aside(self, hold: TransferRow, amount_minor: int) -> None:
        """Adds to what is pending on both accounts of a hold. A negative amount takes it off again."""
        debit, credit = self._accounts[hold.debit_account_id], self._accounts[hold.credit_account_id]
        self._change(debit, pending_out_minor=debit.pending_out_minor + amount_minor)
        self._change(credit, pending_in_minor=credit.pending_in_minor + amount_minor)

    def _change(self, account: AccountRow, **balances: int) -> None:
        if any(abs(balance) > BALANCE_MAX_MINOR for balance in balances.values()):
            raise BalanceOverflow
        changed = replace(account, updated_at=self._now, **balances)  # type: ignore[arg-type]
        self._accounts[account.id] = self._postings.accounts[account.id] = changed
