"""The ledger's store, on SQLAlchemy. Many rows are written by one statement, whose parameters are arrays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, func, select, update

from crossdock.documents import Document, Page
from crossdock.driver.compiled import Compiled, compiled
from crossdock.ids import new_id
from crossdock.transaction import Transaction, Unit
from crossdock.transaction.faults import violated_constraint
from crossdock.transaction.given import Given, columns
from freight.modules.ledger import documents
from freight.modules.ledger.models_sqlalchemy import UNUSED, Account, Entry, Resolution, Transfer
from freight.modules.ledger.store import (
    AccountKey,
    AccountKind,
    AccountRow,
    Postings,
    ReferenceReused,
    ResolutionRow,
    TransferKind,
    TransferRow,
    TransferStatus,
)
from freight.money import Money

# `Given` is a table made of the parameters: its columns are arrays, which PostgreSQL unnests.
WANTED = Given("wanted", Account.company_id, Account.kind, Account.currency)
ACCOUNTS_OF = compiled(
    select(Account.id, Account.company_id, Account.kind, Account.currency).join(
        WANTED.table,
        and_(
            Account.company_id == WANTED.c.company_id,
            Account.kind == WANTED.c.kind,
            Account.currency == WANTED.c.currency,
        ),
    )
)
# FOR NO KEY UPDATE: others who write the balances wait, but an INSERT of a row that refers to the account does not.
LOCK = compiled(
    select(Account.__table__)
    .where(Account.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(Account.id)  # everyone locks in this order
    .with_for_update(key_share=True)
)
ACCOUNTS = Given.of(Account)
INSERT_ACCOUNTS = compiled(ACCOUNTS.inserted(Account).on_conflict_do_nothing())

CHANGING = (
    Account.posted_minor,
    Account.pending_out_minor,
    Account.pending_in_minor,
    Account.version,
    Account.updated_at,
)
CHANGED = Given("changed", Account.id, *CHANGING)
TRANSFERS = Given("ledger_transfers", *(each for each in Transfer.__table__.columns if each.name not in UNUSED))
RESOLUTIONS, ENTRIES = Given.of(Resolution), Given.of(Entry)
# Transfers, resolutions, entries and balances in one statement: four would hold the accounts' locks for three round
# trips more. PostgreSQL checks the foreign keys between the rows at the end of it, when all of them are there.
BOOK = compiled(
    update(Account)
    .where(Account.id == CHANGED.c.id)
    .values({column.key: CHANGED.c[column.key] for column in CHANGING})
    .add_cte(TRANSFERS.inserted(Transfer).cte("booked"))
    .add_cte(RESOLUTIONS.inserted(Resolution).cte("resolved"))
    .add_cte(ENTRIES.inserted(Entry).cte("entered"))
)

ELSEWHERE = ("amount", "resolution")
"""Fields of a transfer that are not one column of its table."""
_transfer_columns = Transfer.__table__.columns
_resolution_columns = [column.label(f"resolution_{column.name}") for column in Resolution.__table__.columns]
_transfer_of = select(*_transfer_columns, *_resolution_columns).outerjoin(
    Resolution, Resolution.transfer_id == Transfer.id
)
TRANSFER = compiled(_transfer_of.where(Transfer.id == bindparam("wanted")))
TRANSFER_OF = compiled(_transfer_of.where(Transfer.reference == bindparam("wanted")))


class SqlAlchemyLedgerReads:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def transfer(self, transfer_id: UUID) -> TransferRow | None:
        return await self._one(TRANSFER, transfer_id)

    async def transfer_of(self, reference: str) -> TransferRow | None:
        return await self._one(TRANSFER_OF, reference)

    async def _one(self, statement: Compiled, wanted: UUID | str) -> TransferRow | None:
        rows = await self._unit.rows(statement, wanted=wanted)
        return _transfer(rows[0]) if rows else None

    async def accounts(self, page: Page) -> Document:
        return await documents.accounts.read(self._unit, page)

    async def entries(self, account_id: UUID, page: Page) -> Document | None:
        return await documents.entries.find(self._unit, page, account_id=account_id)

    async def document(self, transfer_id: UUID) -> Document | None:
        return await documents.transfer.read(self._unit, transfer_id=transfer_id)


class SqlAlchemyLedgerStore(SqlAlchemyLedgerReads):
    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx)
        self._tx = tx

    async def open_accounts(self, keys: Collection[AccountKey], now: datetime) -> dict[AccountKey, UUID]:
        # Sorted: two transactions that insert the same accounts wait for each other in one order, and do not deadlock.
        wanted = sorted(set(keys))
        found = await self._account_ids(wanted)
        missing = [key for key in wanted if key not in found]
        if missing:
            new = [_new_account(key, now) for key in missing]
            await self._tx.execute(INSERT_ACCOUNTS, **ACCOUNTS.parameters(new))
            # Asked again: where another transaction inserted the account first, the row has that one's id.
            found = await self._account_ids(wanted)
        return found

    async def _account_ids(self, keys: Sequence[AccountKey]) -> dict[AccountKey, UUID]:
        rows = await self._tx.rows(ACCOUNTS_OF, **WANTED.parameters([columns(key) for key in keys]))
        return {_key(row): row["id"] for row in rows}

    async def lock_accounts(self, account_ids: Collection[UUID]) -> list[AccountRow]:
        rows = await self._tx.rows(LOCK, ids=list(account_ids))
        return [_account(row) for row in rows]

    async def book(self, postings: Postings) -> None:
        parameters = (
            TRANSFERS.parameters([_transfer_values(row) for row in postings.transfers])
            | RESOLUTIONS.parameters([columns(row) for row in postings.resolutions])
            | ENTRIES.parameters([columns(row) for row in postings.entries])
            | CHANGED.parameters([_balances(row) for row in postings.accounts.values()])
        )
        try:
            await self._tx.execute(BOOK, **parameters)
        except Exception as error:
            if violated_constraint(error) == "uq_ledger_transfers_reference":
                raise ReferenceReused from error
            raise


def _new_account(key: AccountKey, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "company_id": key.company_id,
        "kind": key.kind.value,
        "currency": key.currency,
        "posted_minor": 0,
        "pending_out_minor": 0,
        "pending_in_minor": 0,
        "may_go_negative": key.may_go_negative,
        "version": 0,
        "created_at": now,
        "updated_at": now,
    }


def _transfer_values(row: TransferRow) -> dict[str, Any]:
    plain = {field.name: getattr(row, field.name) for field in fields(row) if field.name not in ELSEWHERE}
    return plain | {"amount_minor": row.amount.amount_minor, "currency": row.amount.currency}


def _balances(row: AccountRow) -> dict[str, Any]:
    return {"id": row.id} | {column.key: getattr(row, column.key) for column in CHANGING}


def _key(row: Mapping[str, Any]) -> AccountKey:
    return AccountKey(row["company_id"], AccountKind(row["kind"]), row["currency"])


def _account(row: Mapping[str, Any]) -> AccountRow:
    return AccountRow(
        id=row["id"],
        key=_key(row),
        posted_minor=row["posted_minor"],
        pending_out_minor=row["pending_out_minor"],
        pending_in_minor=row["pending_in_minor"],
        version=row["version"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _transfer(row: Mapping[str, Any]) -> TransferRow:
    return TransferRow(
        id=row["id"],
        kind=TransferKind(row["kind"]),
        reference=row["reference"],
        subject_id=row["subject_id"],
        amount=Money(row["amount_minor"], row["currency"]),
        debit_account_id=row["debit_account_id"],
        credit_account_id=row["credit_account_id"],
        debit_company_id=row["debit_company_id"],
        credit_company_id=row["credit_company_id"],
        is_pending=row["is_pending"],
        created_at=row["created_at"],
        resolution=None if row["resolution_id"] is None else _resolution(row),
    )


def _resolution(row: Mapping[str, Any]) -> ResolutionRow:
    return ResolutionRow(
        id=row["resolution_id"],
        transfer_id=row["resolution_transfer_id"],
        outcome=TransferStatus(row["resolution_outcome"]),
        amount_minor=row["resolution_amount_minor"],
        debit_company_id=row["resolution_debit_company_id"],
        credit_company_id=row["resolution_credit_company_id"],
        actor_id=row["resolution_actor_id"],
        created_at=row["resolution_created_at"],
    )
