"""The JSON documents of the ledger, which PostgreSQL builds in the shape of the response schemas."""

from sqlalchemy import bindparam, case, func
from sqlalchemy.orm import join, outerjoin

from crossdock.documents import Listing, Single, money
from freight.modules.ledger.models_sqlalchemy import Account, Entry, Resolution, Transfer
from freight.modules.ledger.schemas import AccountPage, EntryPage, TransferOut
from freight.modules.ledger.store import TransferStatus

# No company is named here: row level security shows the tenant's own.
accounts = Listing(
    AccountPage,
    Account,
    {
        "posted": money(Account.posted_minor, Account.currency),
        "pending_out": money(Account.pending_out_minor, Account.currency),
        "pending_in": money(Account.pending_in_minor, Account.currency),
        "available": money(Account.posted_minor - Account.pending_out_minor, Account.currency),
    },
    order_by=Account.id.asc(),
)

# By the account's version, not by id: two workers' clocks may differ, so ids need not be in the order of the book.
entries = Listing(
    EntryPage,
    Entry,
    {
        "transfer_kind": Transfer.kind,
        "amount": money(Entry.amount_minor, Account.currency),
        "balance_after": money(Entry.balance_after_minor, Account.currency),
    },
    under=(Account, Account.id == bindparam("account_id")),
    where=Entry.account_id == Account.id,
    order_by=Entry.account_version.desc(),
    tables=join(Entry, Transfer, Transfer.id == Entry.transfer_id),
)

POSTED = TransferStatus.POSTED.value
_ended = func.coalesce(Resolution.outcome, TransferStatus.PENDING.value)
_posted_minor = case(
    (~Transfer.is_pending, Transfer.amount_minor), (Resolution.outcome == POSTED, Resolution.amount_minor)
)
transfer = Single(
    TransferOut,
    Transfer,
    {
        "status": case((~Transfer.is_pending, POSTED), else_=_ended),
        "amount": money(Transfer.amount_minor, Transfer.currency),
        "posted": money(_posted_minor, Transfer.currency),
        "resolved_at": Resolution.created_at,
    },
    where=Transfer.id == bindparam("transfer_id"),
    tables=outerjoin(Transfer, Resolution, Resolution.transfer_id == Transfer.id),
)
