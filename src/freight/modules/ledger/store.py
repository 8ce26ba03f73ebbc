"""The contract of the ledger's store: the rows, and what a store of either ORM must do with them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from crossdock.errors import Conflict
from freight.money import Money

DEPOSITED_MAX_MINOR = 10**18
"""The most that one company may deposit in one currency, over all of its deposits. A wallet with that balance still has
room for 8,223 of the largest payments before a bigint overflows. So no company can fill its wallet in order that others
cannot pay it."""


class AccountKind(StrEnum):
    """The four accounts of a company in a currency. Its money is in the wallet, or held. `external` counts what came in
    from outside, and `fees` what it paid in fees."""

    # Each company has its own four: what it deposits and pays in fees neither locks nor fills an account of another.

    WALLET = "wallet"
    HELD = "held"
    FEES = "fees"
    EXTERNAL = "external"


class TransferKind(StrEnum):
    DEPOSIT = "deposit"
    HOLD = "hold"
    SETTLEMENT = "settlement"
    FEE = "fee"


class TransferStatus(StrEnum):
    """A hold is pending until its resolution says how it ended; every other transfer is posted from the start."""

    PENDING = "pending"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


class ReferenceReused(Conflict):
    """This reference stands for another transfer already.

    Read the transfer that is there before you move the money again.
    """


@dataclass(frozen=True, slots=True, order=True)
class AccountKey:
    """What identifies an account: there is one for each company, kind and currency."""

    company_id: UUID
    kind: AccountKind
    currency: str

    @property
    def may_go_negative(self) -> bool:
        """Only the external account may: its balance is what was deposited, with a minus."""
        return self.kind is AccountKind.EXTERNAL

    @property
    def lowest_minor(self) -> int:
        """The lowest balance that the account may have."""
        return -DEPOSITED_MAX_MINOR if self.may_go_negative else 0


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with its balances. `version` is the number of its last entry, 0 before the first."""

    id: UUID
    key: AccountKey
    posted_minor: int
    pending_out_minor: int
    pending_in_minor: int
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def available_minor(self) -> int:
        """What may leave the account. For an external account, that is how much the company may still deposit."""
        return self.posted_minor - self.pending_out_minor - self.key.lowest_minor


@dataclass(frozen=True, slots=True)
class ResolutionRow:
    """How a hold ended. `amount_minor` is what was posted of it, 0 where nothing was."""

    id: UUID
    transfer_id: UUID
    outcome: TransferStatus
    amount_minor: int
    debit_company_id: UUID
    credit_company_id: UUID
    actor_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TransferRow:
    """An amount from one account to another. `reference` is unique.

    `subject_id` is the booking, for a hold and for the payments that follow from it.
    """

    id: UUID
    kind: TransferKind
    reference: str
    subject_id: UUID | None
    amount: Money
    debit_account_id: UUID
    credit_account_id: UUID
    debit_company_id: UUID
    credit_company_id: UUID
    is_pending: bool
    created_at: datetime
    resolution: ResolutionRow | None = None

    @property
    def status(self) -> TransferStatus:
        if not self.is_pending:
            return TransferStatus.POSTED
        return TransferStatus.PENDING if self.resolution is None else self.resolution.outcome

    @property
    def posted(self) -> Money | None:
        """What moved: the whole amount, the posted part of a hold, or None where nothing did."""
        if not self.is_pending:
            return self.amount
        if self.status is not TransferStatus.POSTED or self.resolution is None:
            return None
        return Money(self.resolution.amount_minor, self.amount.currency)

    @property
    def resolved_at(self) -> datetime | None:
        return None if self.resolution is None else self.resolution.created_at


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One side of a posted transfer. `amount_minor` is signed: below zero leaves the account."""

    id: UUID
    account_id: UUID
    transfer_id: UUID
    company_id: UUID
    amount_minor: int
    balance_after_minor: int
    account_version: int
    created_at: datetime


@dataclass(slots=True)
class Postings:
    """Everything that a verb books, to be written at once. `accounts` have the new balances."""

    transfers: list[TransferRow] = field(default_factory=list)
    resolutions: list[ResolutionRow] = field(default_factory=list)
    entries: list[EntryRow] = field(default_factory=list)
    accounts: dict[UUID, AccountRow] = field(default_factory=dict)


class LedgerReads(Protocol):
    """The store filters by no company: row level security shows what the tenant may see, and lets no tenant write."""

    async def transfer(self, transfer_id: UUID) -> TransferRow | None:
        """A transfer and, where it has one, its resolution."""
        ...

    async def transfer_of(self, reference: str) -> TransferRow | None:
        """The transfer with a reference, or None."""
        ...

    async def accounts(self, page: Page) -> Document:
        """Accounts in the shape of `AccountPage`, oldest first."""
        ...

    async def entries(self, account_id: UUID, page: Page) -> Document | None:
        """An account's entries in the shape of `EntryPage`, newest first; None: no such account. Raises WrongCursor."""
        ...

    async def document(self, transfer_id: UUID) -> Document | None:
        """One transfer in the shape of `TransferOut`."""
        ...


class LedgerStore(LedgerReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def open_accounts(self, keys: Collection[AccountKey], now: datetime) -> dict[AccountKey, UUID]:
        """The ids of accounts. Those that do not exist are inserted; those that exist are not locked."""
        ...

    async def lock_accounts(self, account_ids: Collection[UUID]) -> list[AccountRow]:
        """Accounts by id, locked until the end of the transaction. The locks are taken in the order of the ids."""
        ...

    async def book(self, postings: Postings) -> None:
        """Writes all of the postings. The caller has locked the accounts. Raises ReferenceReused."""
        ...
