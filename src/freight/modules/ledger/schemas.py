"""The ledger in HTTP requests and responses."""

from uuid import UUID

from pydantic import Field

from crossdock.web.schemas import Input, Output
from freight.modules.ledger.store import AccountKind, TransferKind, TransferStatus
from freight.schemas import Currency, MoneyIn, MoneyOut, Time


class DepositIn(Input):
    """Money that comes into your company's wallet."""

    amount: MoneyIn


class TransferOut(Output):
    """An amount from one account to another. `posted` is what moved of it: null where nothing did, or not yet."""

    id: UUID
    kind: TransferKind
    status: TransferStatus
    amount: MoneyOut
    posted: MoneyOut | None
    reference: str = Field(examples=["deposit:0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a"])
    subject_id: UUID | None = Field(description="The booking that it is about.")
    debit_account_id: UUID = Field(description="Where it comes from.")
    credit_account_id: UUID = Field(description="Where it goes to.")
    created_at: Time
    resolved_at: Time | None = Field(description="When a hold was posted, voided or expired.")


class AccountOut(Output):
    """One company's money of one kind in one currency. `available` is `posted` less `pending_out`."""

    id: UUID
    kind: AccountKind
    currency: Currency
    posted: MoneyOut
    pending_out: MoneyOut
    pending_in: MoneyOut
    available: MoneyOut
    version: int = Field(description="The number of its last entry; 0 before the first.")
    created_at: Time
    updated_at: Time


class AccountPage(Output):
    items: list[AccountOut]
    next_cursor: str | None


class EntryOut(Output):
    """One side of a transfer: below zero leaves the account. Entries of an account are numbered without a gap."""

    id: UUID
    transfer_id: UUID
    transfer_kind: TransferKind
    amount: MoneyOut
    balance_after: MoneyOut
    account_version: int
    created_at: Time


class EntryPage(Output):
    items: list[EntryOut]
    next_cursor: str | None
