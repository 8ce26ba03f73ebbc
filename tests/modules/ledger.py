"""Companies and their books, for the tests of the ledger."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from crossdock.documents import Page, decode_cursor
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.companies.api import CompanyKind, add_company
from freight.modules.ledger import service
from freight.modules.ledger.store import AccountKey, AccountKind, LedgerReads, LedgerStore, TransferRow
from freight.money import Money
from freight.tenancy import CompanyScope
from tests.invariants import ledger_violations
from tests.world import Server, unique


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


def reference(word: str = "test") -> str:
    """One that nobody used."""
    return f"{word}:{new_id()}"


def tenant(company_id: UUID) -> CompanyScope:
    return CompanyScope(company_id, CompanyKind.BOTH)


async def do(database: Database, verb: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
    """One verb in a transaction of its own."""
    async with database.transaction(Platform("test")) as tx:
        return await verb(tx, *arguments, **named)


async def company(database: Database, funds_minor: int = 0) -> UUID:
    """A new company, with euros in its wallet."""
    made = await do(database, add_company, unique("company"), CompanyKind.BOTH)
    if funds_minor:
        await deposit(database, made.id, eur(funds_minor))
    return UUID(str(made.id))


async def deposit(database: Database, company_id: UUID, amount: Money) -> TransferRow:
    made: TransferRow = await do(
        database, service.deposit, company_id=company_id, amount=amount, reference=reference("deposit")
    )
    return made


async def hold(database: Database, company_id: UUID, amount: Money, **named: Any) -> TransferRow:
    named = {"reference": reference("hold"), "subject_id": new_id()} | named
    made: TransferRow = await do(database, service.hold, company_id=company_id, amount=amount, **named)
    return made


async def books(database: Database, company_id: UUID, currency: str = "EUR") -> dict[str, tuple[int, int, int]]:
    """What a company sees of its accounts in a currency: kind → posted, pending out, pending in, in minor units."""
    sides = ("posted", "pending_out", "pending_in")
    items = [item for item in await _accounts(database, company_id) if item["currency"] == currency]
    return {item["kind"]: tuple(item[side]["amount_minor"] for side in sides) for item in items}


async def _accounts(database: Database, company_id: UUID) -> list[dict[str, Any]]:
    """Page by page."""
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    async with database.reading(tenant(company_id), LedgerReads) as ledger:
        while cursor is not None:
            page = json.loads((await ledger.accounts(Page(200, decode_cursor(cursor or None)))).body)
            items, cursor = items + page["items"], page["next_cursor"]
    return items


async def counted(database: Database, company_id: UUID, kind: AccountKind, currency: str = "EUR") -> int:
    """What is booked on a company's account from outside or of fees, which the platform alone reads."""
    wanted = AccountKey(company_id, kind, currency)
    async with database.transaction(Platform("test")) as tx:
        store = tx.store(LedgerStore)
        (account,) = await store.lock_accounts((await store.open_accounts([wanted], tx.clock.now())).values())
        return account.posted_minor


async def find(database: Database, transfer_id: UUID) -> TransferRow:
    """A transfer as it is now."""
    async with database.reading(Platform("test"), LedgerReads) as ledger:
        transfer = await ledger.transfer(transfer_id)
    assert transfer is not None
    return transfer


async def need_sound_books(server: Server, database: Database) -> None:
    """Every invariant of the books holds, over all that is in the database."""
    connection = await server.connect(database.settings.pooled.database)
    try:
        assert await ledger_violations(connection) == []
    finally:
        await connection.close()
