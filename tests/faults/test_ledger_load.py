"""The ledger under load: 32 clients on 4 hot accounts. No deadlock, nothing lost, nothing twice."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from crossdock.config.limits import Limits
from crossdock.config.settings import PoolSettings, Settings
from crossdock.errors import Busy
from crossdock.guards import NestedUnitOfWork
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.ledger import api, service
from freight.modules.ledger.service.order import Order
from freight.modules.ledger.store import AccountKey, AccountKind, TransferKind
from freight.money import Money
from tests.modules.ledger import books, company, deposit, do, eur, hold, need_sound_books, reference, tenant
from tests.world import Server

CLIENTS = 32
ROUNDS = 8
FUNDS_MINOR = 1_000_000
SEED = 20261121


@pytest.fixture
async def wide(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """A connection for every client, so that they meet in PostgreSQL and not before the pool."""
    pool = PoolSettings(min_size=CLIENTS, max_size=CLIENTS)
    async with Database(settings.model_copy(update={"transaction_pool": pool}), registry) as database:
        yield database


def wallet(company_id: UUID) -> AccountKey:
    return AccountKey(company_id, AccountKind.WALLET, "EUR")


class Client:
    """Pays, settles, voids and deposits between hot wallets, and counts for itself what should come of it."""

    def __init__(self, database: Database, owners: list[UUID], number: int) -> None:
        self.database = database
        self.owners = owners
        self.random = random.Random(f"{SEED}/{number}")
        self.changes: Counter[UUID] = Counter()
        self.done = 0

    async def run(self) -> None:
        verbs: list[Callable[[UUID, UUID, Money], Awaitable[None]]] = [self.pay, self.settle, self.void, self.deposit]
        for _ in range(ROUNDS):
            payer, payee = self.random.sample(self.owners, 2)
            await self.random.choice(verbs)(payer, payee, eur(self.random.randint(1, 500)))
            self.done += 1

    async def pay(self, payer: UUID, payee: UUID, amount: Money) -> None:
        order = Order(TransferKind.SETTLEMENT, reference("pay"), amount, wallet(payer), wallet(payee))
        await do(self.database, service.transfer, order)
        self.changes.update({payer: -amount.amount_minor, payee: amount.amount_minor})

    async def settle(self, payer: UUID, payee: UUID, amount: Money) -> None:
        held = await hold(self.database, payer, amount)
        parties = {"payer_id": payer, "payee_id": payee}
        settlement: Any = await do(self.database, service.settle, held.id, reference=reference(), **parties)
        self.changes.update({payer: -amount.amount_minor, payee: settlement.paid.amount_minor})

    async def void(self, payer: UUID, _payee: UUID, amount: Money) -> None:
        held = await hold(self.database, payer, amount)
        await do(self.database, service.void_hold, held.id)

    async def deposit(self, payer: UUID, _payee: UUID, amount: Money) -> None:
        await deposit(self.database, payer, amount)
        self.changes.update({payer: amount.amount_minor})


async def test_hot_accounts_lose_nothing(server: Server, wide: Database) -> None:
    """The clients' counts add up to what the four companies have. A deadlock would be an error of one of them."""
    owners = [await company(wide, FUNDS_MINOR) for _ in range(4)]
    clients = [Client(wide, owners, number) for number in range(CLIENTS)]
    await asyncio.gather(*(client.run() for client in clients))
    wanted = Counter(dict.fromkeys(owners, FUNDS_MINOR))
    for client in clients:
        wanted.update(client.changes)
    assert {owner: (await books(wide, owner))["wallet"] for owner in owners} == {
        owner: (wanted[owner], 0, 0) for owner in owners
    }
    assert sum(client.done for client in clients) == CLIENTS * ROUNDS
    await need_sound_books(server, wide)


async def test_accounts_that_nobody_has_yet_are_made_once(server: Server, wide: Database) -> None:
    """All clients at once are the first to use the same accounts: each of them is made once."""
    owners, currency = [await company(wide) for _ in range(4)], "XXX"
    await asyncio.gather(*(deposit(wide, owners[number % 4], Money(10, currency)) for number in range(CLIENTS)))
    held = await asyncio.gather(*(hold(wide, owners[number % 4], Money(10, currency)) for number in range(CLIENTS)))
    await asyncio.gather(
        *(
            do(wide, service.settle, one.id, payer_id=one.debit_company_id, payee_id=payee, reference=reference())
            for one, payee in zip(held, itertools.cycle(owners[:3]), strict=False)
        )
    )
    await need_sound_books(server, wide)


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_who_waits_too_long_is_told(settings: Settings, registry: Registry, database: Database) -> None:
    """An account that somebody else keeps locked is Busy (503): nothing is written, and the wallet is as before."""
    owner = await company(database, FUNDS_MINOR)
    impatient = settings.model_copy(update={"limits": Limits(lock_timeout_ms=50)})
    async with Database(impatient, registry) as hurried, database.transaction(Platform("test")) as tx:
        await api.hold(tx, company_id=owner, amount=eur(1), reference=reference(), subject_id=new_id())
        with pytest.raises(Busy):
            async with hurried.transaction(tenant(owner), elevates=True) as waiting:
                await api.hold(waiting, company_id=owner, amount=eur(2), reference=reference(), subject_id=new_id())
    assert (await books(database, owner))["wallet"] == (FUNDS_MINOR, 1, 0)
