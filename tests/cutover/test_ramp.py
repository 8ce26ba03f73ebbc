"""At `ramp` the candidate answers for a share of the scopes: always the same ones, and more of them as it grows.

Without tenants it is a share of the units of work.
"""

from itertools import pairwise
from uuid import NAMESPACE_OID, uuid5

import pytest

from crossdock.cutover.ladder import SHARES
from crossdock.registry import Orm
from crossdock.stages import ModuleState, Stage
from crossdock.stages.state import place_of
from crossdock.tenancy import NO_TENANCY, Everybody
from crossdock.transaction import Database
from crossdock.transaction.stores import Stores
from freight.modules.bookings.store import BookingReads, BookingStore
from freight.tenancy import CompanyScope
from tests.cutover.scene import MODULE, brought_to
from tests.stores.rows import PLATFORM, booking_row

KEYS = [uuid5(NAMESPACE_OID, str(number)) for number in range(2_000)]


def at(share: int) -> ModuleState:
    return ModuleState(MODULE, control=Orm.TORTOISE, stage=Stage.RAMP, share=share)


def served(share: int) -> set[object]:
    """Of many scopes those that the candidate answers for."""
    return {key for key in KEYS if at(share).orm_for(key) is Orm.SQLALCHEMY}


def test_a_scope_keeps_its_answer() -> None:
    """Each larger share has the scopes of the smaller ones among its own, and about as many as it says."""
    sets = [served(share) for share in SHARES]
    assert all(smaller < larger for smaller, larger in pairwise(sets))
    assert [round(len(each) / len(KEYS), 1) for each in sets] == [0.0, 0.1, 0.5, 1.0]
    assert served(0) == set()
    assert served(10) == served(10)


def test_no_scope_is_always_the_first_one() -> None:
    """Who comes first differs from module to module."""
    first = {module: {key for key in KEYS if place_of(module, key) < 10} for module in ("bookings", "bids")}
    assert first["bookings"] != first["bids"]


def test_the_place_is_the_same_in_every_process() -> None:
    """It depends on the names alone, and not on Python's hashes, which differ."""
    assert [place_of("bookings", key) for key in ("a", "b", 7, None)] == [13, 78, 42, 88]


@pytest.mark.parametrize("share", SHARES)
async def test_all_of_a_scopes_units_have_one_answer(moved: Database, shipper: CompanyScope, share: int) -> None:
    """What one store writes the other reads, whoever answers for whom; readings and transactions agree."""
    await brought_to(moved, Stage.RAMP, share)
    place = place_of(MODULE, moved.tenancy.queue_of(shipper))
    expected = Orm.SQLALCHEMY if place < share else Orm.TORTOISE
    assert {moved.stores.choose(contract, shipper).orm for contract in (BookingReads, BookingStore)} == {expected}
    row = booking_row(shipper)
    async with moved.transaction(shipper) as tx:
        await tx.store(BookingStore).add(row)
    for scope in (shipper, PLATFORM):
        async with moved.reading(scope, BookingReads) as bookings:
            assert await bookings.get(row.id) == row


async def test_the_platform_is_one_scope(moved: Database) -> None:
    """Its jobs and timers move at one step, all of them together."""
    answers = []
    for share in SHARES:
        await brought_to(moved, Stage.RAMP, share)
        answers.append(moved.stores.choose(BookingReads, PLATFORM).orm)
    assert answers == sorted(answers, key=lambda orm: orm is Orm.SQLALCHEMY)
    assert answers[-1] is Orm.SQLALCHEMY


async def test_without_tenants_the_share_is_of_units_of_work(moved: Database) -> None:
    """All of them have one scope, and a share of one scope would be nobody, and then everybody at once."""
    stores = Stores(moved.registry, moved.stages, NO_TENANCY)
    shares = {}
    for share in SHARES:
        await brought_to(moved, Stage.RAMP, share)
        served = [stores.choose(BookingReads, Everybody()).orm is Orm.SQLALCHEMY for _ in range(2_000)]
        shares[share] = sum(served) / 20
    assert all(share / 3 < found < share * 3 for share, found in shares.items()), shares
    assert shares[100] == 100


async def test_a_unit_of_work_has_one_answer_without_tenants(moved: Database) -> None:
    """All its stores of a module are of one ORM."""
    stores = Stores(moved.registry, moved.stages, NO_TENANCY)
    await brought_to(moved, Stage.RAMP, 50)
    for drawn in range(20):
        assert len({stores.choose(BookingStore, Everybody(), drawn).orm for _ in range(20)}) == 1
    assert len({stores.choose(BookingStore, Everybody(), drawn).orm for drawn in range(20)}) == 2
