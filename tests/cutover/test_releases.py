"""The code and the stage come apart where a release is rolled back, or a database restored: each case has its answer,
which is right, for both stores work on the same tables, and `crossdock move status` says it in words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from crossdock.config.settings import Settings
from crossdock.cutover import running_moves
from crossdock.cutover.operating import GateShut, Operations
from crossdock.errors import Conflict
from crossdock.registry import Module, Orm, Registry
from crossdock.stages import ModuleState, Stage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads, BookingStore
from freight.tenancy import CompanyScope
from tests.cutover.scene import MODULE, before_the_move, brought_to, heard, opened
from tests.stores.rows import PLATFORM, booking_row

EACH_STAGE = pytest.mark.parametrize(
    "stage", [Stage.SHADOW, Stage.REHEARSE, Stage.RAMP, Stage.SQLALCHEMY, Stage.HANDED_OVER]
)
OVER = {"bookings": Orm.SQLALCHEMY, "booking_history": Orm.SQLALCHEMY}


@pytest.fixture(scope="module")
def registry(registry: Registry) -> Registry:
    return before_the_move(registry)


class Without(Registry):
    """A release that has no store of bookings on one of the ORMs."""

    absent = Orm.SQLALCHEMY

    def has_store(self, module: Module, orm: Orm) -> bool:
        return super().has_store(module, orm) and not (module.name == MODULE and orm is self.absent)


class WithoutControl(Without):
    absent = Orm.TORTOISE


def older(registry: Registry) -> Registry:
    """The release before the move: it has the control's store alone."""
    return Without(registry.application, registry.modules)


def newer(registry: Registry, kind: type[Registry] = Registry, **changes: object) -> Registry:
    """The release after the move: its manifest names the candidate, and its tool has the tables."""
    manifest = replace(registry.modules[MODULE], **({"orm": Orm.SQLALCHEMY, "migrated_by": OVER} | changes))
    return kind(registry.application, registry.modules | {MODULE: manifest})


@asynccontextmanager
async def serving(settings: Settings, registry: Registry, state: ModuleState) -> AsyncIterator[Database]:
    """A process with the code of a release, which has heard of the state."""
    async with Database(settings, registry) as database, running_moves(database):
        await heard(database, state)
        yield database


async def written_and_read(database: Database, shipper: CompanyScope) -> Orm:
    """The ORM that has answered, after a write and a read of what was written."""
    row = booking_row(shipper)
    async with database.transaction(shipper) as tx:
        await tx.store(BookingStore).add(row)
    async with database.reading(shipper, BookingReads) as bookings:
        assert await bookings.get(row.id) == row
    return database.stores.choose(BookingReads, PLATFORM).orm


@EACH_STAGE
async def test_an_older_release_at_each_stage(
    apart: Settings, registry: Registry, moved: Database, shipper: CompanyScope, stage: Stage
) -> None:
    """A release that is rolled back, or a worker that is not replaced yet, has no candidate: its manifest says who
    answers, whatever the stage, beside workers that do as the stage says."""
    state = await brought_to(moved, stage, 100 if stage is Stage.RAMP else 0)
    async with serving(apart, older(registry), state) as database:
        assert await written_and_read(database, shipper) is Orm.TORTOISE
    served = await written_and_read(moved, shipper)
    assert served is (Orm.SQLALCHEMY if stage in (Stage.RAMP, Stage.SQLALCHEMY) else Orm.TORTOISE)


async def test_an_older_release_takes_steps_back_only(apart: Settings, registry: Registry, moved: Database) -> None:
    """Its commands say why it does not go forward; a step back is always allowed."""
    await brought_to(moved, Stage.REHEARSE)
    await opened(apart, MODULE)
    operator = Operations(apart, older(registry), by="the test")
    (remark,) = (await operator.progress(MODULE)).remarks
    assert remark.startswith("This release has no store_sqlalchemy.py of bookings, so it answers with tortoise")
    with pytest.raises(
        GateShut, match=r"has no store_sqlalchemy\.py of bookings: take the step with one that has both"
    ):
        await operator.advance(MODULE)
    await operator.back(MODULE, to=Stage.TORTOISE)
    with pytest.raises(GateShut, match="take the step with one that has both"):
        await operator.advance(MODULE)


async def test_an_older_release_after_the_hand_over(
    apart: Settings, registry: Registry, moved: Database, shipper: CompanyScope
) -> None:
    """No stage is asked any more: its manifest names the control, which answers, and that is said."""
    state = await brought_to(moved, Stage.HANDED_OVER)
    async with serving(apart, registry, state) as database:
        assert await written_and_read(database, shipper) is Orm.TORTOISE
    (remark,) = (await Operations(apart, registry, by="").progress(MODULE)).remarks
    assert "older than the hand-over: its manifest says Orm.TORTOISE, which answers" in remark
    assert (await Operations(apart, newer(registry), by="").progress(MODULE)).remarks == ()


@EACH_STAGE
async def test_a_database_restored_to_before_the_end(
    apart: Settings, registry: Registry, moved: Database, shipper: CompanyScope, stage: Stage
) -> None:
    """The newer release has both stores still: the stage decides, and the steps are taken again."""
    state = await brought_to(moved, stage, 100 if stage is Stage.RAMP else 0)
    async with serving(apart, newer(registry), state) as database:
        is_control = stage in (Stage.SHADOW, Stage.REHEARSE)
        assert await written_and_read(database, shipper) is (Orm.TORTOISE if is_control else Orm.SQLALCHEMY)
    found = await Operations(apart, newer(registry), by="").progress(MODULE)
    is_earlier = stage not in (Stage.SQLALCHEMY, Stage.HANDED_OVER)
    assert [remark.rpartition("Take the steps")[2] for remark in found.remarks] == (
        [" again with `crossdock move advance bookings`."] if is_earlier else []
    )
    assert not is_earlier or "The manifest says Orm.SQLALCHEMY already" in found.remarks[0]


@EACH_STAGE
async def test_a_database_restored_for_code_that_has_one_store(
    apart: Settings, registry: Registry, moved: Database, shipper: CompanyScope, stage: Stage
) -> None:
    """Where the control's files are deleted, the manifest decides, and the move can be finished from any stage."""
    state, release = await brought_to(moved, stage, 100 if stage is Stage.RAMP else 0), newer(registry, WithoutControl)
    async with serving(apart, release, state) as database:
        assert await written_and_read(database, shipper) is Orm.SQLALCHEMY
    operator = Operations(apart, release, by="the test")
    if stage is not Stage.HANDED_OVER:
        assert "has no store_tortoise.py of bookings" in (await operator.progress(MODULE)).remarks[0]
        await operator.finish(MODULE)
    found = await operator.progress(MODULE)
    assert (found.state.stage, found.remarks, found.obstacles) == (Stage.HANDED_OVER, (), ())


async def test_the_end_of_the_path(apart: Settings, registry: Registry, moved: Database) -> None:
    """It is refused, with what is to be done, until the tables, the manifest and the gate are right; then it begins
    anew in the other direction."""
    await brought_to(moved, Stage.SQLALCHEMY)

    def with_code(release: Registry) -> Operations:
        return Operations(apart, release, by="the test")

    with pytest.raises(Conflict, match="still belong to aerich: `crossdock migrate handover bookings booking_history"):
        await with_code(registry).finish(MODULE)
    with pytest.raises(Conflict, match=r"The manifest of bookings says Orm\.TORTOISE: write Orm\.SQLALCHEMY"):
        await with_code(newer(registry, orm=Orm.TORTOISE)).finish(MODULE)
    operator = with_code(newer(registry))
    with pytest.raises(GateShut, match=r"bookings stays at sqlalchemy\. add: no call of it was compared"):
        await operator.finish(MODULE)
    await opened(apart, MODULE)
    over = await operator.finish(MODULE, reason="the last one")
    assert (over.stage, over.candidate, over.is_compared) == (Stage.HANDED_OVER, None, False)
    begun = await operator.start(MODULE, sample=1)
    assert (begun.control, begun.candidate, begun.stage) == (Orm.SQLALCHEMY, Orm.TORTOISE, Stage.SHADOW)
