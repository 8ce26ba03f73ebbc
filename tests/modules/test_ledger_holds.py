"""Holds: set aside, then posted, voided or expired, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crossdock.kernel.errors import Invalid, NotFound
from crossdock.kernel.ids import new_id
from crossdock.kernel.money import Money
from crossdock.kernel.registry import Registry
from crossdock.kernel.tenancy import Platform
from crossdock.kernel.transaction import Database
from crossdock.modules.ledger import api, jobs, service
from crossdock.modules.ledger.jobs import expire_holds
from crossdock.modules.ledger.service.journal import InsufficientFunds
from crossdock.modules.ledger.service.order import WrongAmount, WrongCurrency
from crossdock.modules.ledger.service.resolve import HoldOverdue, MoreThanHeld, NotPending
from crossdock.modules.ledger.store import LedgerStore, TransferStatus
from tests.modules.ledger import books, company, deposit, do, eur, find, hold, need_sound_books, reference
from tests.modules.poison import poisoned
from tests.world import Server, database_name

WALLET, HELD = "wallet", "held"
NOTHING = (0, 0, 0)


@pytest.fixture(scope="module")
async def alone(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    """A database that no service works on: its jobs would expire holds between the lines of a test."""
    name = database_name("holds")
    async with Database(await server.copy(name, template), registry) as opened:
        yield opened
        await need_sound_books(server, opened)
    await server.drop(name)


@pytest.fixture(autouse=True)
async def _sound_books(server: Server, database: Database) -> AsyncIterator[None]:
    """Whatever a test does, the invariants hold after it."""
    yield
    await need_sound_books(server, database)


async def test_a_hold_sets_aside_and_moves_nothing(database: Database) -> None:
    """What is held is no more available, and still the wallet's."""
    owner = await company(database, 1_000)
    held = await hold(database, owner, eur(600))
    assert held.status is TransferStatus.PENDING and held.posted is None
    assert await books(database, owner) == {WALLET: (1_000, 600, 0), HELD: (0, 0, 600)}


async def test_no_more_can_be_held_than_is_available(database: Database) -> None:
    """The refusal says what is available and what was wanted; the last cent can be held."""
    owner = await company(database, 1_000)
    await hold(database, owner, eur(600))
    with pytest.raises(InsufficientFunds, match=r"4\.00 EUR available, not 4\.01 EUR") as refused:
        await hold(database, owner, eur(401))
    assert refused.value.details == {"available_minor": 400, "wanted_minor": 401, "currency": "EUR"}
    assert refused.value.code == "insufficient_funds"
    await hold(database, owner, eur(400))
    assert await books(database, owner) == {WALLET: (1_000, 1_000, 0), HELD: (0, 0, 1_000)}


@pytest.mark.parametrize(("expired", "status"), [(False, TransferStatus.VOIDED), (True, TransferStatus.EXPIRED)])
async def test_a_void_gives_back_what_was_held(database: Database, expired: bool, status: TransferStatus) -> None:
    """All of it is available again, and the transfer says how it ended."""
    owner = await company(database, 1_000)
    held = await hold(database, owner, eur(600))
    await do(database, api.void, held.id, expired=expired)
    assert await books(database, owner) == {WALLET: (1_000, 0, 0), HELD: NOTHING}
    assert (await find(database, held.id)).status is status


@pytest.mark.parametrize("part", [None, 1, 599, 600])
async def test_a_hold_is_posted_whole_or_in_part(database: Database, part: int | None) -> None:
    """What is posted moves, and the rest of the hold is available again."""
    owner = await company(database, 1_000)
    held = await hold(database, owner, eur(600))
    amount = None if part is None else eur(part)
    posted = await do(database, service.post_hold, held.id, amount)
    assert posted.posted == eur(part or 600)
    assert await books(database, owner) == {WALLET: (1_000 - (part or 600), 0, 0), HELD: (part or 600, 0, 0)}
    assert await find(database, held.id) == posted


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [(eur(601), MoreThanHeld), (eur(0), WrongAmount), (eur(-1), WrongAmount), (Money(1, "PLN"), WrongCurrency)],
)
async def test_no_more_than_the_hold_can_be_posted(database: Database, amount: Money, refusal: type[Invalid]) -> None:
    """Nor nothing, nor another currency; the hold stays as it is."""
    owner = await company(database, 1_000)
    held = await hold(database, owner, eur(600))
    with pytest.raises(refusal):
        await do(database, service.post_hold, held.id, amount)
    assert (await find(database, held.id)).status is TransferStatus.PENDING


async def resolve(database: Database, how: str, hold_id: Any) -> None:
    match how:
        case "post":
            await do(database, service.post_hold, hold_id)
        case "void":
            await do(database, api.void, hold_id)
        case "expire":
            await do(database, api.void, hold_id, expired=True)
        case "settle":
            named = {"payer_id": await payer(database, hold_id), "payee_id": await company(database)}
            await do(database, api.settle, hold_id, reference=reference(), **named)


async def payer(database: Database, hold_id: UUID) -> UUID:
    """The company that a transfer debits; anybody, where there is no such transfer."""
    async with database.transaction(Platform("test")) as tx:
        found = await tx.store(LedgerStore).transfer(hold_id)
    return new_id() if found is None else found.debit_company_id


@pytest.mark.parametrize("second", ["post", "void", "expire", "settle"])
@pytest.mark.parametrize("first", ["post", "void", "expire", "settle"])
async def test_a_hold_is_resolved_once(database: Database, first: str, second: str) -> None:
    """However it ended, it cannot end again."""
    owner = await company(database, 1_000)
    held = await hold(database, owner, eur(600))
    await resolve(database, first, held.id)
    before = await books(database, owner)
    with pytest.raises(NotPending):
        await resolve(database, second, held.id)
    assert await books(database, owner) == before


async def test_only_a_hold_is_resolved(database: Database) -> None:
    """A deposit is a conflict, and an unknown id is not found."""
    made = await deposit(database, await company(database), eur(5))
    for how in ("post", "void", "settle"):
        with pytest.raises(NotPending):
            await resolve(database, how, made.id)
        with pytest.raises(NotFound):
            await resolve(database, how, new_id())


async def test_an_overdue_hold_is_not_posted(database: Database) -> None:
    """Its time counts, whether or not the job has come round; it can still be voided."""
    owner = await company(database, 1_000)
    late = database.clock.now() - timedelta(seconds=1)
    held = await hold(database, owner, eur(600), expires_at=late)
    for how in ("post", "settle"):
        with pytest.raises(HoldOverdue):
            await resolve(database, how, held.id)
    await resolve(database, "void", held.id)


async def test_the_job_expires_what_is_overdue_and_nothing_else(alone: Database) -> None:
    """Overdue holds give back; those with time left, without an end or resolved already stay as they are."""
    owner, now = await company(alone, 1_000), alone.clock.now()
    overdue = [await hold(alone, owner, eur(10), expires_at=now - timedelta(seconds=1)) for _ in range(3)]
    resolved = await hold(alone, owner, eur(10), expires_at=now - timedelta(seconds=1))
    await resolve(alone, "void", resolved.id)
    later = await hold(alone, owner, eur(20), expires_at=now + timedelta(hours=1))
    endless = await hold(alone, owner, eur(30))
    assert await expire_holds(alone) == 3
    assert {(await find(alone, held.id)).status for held in overdue} == {TransferStatus.EXPIRED}
    assert {(await find(alone, held.id)).status for held in (later, endless)} == {TransferStatus.PENDING}
    assert await books(alone, owner) == {WALLET: (1_000, 50, 0), HELD: (0, 0, 50)}


async def nothing_overdue(alone: Database) -> None:
    """What other tests left is expired."""
    while await expire_holds(alone):
        pass


async def test_expiry_takes_the_longest_overdue_up_to_its_limit(
    alone: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run never expires more than its limit."""
    await nothing_overdue(alone)
    monkeypatch.setattr(jobs, "BATCH_MAX", 2)
    owner, now = await company(alone, 1_000), alone.clock.now()
    held = [await hold(alone, owner, eur(1), expires_at=now - timedelta(seconds=age)) for age in (1, 3, 2)]
    assert await expire_holds(alone) == 2
    assert [(await find(alone, one.id)).status.value for one in held] == ["pending", "expired", "expired"]


async def test_a_hold_that_cannot_expire_leaves_the_others_their_turn(server: Server, alone: Database) -> None:
    """Whatever the error is: the others give back now, this one when it can be written again."""
    await nothing_overdue(alone)
    owner, now = await company(alone, 1_000), alone.clock.now()
    held = [await hold(alone, owner, eur(1), expires_at=now - timedelta(seconds=age)) for age in (3, 2, 1)]
    connection = await server.connect(alone.settings.direct.database)
    async with poisoned(connection, "ledger_resolutions", f"NEW.transfer_id = '{held[0].id}'"):
        assert await expire_holds(alone) == 2
        assert [(await find(alone, one.id)).status.value for one in held] == ["pending", "expired", "expired"]
    await connection.close()
    assert await expire_holds(alone) == 1
    assert await books(alone, owner) == {WALLET: (1_000, 0, 0), HELD: NOTHING}


async def test_a_hold_with_time_left_does_not_expire(alone: Database) -> None:
    """Nor one that has no end; at its end it does, once."""
    owner, now = await company(alone, 1_000), alone.clock.now()
    late, endless = await hold(alone, owner, eur(1), expires_at=now), await hold(alone, owner, eur(1))
    assert not await do(alone, service.expire_hold, late.id, now - timedelta(microseconds=1))
    assert not await do(alone, service.expire_hold, endless.id, now)
    assert await do(alone, service.expire_hold, late.id, now)
    assert not await do(alone, service.expire_hold, late.id, now)


async def test_expiry_and_settlement_at_once_are_one_of_them(database: Database) -> None:
    """A hold that is settled and expired in the same moment is one or the other, and nobody sees an error of ours."""
    owner, end = await company(database, 10_000), database.clock.now() + timedelta(minutes=1)
    held = [await hold(database, owner, eur(10), expires_at=end) for _ in range(24)]
    settlements = [
        do(database, service.settle, one.id, payer_id=owner, payee_id=owner, reference=reference()) for one in held
    ]
    expiries = [do(database, service.expire_hold, one.id, end) for one in held]
    rivals = [work for pair in zip(settlements, expiries, strict=True) for work in pair]
    results = await asyncio.gather(*rivals, return_exceptions=True)
    assert {type(result) for result in results} <= {api.Settlement, NotPending, bool}
    ends = Counter([(await find(database, one.id)).status.value for one in held])
    assert ends["posted"] == sum(isinstance(result, api.Settlement) for result in results)
    assert ends["posted"] + ends["expired"] == len(held)
