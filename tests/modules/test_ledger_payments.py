"""Settlements and reversals: who is paid what, and how it is taken back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from crossdock.kernel.config import Settings
from crossdock.kernel.errors import NotFound
from crossdock.kernel.ids import new_id
from crossdock.kernel.money import MAX_AMOUNT_MINOR
from crossdock.kernel.registry import Registry
from crossdock.kernel.tenancy import Platform
from crossdock.kernel.transaction import Database
from crossdock.modules.companies.api import PLATFORM_COMPANY_ID
from crossdock.modules.ledger import api, service
from crossdock.modules.ledger.config import LedgerSettings
from crossdock.modules.ledger.service.journal import InsufficientFunds
from crossdock.modules.ledger.service.reverse import AlreadyReversed, NothingToReverse, ReversalIsFinal
from crossdock.modules.ledger.service.settle import divide
from crossdock.modules.ledger.store import (
    LedgerStore,
    ReferenceReused,
    TransferKind,
    TransferStatus,
)
from tests.modules.ledger import books, company, deposit, do, eur, find, hold, need_sound_books, reference, tenant
from tests.world import Server

WALLET, HELD = "wallet", "held"
NOTHING = (0, 0, 0)


@pytest.fixture(autouse=True)
async def _sound_books(server: Server, database: Database) -> AsyncIterator[None]:
    """Whatever a test does, the invariants hold after it."""
    yield
    await need_sound_books(server, database)


@pytest.mark.parametrize(
    ("amount_minor", "basis_points", "fee_minor"),
    [
        (1, 500, 0),
        (19, 500, 0),
        (20, 500, 1),
        (39, 500, 1),
        (90_000, 500, 4_500),
        (5, 0, 0),
        (5, 10_000, 5),
        (MAX_AMOUNT_MINOR, 9_999, 999_900_000_000_000),
    ],
)
def test_the_fee_is_rounded_down(amount_minor: int, basis_points: int, fee_minor: int) -> None:
    """To a whole minor unit; what is left is the payee's, so nothing is lost."""
    settlement = divide(eur(amount_minor), basis_points)
    assert (settlement.fee, settlement.paid) == (eur(fee_minor), eur(amount_minor - fee_minor))


@pytest.mark.parametrize("basis_points", [0, 333, 10_000])
async def test_the_payee_is_paid_less_the_fee(settings: Settings, registry: Registry, basis_points: int) -> None:
    """The hold is posted, the payee has its share, the platform its fee; no transfer is made for a share of zero."""
    async with Database(settings, registry) as database:
        database.module_settings[LedgerSettings] = LedgerSettings(fee_basis_points=basis_points)
        owner, payee, name, booking_id = await company(database, 1_000), await company(database), reference(), new_id()
        fees_before = (await books(database, PLATFORM_COMPANY_ID)).get("fees", NOTHING)[0]
        held = await hold(database, owner, eur(101), subject_id=booking_id)
        settlement = await do(database, api.settle, held.id, payer_id=owner, payee_id=payee, reference=name)
        fee_minor = 101 * basis_points // 10_000
        assert settlement == api.Settlement(paid=eur(101 - fee_minor), fee=eur(fee_minor))
        assert await books(database, owner) == {WALLET: (899, 0, 0), HELD: NOTHING}
        assert (await books(database, payee)).get(WALLET, NOTHING) == (101 - fee_minor, 0, 0)
        assert (await books(database, PLATFORM_COMPANY_ID)).get("fees", NOTHING)[0] == fees_before + fee_minor
        async with database.transaction(Platform("test")) as tx:
            made = [await tx.store(LedgerStore).transfer_of(part) for part in (name, f"{name}:fee")]
        assert [part and (part.amount, part.subject_id) for part in made] == [
            (share, booking_id) if share.amount_minor else None for share in (settlement.paid, settlement.fee)
        ]


async def test_a_settlement_under_a_used_reference_does_nothing(database: Database) -> None:
    """It is a conflict, and the hold is pending as before."""
    owner, payee = await company(database, 1_000), await company(database)
    used = await deposit(database, payee, eur(1))
    held = await hold(database, owner, eur(600))
    with pytest.raises(ReferenceReused):
        async with database.transaction(tenant(owner)) as tx:
            await api.settle(tx, held.id, payer_id=owner, payee_id=payee, reference=used.reference)
    assert (await find(database, held.id)).status is TransferStatus.PENDING
    assert await books(database, owner) == {WALLET: (1_000, 600, 0), HELD: (0, 0, 600)}


async def test_only_the_payers_own_hold_settles(database: Database) -> None:
    """A hold of somebody else pays nothing, whoever names it: a conflict, and it is pending as before."""
    owner, other, payee = await company(database, 1_000), await company(database, 1_000), await company(database)
    held = await hold(database, owner, eur(600))
    with pytest.raises(api.NotThePayersHold):
        await do(database, api.settle, held.id, payer_id=other, payee_id=payee, reference=reference())
    assert (await find(database, held.id)).status is TransferStatus.PENDING
    assert await books(database, other) == {WALLET: (1_000, 0, 0)}


async def test_a_reversal_moves_back_once(database: Database) -> None:
    """The same one again is found again; a second one, under another reference, is a conflict."""
    owner, name = await company(database), reference()
    made = await deposit(database, owner, eur(500))
    back = await do(database, service.reverse, made.id, reference=name)
    assert (back.kind, back.reverses_id, back.amount) == (TransferKind.REVERSAL, made.id, eur(500))
    assert await do(database, service.reverse, made.id, reference=name) == back
    with pytest.raises(AlreadyReversed):
        await do(database, service.reverse, made.id, reference=reference())
    with pytest.raises(ReversalIsFinal):
        await do(database, service.reverse, back.id, reference=reference())
    assert await books(database, owner) == {WALLET: NOTHING}


async def test_reversals_at_once_are_one(database: Database) -> None:
    """Eight callers reverse one deposit: one does, seven are told."""
    owner = await company(database, 10_000)
    made = await deposit(database, owner, eur(500))
    results = await asyncio.gather(
        *(do(database, service.reverse, made.id, reference=reference()) for _ in range(8)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["AlreadyReversed"] * 7 + ["TransferRow"]
    assert await books(database, owner) == {WALLET: (10_000, 0, 0)}


async def test_only_what_moved_is_reversed(database: Database) -> None:
    """A hold that is pending or voided moved nothing; of one posted in part, the part moves back."""
    owner = await company(database, 1_000)
    pending, voided, part = [await hold(database, owner, eur(100)) for _ in range(3)]
    await do(database, api.void, voided.id)
    await do(database, service.post_hold, part.id, eur(30))
    for held in (pending, voided):
        with pytest.raises(NothingToReverse):
            await do(database, service.reverse, held.id, reference=reference())
    with pytest.raises(NotFound):
        await do(database, service.reverse, new_id(), reference=reference())
    assert (await do(database, service.reverse, part.id, reference=reference())).amount == eur(30)
    assert await books(database, owner) == {WALLET: (1_000, 100, 0), HELD: (0, 0, 100)}


async def test_what_is_spent_cannot_be_moved_back(database: Database) -> None:
    """A deposit whose money is held is not reversed, whatever the wallet's balance says."""
    owner = await company(database)
    made = await deposit(database, owner, eur(500))
    await hold(database, owner, eur(1))
    with pytest.raises(InsufficientFunds):
        await do(database, service.reverse, made.id, reference=reference())
