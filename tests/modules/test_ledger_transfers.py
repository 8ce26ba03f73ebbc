"""Deposits and what every transfer keeps: amounts, accounts, references, and all or nothing."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.errors import Invalid
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.ledger import api, service
from freight.modules.ledger.service.journal import (
    BALANCE_MAX_MINOR,
    BalanceOverflow,
    InsufficientFunds,
    Journal,
    TooMuchDeposited,
)
from freight.modules.ledger.service.order import Order, SameAccount, WrongAmount, WrongCurrency, WrongReference
from freight.modules.ledger.store import (
    AccountKey,
    AccountKind,
    AccountRow,
    ReferenceReused,
    TransferKind,
    TransferStatus,
)
from freight.money import MAX_AMOUNT_MINOR, Money
from freight.tenancy import CompanyScope
from tests.modules.ledger import books, company, counted, deposit, do, eur, hold, need_sound_books, reference
from tests.world import Server

WALLET, HELD = "wallet", "held"
NOTHING = (0, 0, 0)


@pytest.fixture(autouse=True)
async def _sound_books(server: Server, database: Database) -> AsyncIterator[None]:
    """Whatever a test does, the invariants hold after it."""
    yield
    await need_sound_books(server, database)


NO_AMOUNTS = [0, -1, 1.0, 1.5, float("nan"), True, "5", Decimal(5), None, MAX_AMOUNT_MINOR + 1, 2**63, 2**64]


def order(**changes: Any) -> Order:
    wallet, held = (AccountKey(new_id(), kind, "EUR") for kind in (AccountKind.WALLET, AccountKind.HELD))
    usual: dict[str, Any] = {"kind": TransferKind.DEPOSIT, "reference": "r", "amount": eur(1)}
    return Order(**usual | {"debit": wallet, "credit": held} | changes)


async def test_a_deposit_comes_from_outside_into_the_wallet(database: Database) -> None:
    """The wallet has it, and the external account has the same amount below zero."""
    owner = await company(database)
    made = await deposit(database, owner, eur(500_000))
    assert await books(database, owner) == {WALLET: (500_000, 0, 0)}
    assert (made.status, made.posted, made.debit_company_id) == (TransferStatus.POSTED, eur(500_000), owner)
    assert await counted(database, owner, AccountKind.EXTERNAL) == -500_000


async def test_a_deposit_waits_for_no_other_company(database: Database) -> None:
    """While the transaction of one company's first deposit is open, another company's commits."""
    one, other = await company(database), await company(database)
    deposited, committed = asyncio.Event(), asyncio.Event()

    async def holder() -> None:
        async with database.transaction(Platform("test")) as tx:
            await service.deposit(tx, company_id=one, amount=eur(7), reference=reference())
            deposited.set()
            await committed.wait()

    holding = asyncio.create_task(holder())
    await deposited.wait()
    try:
        await deposit(database, other, eur(500))  # Busy, would it wait
        assert (await books(database, one), await books(database, other)) == ({}, {WALLET: (500, 0, 0)})
    finally:
        committed.set()
        await holding
    assert await books(database, one) == {WALLET: (7, 0, 0)}


async def test_what_one_company_deposits_limits_itself_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its limit the refusal says what it may still deposit; it is paid and spends as before, and others deposit."""
    monkeypatch.setattr("freight.modules.ledger.store.DEPOSITED_MAX_MINOR", 1_000)
    full, other = await company(database, 900), await company(database)
    with pytest.raises(TooMuchDeposited, match=r"deposit at most 1\.00 EUR more") as refused:
        await deposit(database, full, eur(101))
    assert refused.value.details == {"room_minor": 100, "limit_minor": 1_000, "currency": "EUR"}
    await deposit(database, full, eur(100))
    await deposit(database, full, Money(1_000, "PLN"))
    await deposit(database, other, eur(1_000))
    for owner, payee in ((other, full), (full, other)):
        held = await hold(database, owner, eur(1_000))
        await do(database, api.settle, held.id, payer_id=owner, payee_id=payee, reference=reference())
    assert await books(database, full) == {WALLET: (950, 0, 0), HELD: NOTHING}
    with pytest.raises(TooMuchDeposited, match=r"deposit at most 0\.00 EUR more"):
        await deposit(database, full, eur(1))


def test_the_largest_deposits_leave_room_to_be_paid() -> None:
    """A wallet that holds all that its company may deposit takes thousands of the largest payments."""
    now, outside = datetime.now(UTC), AccountKey(new_id(), AccountKind.EXTERNAL, "EUR")
    room = AccountRow(new_id(), outside, 0, 0, 0, 0, now, now).available_minor
    assert room == 10**18
    assert room + 8_223 * MAX_AMOUNT_MINOR <= BALANCE_MAX_MINOR


@pytest.mark.parametrize("amount", NO_AMOUNTS)
async def test_an_amount_is_a_whole_number_above_zero_and_within_the_limit(database: Database, amount: Any) -> None:
    """Zero, negative, float and overflowing amounts are refused, before anything is written."""
    owner = await company(database)
    with pytest.raises(WrongAmount):
        await deposit(database, owner, Money(amount, "EUR"))
    assert await books(database, owner) == {}


def test_a_transfer_has_two_accounts_in_one_currency_and_a_reference() -> None:
    """The same account twice, two currencies, a currency that is none, and no or too long a reference are refused."""
    wallet = AccountKey(new_id(), AccountKind.WALLET, "EUR")
    with pytest.raises(SameAccount):
        order(debit=wallet, credit=wallet)
    with pytest.raises(WrongCurrency):
        order(credit=AccountKey(new_id(), AccountKind.WALLET, "PLN"))
    with pytest.raises(WrongCurrency):
        order(amount=Money(1, "PLN"))
    with pytest.raises(WrongCurrency):
        order(amount=Money(1, "eur"))
    for odd in ("", "x" * 201):
        with pytest.raises(WrongReference):
            order(reference=odd)


async def test_a_balance_that_cannot_be_booked_is_refused(database: Database) -> None:
    """An amount with which a balance would pass 64 bits is invalid, not an error of ours."""
    async with database.transaction(Platform("test")) as tx:
        now = tx.clock.now()
        wanted = order(debit=AccountKey(new_id(), AccountKind.EXTERNAL, "EUR"), amount=eur(2))
        full = [
            AccountRow(new_id(), key, posted, 0, 0, 1, now, now)
            for key, posted in ((wanted.debit, 0), (wanted.credit, BALANCE_MAX_MINOR - 1))
        ]
        with pytest.raises(BalanceOverflow):
            Journal(tx, full).post(wanted)
    assert issubclass(BalanceOverflow, Invalid)


async def test_the_same_reference_is_the_same_transfer(database: Database) -> None:
    """Said again it is found again, and with another amount, company or verb it is a conflict."""
    owner, other, name = await company(database), await company(database), reference()
    first = await do(database, service.deposit, company_id=owner, amount=eur(100), reference=name)
    again = await do(database, service.deposit, company_id=owner, amount=eur(100), reference=name)
    assert again == first
    with pytest.raises(ReferenceReused):
        await do(database, service.deposit, company_id=owner, amount=eur(101), reference=name)
    with pytest.raises(ReferenceReused):
        await do(database, service.deposit, company_id=other, amount=eur(100), reference=name)
    with pytest.raises(ReferenceReused):
        await hold(database, owner, eur(100), reference=name)
    assert await books(database, owner) == {WALLET: (100, 0, 0)}


async def test_the_same_reference_at_once_is_one_transfer(database: Database) -> None:
    """Eight callers with one reference get one transfer; for eight companies, one is made and seven are conflicts."""
    owner, name = await company(database), reference()
    made = await asyncio.gather(
        *(do(database, service.deposit, company_id=owner, amount=eur(7), reference=name) for _ in range(8))
    )
    assert len({transfer.id for transfer in made}) == 1
    assert await books(database, owner) == {WALLET: (7, 0, 0)}
    others, name = [await company(database, 10) for _ in range(8)], reference()
    made = await asyncio.gather(
        *(hold(database, other, eur(7), reference=name) for other in others), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in made) == ["ReferenceReused"] * 7 + ["TransferRow"]


async def test_what_fails_later_leaves_nothing(database: Database) -> None:
    """A verb is part of its caller's transaction: books and outbox are as before when that fails."""
    owner = await company(database, 1_000)
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(CompanyScope(owner, "both"), elevates=True) as tx:
            await api.hold(tx, company_id=owner, amount=eur(5), reference=reference(), subject_id=new_id())
            raise ZeroDivisionError
    assert await books(database, owner) == {WALLET: (1_000, 0, 0)}


async def test_a_refusal_that_is_caught_has_no_event(database: Database) -> None:
    """A caller may go on after InsufficientFunds: what it commits has no transfer, and no event of one."""
    owner = await company(database, 1_000)
    async with database.transaction(CompanyScope(owner, "both"), elevates=True) as tx:
        with pytest.raises(InsufficientFunds):
            await api.hold(tx, company_id=owner, amount=eur(1_001), reference=reference(), subject_id=new_id())
    assert await books(database, owner) == {WALLET: (1_000, 0, 0), HELD: NOTHING}
