"""Settlements: who is paid what."""

from collections.abc import AsyncIterator

import pytest

from crossdock.config.settings import Settings
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.ledger import api
from freight.modules.ledger.config import LedgerSettings
from freight.modules.ledger.service.settle import divide
from freight.modules.ledger.store import AccountKind, LedgerStore, ReferenceReused, TransferStatus
from freight.money import MAX_AMOUNT_MINOR
from tests.modules.ledger import (
    books,
    company,
    counted,
    deposit,
    do,
    eur,
    find,
    hold,
    need_sound_books,
    reference,
    tenant,
)
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
    """The hold is posted, the payee has its share, the payer's account of fees the rest; no transfer for a share of
    zero."""
    async with Database(settings, registry) as database:
        database.module_settings[LedgerSettings] = LedgerSettings(fee_basis_points=basis_points)
        owner, payee, name, booking_id = await company(database, 1_000), await company(database), reference(), new_id()
        held = await hold(database, owner, eur(101), subject_id=booking_id)
        settlement = await do(database, api.settle, held.id, payer_id=owner, payee_id=payee, reference=name)
        fee_minor = 101 * basis_points // 10_000
        assert settlement == api.Settlement(paid=eur(101 - fee_minor), fee=eur(fee_minor))
        assert await books(database, owner) == {WALLET: (899, 0, 0), HELD: NOTHING}
        assert (await books(database, payee)).get(WALLET, NOTHING) == (101 - fee_minor, 0, 0)
        assert await counted(database, owner, AccountKind.FEES) == fee_minor
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
        async with database.transaction(tenant(owner), elevates=True) as tx:
            await api.settle(tx, held.id, payer_id=owner, payee_id=payee, reference=used.reference)
    assert (await find(database, held.id)).status is TransferStatus.PENDING
    assert await books(database, owner) == {WALLET: (1_000, 600, 0), HELD: (0, 0, 600)}


async def test_only_the_payers_own_hold_settles(database: Database) -> None:
    """A hold of another payer pays nothing: the call is refused, and the hold is pending as before."""
    owner, other, payee = await company(database, 1_000), await company(database, 1_000), await company(database)
    held = await hold(database, owner, eur(600))
    with pytest.raises(api.NotThePayersHold):
        await do(database, api.settle, held.id, payer_id=other, payee_id=payee, reference=reference())
    assert (await find(database, held.id)).status is TransferStatus.PENDING
    assert await books(database, other) == {WALLET: (1_000, 0, 0)}
