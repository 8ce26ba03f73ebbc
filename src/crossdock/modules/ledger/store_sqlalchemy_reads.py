"""The ledger's reads for HTTP: PostgreSQL makes the JSON of each thing, in the shape of its response schema."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, case, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.kernel.documents import Document, Page
from crossdock.kernel.documents.page import WrongCursor
from crossdock.modules.ledger.models_sqlalchemy import Account, Entry, Resolution, Transfer
from crossdock.modules.ledger.store import TransferStatus


async def accounts(sql: AsyncConnection, page: Page) -> Document:
    """In the shape of `AccountPage`. No company is named here: row level security shows the tenant's own."""
    query = select(Account.id, ACCOUNT).order_by(Account.id).limit(page.fetch)
    if page.after is not None:
        query = query.where(Account.id > page.after)
    return _collection(page, (await sql.execute(query)).all())


async def entries(sql: AsyncConnection, account_id: UUID, page: Page) -> Document | None:
    """In the shape of `EntryPage`; None for an account that is not there to see. Raises WrongCursor.

    By the account's version, not by id: two workers' clocks may differ, so ids need not be in the order of the book.
    """
    currency = (await sql.execute(select(Account.currency).where(Account.id == account_id))).scalar_one_or_none()
    if currency is None:
        return None
    query = select(Entry.id, _entry(currency)).join(Transfer, Transfer.id == Entry.transfer_id)
    query = query.where(Entry.account_id == account_id).order_by(Entry.account_version.desc()).limit(page.fetch)
    if page.after is not None:
        query = query.where(Entry.account_version < await _version_of(sql, account_id, page.after))
    return _collection(page, (await sql.execute(query)).all())


async def transfer(sql: AsyncConnection, transfer_id: UUID) -> Document | None:
    """In the shape of `TransferOut`."""
    query = select(TRANSFER).outerjoin(Resolution, Resolution.transfer_id == Transfer.id)
    text = (await sql.execute(query.where(Transfer.id == transfer_id))).scalar_one_or_none()
    return None if text is None else Document(text.encode())


async def _version_of(sql: AsyncConnection, account_id: UUID, entry_id: UUID) -> int:
    query = select(Entry.account_version).where(Entry.account_id == account_id, Entry.id == entry_id)
    version: int | None = (await sql.execute(query)).scalar_one_or_none()
    if version is None:
        raise WrongCursor(field="query.cursor")
    return version


def _collection(page: Page, rows: Sequence[Row[UUID, str]]) -> Document:
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    cursor = "null" if next_cursor is None else f'"{next_cursor}"'
    items = ",".join(row.json for row in shown)
    return Document(f'{{"items":[{items}],"next_cursor":{cursor}}}'.encode())


def _object(**members: Any) -> ColumnElement[Any]:
    pairs = [part for name, value in members.items() for part in (literal(name, Text, literal_execute=True), value)]
    return func.json_build_object(*pairs)


def _json(**members: Any) -> ColumnElement[str]:
    """The object as text: the driver passes it on as it is."""
    return cast(_object(**members), Text).label("json")


def _money(amount_minor: Any, currency: Any) -> ColumnElement[Any]:
    return _object(amount_minor=amount_minor, currency=currency)


def _time(column: Any) -> ColumnElement[str]:
    """UTC with microseconds, whatever the time zone of the connection."""
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def _entry(currency: str) -> ColumnElement[str]:
    return _json(
        id=Entry.id,
        transfer_id=Entry.transfer_id,
        transfer_kind=Transfer.kind,
        amount=_money(Entry.amount_minor, literal(currency)),
        balance_after=_money(Entry.balance_after_minor, literal(currency)),
        account_version=Entry.account_version,
        created_at=_time(Entry.created_at),
    )


ACCOUNT = _json(
    id=Account.id,
    kind=Account.kind,
    currency=Account.currency,
    posted=_money(Account.posted_minor, Account.currency),
    pending_out=_money(Account.pending_out_minor, Account.currency),
    pending_in=_money(Account.pending_in_minor, Account.currency),
    available=_money(Account.posted_minor - Account.pending_out_minor, Account.currency),
    version=Account.version,
    created_at=_time(Account.created_at),
    updated_at=_time(Account.updated_at),
)
POSTED = TransferStatus.POSTED.value
_posted_minor = case(
    (~Transfer.is_pending, Transfer.amount_minor), (Resolution.outcome == POSTED, Resolution.amount_minor)
)
TRANSFER = _json(
    id=Transfer.id,
    kind=Transfer.kind,
    status=case((~Transfer.is_pending, POSTED), else_=func.coalesce(Resolution.outcome, TransferStatus.PENDING.value)),
    amount=_money(Transfer.amount_minor, Transfer.currency),
    posted=case((_posted_minor.is_not(None), _money(_posted_minor, Transfer.currency))),
    reference=Transfer.reference,
    subject_id=Transfer.subject_id,
    debit_account_id=Transfer.debit_account_id,
    credit_account_id=Transfer.credit_account_id,
    reverses_id=Transfer.reverses_id,
    created_at=_time(Transfer.created_at),
    expires_at=_time(Transfer.expires_at),
    resolved_at=_time(Resolution.created_at),
)
