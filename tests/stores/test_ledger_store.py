"""The contract of the ledger's store, over every implementation, on a real PostgreSQL."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crossdock.documents import Page, decode_cursor
from crossdock.documents.page import WrongCursor
from crossdock.errors import Forbidden, Invalid
from crossdock.guards import NestedUnitOfWork
from crossdock.ids import new_id
from crossdock.transaction import Database, Transaction, Unit
from freight.modules.ledger import service
from freight.modules.ledger.schemas import AccountOut, AccountPage, EntryPage, TransferOut
from freight.modules.ledger.store import (
    AccountKey,
    AccountKind,
    EntryRow,
    LedgerStore,
    Postings,
    ReferenceReused,
    ResolutionRow,
    TransferKind,
    TransferRow,
    TransferStatus,
)
from freight.money import Money
from freight.tenancy import CompanyScope
from tests.stores.implementations import implementations
from tests.stores.rows import PLATFORM, now, tenant
from tests.waiting import until_they_wait
from tests.world import Server

MakeStore = Callable[[Unit], LedgerStore]


class Undo(Exception):
    """Ends a transaction without a trace."""


@pytest.fixture(params=implementations(LedgerStore), ids=lambda implementation: implementation.__name__)
def store(request: pytest.FixtureRequest) -> MakeStore:
    made: MakeStore = request.param
    return made


@pytest.fixture
async def owner(database: Database) -> CompanyScope:
    return await tenant(database, "both")


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Transaction]:
    """The platform's transaction, undone: the rows of these tests add up to nothing, and the books must."""
    with suppress(Undo):
        async with database.transaction(PLATFORM) as tx:
            yield tx
            raise Undo


def key(owner: CompanyScope, kind: AccountKind = AccountKind.WALLET) -> AccountKey:
    return AccountKey(owner.company_id, kind, "EUR")


async def transfer_row(store: LedgerStore, owner: CompanyScope, **changes: Any) -> TransferRow:
    """From a company's wallet to its held account, which are made."""
    debit, credit = key(owner), key(owner, AccountKind.HELD)
    ids = await store.open_accounts((debit, credit), now())
    row = TransferRow(
        id=new_id(),
        kind=TransferKind.HOLD,
        reference=f"test:{new_id()}",
        subject_id=new_id(),
        amount=Money(500, "EUR"),
        debit_account_id=ids[debit],
        credit_account_id=ids[credit],
        debit_company_id=owner.company_id,
        credit_company_id=owner.company_id,
        is_pending=True,
        created_at=now(),
    )
    return replace(row, **changes)


def resolution_row(hold: TransferRow, outcome: TransferStatus = TransferStatus.VOIDED) -> ResolutionRow:
    return ResolutionRow(
        new_id(), hold.id, outcome, 0, hold.debit_company_id, hold.credit_company_id, new_id(), hold.created_at
    )


async def test_an_account_is_opened_once(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """Asked for again it is the same; it begins empty, and only the outside world's may go below zero."""
    wallet, external = key(owner), key(owner, AccountKind.EXTERNAL)
    async with undone(database) as tx:
        first = await store(tx).open_accounts([wallet], now())
        both = await store(tx).open_accounts([external, wallet, wallet], now())
        assert both.keys() == {wallet, external} and both[wallet] == first[wallet]
        rows = await store(tx).lock_accounts(both.values())
    assert [row.id for row in rows] == sorted(both.values())
    assert {(row.key, row.posted_minor, row.pending_out_minor, row.pending_in_minor, row.version) for row in rows} == {
        (wallet, 0, 0, 0, 0),
        (external, 0, 0, 0, 0),
    }


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_accounts_opened_at_once_do_not_deadlock(
    database: Database, store: MakeStore, owner: CompanyScope, server: Server
) -> None:
    """A call with the keys in the other order waits before it has inserted any, so that no deadlock is possible."""
    first, middle, last = (AccountKey(owner.company_id, AccountKind.WALLET, name) for name in ("AAA", "MMM", "ZZZ"))

    async def opener(*keys: AccountKey) -> dict[AccountKey, UUID]:
        async with database.transaction(PLATFORM) as tx:
            return await store(tx).open_accounts(keys, now())

    async with undone(database) as tx:
        await store(tx).open_accounts([middle], now())
        eyes = await server.connect(database.settings.pooled.database)
        one = asyncio.create_task(opener(first, middle, last))
        await until_they_wait(eyes, 1)  # for the middle one
        other = asyncio.create_task(opener(last, first))
        await until_they_wait(eyes, 2)
        await eyes.close()
    made, found = await asyncio.gather(one, other)
    assert made.keys() == {first, middle, last}
    assert found.items() <= made.items()


async def test_locked_accounts_are_read_as_they_became(
    database: Database, store: MakeStore, owner: CompanyScope
) -> None:
    """Who waits for the lock sees what the holder wrote, not what was there when the waiting began."""
    async with database.transaction(PLATFORM) as tx:
        ids = await store(tx).open_accounts([key(owner)], now())
    locked, waiting = asyncio.Event(), asyncio.Event()

    async def holder() -> None:
        async with database.transaction(PLATFORM) as tx:
            (row,) = await store(tx).lock_accounts(ids.values())
            locked.set()
            await waiting.wait()
            await asyncio.sleep(0.1)
            later = replace(row, updated_at=row.updated_at + timedelta(hours=1))
            await store(tx).book(Postings(accounts={row.id: later}))

    async def waiter() -> timedelta:
        await locked.wait()
        async with database.transaction(PLATFORM) as tx:
            waiting.set()
            (row,) = await store(tx).lock_accounts(ids.values())
            return row.updated_at - row.created_at

    _, waited = await asyncio.gather(holder(), waiter())
    assert waited == timedelta(hours=1)


async def test_what_is_booked_is_found(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """A transfer comes back as it was given, to the microsecond: by id and by reference."""
    async with undone(database) as tx:
        row = await transfer_row(store(tx), owner)
        other = await transfer_row(store(tx), owner, subject_id=None, is_pending=False)
        await store(tx).book(Postings(transfers=[row, other]))
        for each in (row, other):
            assert await store(tx).transfer(each.id) == await store(tx).transfer_of(each.reference) == each
        assert await store(tx).transfer(new_id()) is None
        assert await store(tx).transfer_of("never") is None


async def test_a_resolution_comes_with_its_hold(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """And ends its pending state."""
    async with undone(database) as tx:
        row = await transfer_row(store(tx), owner)
        await store(tx).book(Postings(transfers=[row]))
        resolution = resolution_row(row)
        await store(tx).book(Postings(resolutions=[resolution]))
        found = await store(tx).transfer(row.id)
        assert found == replace(row, resolution=resolution)
        assert found.status is TransferStatus.VOIDED and found.resolved_at == resolution.created_at


async def test_balances_are_written(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """Each account gets its own, and the others keep theirs."""
    keys = (key(owner), key(owner, AccountKind.HELD), key(owner, AccountKind.FEES))
    async with undone(database) as tx:
        ids = await store(tx).open_accounts(keys, now())
        before = {row.id: row for row in await store(tx).lock_accounts(ids.values())}
        wallet, held, _ = (before[ids[each]] for each in keys)
        later = now() + timedelta(minutes=1)
        changed = {
            wallet.id: replace(wallet, posted_minor=7, pending_out_minor=3, version=9, updated_at=later),
            held.id: replace(held, pending_in_minor=3, updated_at=later),
        }
        await store(tx).book(Postings(accounts=changed))
        after = {row.id: row for row in await store(tx).lock_accounts(ids.values())}
        assert after == before | changed


async def test_a_reference_is_used_once(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """A second transfer of it is refused."""
    async with undone(database) as tx:
        row = await transfer_row(store(tx), owner)
        await store(tx).book(Postings(transfers=[row]))
        with pytest.raises(ReferenceReused):
            async with tx.savepoint():
                await store(tx).book(Postings(transfers=[replace(row, id=new_id())]))


async def test_text_is_not_cut(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """A reference that is too long is refused: cut to fit, it could be another one's."""
    with pytest.raises(Invalid):
        async with database.transaction(PLATFORM) as tx:
            row = await transfer_row(store(tx), owner, reference="x" * 201)
            await store(tx).book(Postings(transfers=[row]))


async def test_entries_are_in_the_order_of_their_numbers(
    database: Database, store: MakeStore, owner: CompanyScope
) -> None:
    """Also where their ids are not, as when two workers' clocks differ; a page goes on after its cursor's entry."""
    async with undone(database) as tx:
        row = await transfer_row(store(tx), owner, is_pending=False)
        ids = sorted((new_id() for _ in range(5)), reverse=True)
        account_id, company_id = row.debit_account_id, owner.company_id
        entries = [
            EntryRow(id, account_id, row.id, company_id, -version, -10 * version, version, row.created_at)
            for version, id in enumerate(ids, start=1)
        ]
        await store(tx).book(Postings(transfers=[row], entries=entries))
        seen, after = [], None
        for _ in range(3):
            document = await store(tx).entries(account_id, Page(2, after))
            assert document is not None
            page = EntryPage.model_validate_json(document.body, strict=True)
            seen += [(entry.account_version, entry.amount.amount_minor, entry.id) for entry in page.items]
            after = decode_cursor(page.next_cursor)
        assert after is None
        assert seen == [(version, -version, ids[version - 1]) for version in (5, 4, 3, 2, 1)]
        with pytest.raises(WrongCursor):
            await store(tx).entries(account_id, Page(2, new_id()))
        assert await store(tx).entries(new_id(), Page()) is None


@pytest.mark.parametrize("microsecond", [0, 1, 120_000, 999_999])
async def test_a_document_is_its_row(
    database: Database, store: MakeStore, owner: CompanyScope, microsecond: int
) -> None:
    """What PostgreSQL makes of a transfer is what its schema makes of the row, whatever is in its text."""
    at = datetime(2030, 5, 4, 3, 2, 1, microsecond, tzinfo=UTC)
    odd = f'"\\/\u2028 \U0001f69a {new_id()}'
    async with undone(database) as tx:
        hold = await transfer_row(store(tx), owner, reference=odd, created_at=at)
        posted = replace(resolution_row(hold, TransferStatus.POSTED), amount_minor=120)
        direct = await transfer_row(store(tx), owner, is_pending=False, subject_id=None, amount=Money(10**15, "EUR"))
        voided = await transfer_row(store(tx), owner)
        pending = await transfer_row(store(tx), owner)
        rows = [replace(hold, resolution=posted), direct, replace(voided, resolution=resolution_row(voided)), pending]
        resolutions = [row.resolution for row in rows if row.resolution]
        await store(tx).book(Postings(transfers=rows, resolutions=resolutions))
        for row in rows:
            document = await store(tx).document(row.id)
            assert document is not None
            assert TransferOut.model_validate_json(document.body, strict=True) == TransferOut.model_validate(row)
            assert list(json.loads(document.body)) == list(TransferOut.model_fields)
        assert await store(tx).document(new_id()) is None


async def test_a_tenant_reads_its_own(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """Accounts in pages, oldest first; of another company's books nothing, not even that they are there."""
    async with database.transaction(PLATFORM) as tx:
        for currency in ("EUR", "PLN", "CZK"):
            made = await service.deposit(
                tx, company_id=owner.company_id, amount=Money(70, currency), reference=f"test:{new_id()}"
            )
    async with database.transaction(owner) as tx:
        first = AccountPage.model_validate_json((await store(tx).accounts(Page(2))).body, strict=True)
        rest = await store(tx).accounts(Page(2, decode_cursor(first.next_cursor)))
        second = AccountPage.model_validate_json(rest.body, strict=True)
        assert [account.currency for account in first.items + second.items] == ["EUR", "PLN", "CZK"]
        assert second.next_cursor is None
        assert list(json.loads(rest.body)["items"][0]) == list(AccountOut.model_fields)
        assert second.items[0].available.amount_minor == 70 and second.items[0].version == 1
    async with database.transaction(await tenant(database, "both")) as tx:
        assert json.loads((await store(tx).accounts(Page())).body) == {"items": [], "next_cursor": None}
        assert await store(tx).entries(made.credit_account_id, Page()) is None
        assert await store(tx).document(made.id) is None
        assert await store(tx).transfer_of(made.reference) is None


async def test_a_tenant_writes_nothing(database: Database, store: MakeStore, owner: CompanyScope) -> None:
    """Its role may only read, its own books too."""
    with pytest.raises(Forbidden):
        async with database.transaction(owner) as tx:
            await store(tx).open_accounts([key(owner)], now())
