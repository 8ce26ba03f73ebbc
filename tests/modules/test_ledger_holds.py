"""Holds: set aside, then settled, voided or expired, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from crossdock.errors import NotFound
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.ledger import api
from freight.modules.ledger.service.journal import InsufficientFunds
from freight.modules.ledger.service.resolve import NotPending
from freight.modules.ledger.store import LedgerStore, TransferStatus
from tests.modules.ledger import books, company, deposit, do, eur, find, hold, need_sound_books, reference
from tests.world import Server

WALLET, HELD = "wallet", "held"
NOTHING = (0, 0, 0)


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


async def resolve(database: Database, how: str, hold_id: Any) -> None:
    match how:
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


@pytest.mark.parametrize("second", ["void", "expire", "settle"])
@pytest.mark.parametrize("first", ["void", "expire", "settle"])
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
    for how in ("void", "settle"):
        with pytest.raises(NotPending):
            await resolve(database, how, made.id)
        with pytest.raises(NotFound):
            await resolve(database, how, new_id())


async def test_a_void_and_a_settlement_at_once_are_one_of_them(database: Database) -> None:
    """A hold that is settled and voided in the same moment is one or the other, and nobody sees an error of ours."""
    owner = await company(database, 10_000)
    held = [await hold(database, owner, eur(10)) for _ in range(24)]
    settlements = [
        do(database, api.settle, one.id, payer_id=owner, payee_id=owner, reference=reference()) for one in held
    ]
    voids = [do(database, api.void, one.id) for one in held]
    rivals = [work for pair in zip(settlements, voids, strict=True) for work in pair]
    results = await asyncio.gather(*rivals, return_exceptions=True)
    kinds = Counter(type(result) for result in results)
    assert kinds[NotPending] == len(held) and kinds[api.Settlement] + kinds[type(None)] == len(held)
    ends = Counter([(await find(database, one.id)).status.value for one in held])
    assert (ends["posted"], ends["voided"]) == (kinds[api.Settlement], kinds[type(None)])
