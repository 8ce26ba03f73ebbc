"""What an operator does: each step, each refusal, two operators at once, and the triggers that rehearsals need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.cutover import triggers
from crossdock.cutover.changes import NotMoving, StateChanged
from crossdock.cutover.operating import GateShut, Operations
from crossdock.errors import Busy, Conflict, NotFound
from crossdock.registry import Orm, Registry
from crossdock.schema.drift import check
from crossdock.stages import Stage
from crossdock.transaction import Database
from tests.cutover.scene import MODULE, before_the_move, brought_to, heard, opened
from tests.waiting import until_they_wait
from tests.world import Server

FORWARD = ["rehearse", "ramp 1 %", "ramp 10 %", "ramp 50 %", "ramp 100 %", "sqlalchemy"]


@pytest.fixture(scope="module")
def registry(registry: Registry) -> Registry:
    return before_the_move(registry)


@pytest.fixture
async def eyes(server: Server, apart: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to the database of the test."""
    connection = await server.connect(apart.direct.database)
    yield connection
    await connection.close()


@asynccontextmanager
async def writing(server: Server, settings: Settings) -> AsyncIterator[None]:
    """Bookings are locked as by a transaction that writes to them. On a connection of its own: one in a transaction
    sees what others do as of the first time that it looked."""
    writer = await server.connect(settings.direct.database)
    async with writer.transaction():
        await writer.execute("LOCK TABLE bookings IN ROW EXCLUSIVE MODE")
        yield
    await writer.close()


async def steps(operator: Operations) -> list[str]:
    """All steps that are on record, the oldest first, each as who took it, whereto and why."""
    found = reversed(await operator.history(MODULE))
    return [f"{each['changed_by']}: {each['stage']} {each['share']} {each['reason']}".strip() for each in found]


async def test_there_and_back(apart: Settings, registry: Registry, operator: Operations) -> None:
    """Each step forward has one back, and all are on record with their reasons. A move begins anew from there."""
    other = Operations(apart, registry, by="somebody else")
    started = await operator.start(MODULE, sample=7, reason="a spike")
    assert (started.control, started.stage, started.sample, started.changed_by) == (
        Orm.TORTOISE,
        Stage.SHADOW,
        7,
        "the test",
    )
    await opened(apart, MODULE)
    rehearsed = await operator.advance(MODULE, reason="all same")
    assert rehearsed.since > started.since  # type: ignore[operator]  # its comparisons begin anew
    await other.back(MODULE, reason="a doubt")
    await other.back(MODULE)
    with pytest.raises(Conflict, match="bookings is at the beginning of its path"):
        await operator.back(MODULE)
    await operator.start(MODULE, sample=1)
    assert await steps(operator) == [
        "the test: shadow 0 a spike",
        "the test: rehearse 0 all same",
        "somebody else: shadow 0 a doubt",
        "somebody else: tortoise 0",
        "the test: shadow 0",
    ]


async def test_all_the_way_up_and_down(apart: Settings, operator: Operations) -> None:
    """In the order of the ladder, a step at a time."""
    await operator.start(MODULE, sample=1)
    seen = []
    for _ in FORWARD:
        await opened(apart, MODULE)
        state = await operator.advance(MODULE)
        seen.append(f"{state.stage} {state.share} %" if state.share else str(state.stage))
    assert seen == FORWARD
    with pytest.raises(Conflict, match="answered for by sqlalchemy alone: `crossdock move finish bookings` is next"):
        await operator.advance(MODULE)
    for expected in [*reversed(FORWARD[:-1]), "shadow", "tortoise"]:
        state = await operator.back(MODULE)
        assert (f"{state.stage} {state.share} %" if state.share else str(state.stage)) == expected


async def test_back_to_a_stage(moved: Database, operator: Operations) -> None:
    """Over several steps at once, to what is before; to the last of the shares, where there are several."""
    await brought_to(moved, Stage.SQLALCHEMY)
    with pytest.raises(Conflict, match="bookings is at sqlalchemy, and handed_over is not before it"):
        await operator.back(MODULE, to=Stage.HANDED_OVER)
    state = await operator.back(MODULE, to=Stage.RAMP)
    assert (state.stage, state.share) == (Stage.RAMP, 100)
    assert (await operator.back(MODULE, to=Stage.TORTOISE)).stage is Stage.TORTOISE
    with pytest.raises(Conflict, match="bookings is at tortoise, and shadow is not before it"):
        await operator.back(MODULE, to=Stage.SHADOW)


async def test_refusals(operator: Operations) -> None:
    """Each says what to do instead."""
    with pytest.raises(NotFound, match="There is no module nothing: there are accounts, bids, bookings"):
        await operator.progress("nothing")
    with pytest.raises(NotMoving, match="bookings is not moving: `crossdock move start bookings`"):
        await operator.advance(MODULE)
    with pytest.raises(Conflict, match=r"bids has no store_sqlalchemy\.py: `crossdock schema sync bids` writes"):
        await operator.start("bids", sample=1)
    with pytest.raises(NotFound, match="no mismatch 7: `crossdock move mismatches MODULE` lists"):
        await operator.mismatch(7)
    await operator.start(MODULE, sample=1)
    with pytest.raises(Conflict, match="bookings is moving already, and is at shadow"):
        await operator.start(MODULE, sample=1)
    with pytest.raises(GateShut, match=r"bookings stays at shadow\. document: no call of it was compared, of 1"):
        await operator.advance(MODULE)
    with pytest.raises(Conflict, match="bookings is at shadow: it is finished from sqlalchemy alone"):
        await operator.finish(MODULE)


async def test_two_operators_at_once(
    apart: Settings, registry: Registry, server: Server, operator: Operations, eyes: asyncpg.Connection
) -> None:
    """While one takes a step, another one is told so and takes none: nobody goes two steps by accident."""
    other = Operations(apart, registry, by="somebody else")
    await operator.start(MODULE, sample=1)
    await opened(apart, MODULE)
    async with writing(server, apart):
        first = asyncio.create_task(operator.advance(MODULE))
        await until_they_wait(eyes, 1)
        with pytest.raises(StateChanged, match="Somebody else takes a step right now"):
            await other.advance(MODULE)
    assert (await first).stage is Stage.REHEARSE
    assert await steps(operator) == ["the test: shadow 0", "the test: rehearse 0"]


async def test_a_step_back_waits_for_nobody(
    apart: Settings, registry: Registry, server: Server, operator: Operations, eyes: asyncpg.Connection
) -> None:
    """It is taken while somebody else is at a step forward. That one is not taken then, and no trigger stays."""
    other = Operations(apart, registry, by="somebody else")
    await operator.start(MODULE, sample=1)
    await opened(apart, MODULE)
    async with writing(server, apart):
        first = asyncio.create_task(operator.advance(MODULE))
        await until_they_wait(eyes, 1)
        assert (await other.back(MODULE)).stage is Stage.TORTOISE
    with pytest.raises(StateChanged, match="The state of bookings was changed meanwhile"):
        await first
    assert await triggers.there(eyes) == set()
    assert await steps(operator) == ["the test: shadow 0", "somebody else: tortoise 0"]


async def test_triggers_are_there_while_something_is_rehearsed(
    apart: Settings, registry: Registry, operator: Operations, eyes: asyncpg.Connection
) -> None:
    """On all tables, from the step to `rehearse` until the step back from it; the schema is as it should be at each."""
    await operator.start(MODULE, sample=1)
    assert await triggers.there(eyes) == set()
    for _ in range(3):
        await opened(apart, MODULE)
        await operator.advance(MODULE)
        assert await triggers.there(eyes) == set(registry.owners())
        assert await check(apart.direct, registry, apart.pooled.user) == []
    for _ in range(2):
        await operator.back(MODULE)
        assert await triggers.there(eyes) == set(registry.owners())
    await operator.back(MODULE)
    assert await triggers.there(eyes) == set()
    assert await check(apart.direct, registry, apart.pooled.user) == []


async def test_triggers_stay_for_another_module(
    moved: Database, operator: Operations, registry: Registry, eyes: asyncpg.Connection
) -> None:
    """One that goes back takes none away from one that rehearses still."""
    await brought_to(moved, Stage.REHEARSE)
    await eyes.execute(
        "INSERT INTO module_states SELECT gen_random_uuid(), 'companies', control, stage, share, sample, since,"
        " read_only, reason, changed_by, changed_at, 1 FROM module_states"
    )
    await operator.back(MODULE)
    assert await triggers.there(eyes) == set(registry.owners())
    await operator.back("companies")
    assert await triggers.there(eyes) == set()


async def test_triggers_after_a_step_back_by_itself(
    moved: Database, operator: Operations, eyes: asyncpg.Connection
) -> None:
    """Where no process could drop them, the next step that an operator takes does it."""
    await brought_to(moved, Stage.REHEARSE)
    await brought_to(moved, Stage.TORTOISE)
    assert await triggers.there(eyes)
    await operator.start(MODULE, sample=1)
    assert await triggers.there(eyes) == set()


async def test_a_table_that_came_later(
    apart: Settings, registry: Registry, moved: Database, operator: Operations, eyes: asyncpg.Connection
) -> None:
    """It gets its trigger with the next step forward."""
    await brought_to(moved, Stage.REHEARSE)
    await eyes.execute("DROP TRIGGER crossdock_capture ON teams")
    await opened(apart, MODULE)
    await operator.advance(MODULE)
    assert await triggers.there(eyes) == set(registry.owners())


async def test_traffic_goes_on_while_triggers_are_made(
    apart: Settings, operator: Operations, eyes: asyncpg.Connection, server: Server
) -> None:
    """The lock is waited for shortly and asked for again: who queues behind it writes before the step is taken."""
    await operator.start(MODULE, sample=1)
    await opened(apart, MODULE)
    async with writing(server, apart):
        step = asyncio.create_task(operator.advance(MODULE))
        await until_they_wait(eyes, 1)
        await eyes.execute("UPDATE bookings SET version = version")  # queues behind the step, and goes on
        assert not step.done()
    assert (await step).stage is Stage.REHEARSE


async def test_a_table_that_stays_locked(
    apart: Settings, server: Server, operator: Operations, eyes: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many tries the step is not taken, and says which table is at fault. A step back is taken all the
    same: its triggers stay, and do nothing."""
    monkeypatch.setattr(triggers, "TRIES", 1)
    await operator.start(MODULE, sample=1)
    await opened(apart, MODULE)
    async with writing(server, apart):
        with pytest.raises(Busy, match="The table bookings could not be locked in 1 tries"):
            await operator.advance(MODULE)
    assert (await operator.states())[MODULE].stage is Stage.SHADOW
    assert (await operator.advance(MODULE)).stage is Stage.REHEARSE
    async with writing(server, apart):
        assert (await operator.back(MODULE)).stage is Stage.SHADOW
        assert "bookings" in await triggers.there(eyes)


async def test_another_sample_leaves_the_counts_alone(moved: Database, operator: Operations) -> None:
    """The stage has begun when it began: what was compared counts on."""
    started = await operator.start(MODULE, sample=10)
    after = await operator.sample(MODULE, 35)
    assert (after.sample, after.stage, after.since) == (35, started.stage, started.since)
    await heard(moved, after)
    assert moved.stages.of(MODULE).sample == 35


async def test_read_only_leaves_the_stage_alone(moved: Database, operator: Operations) -> None:
    """And a step leaves it read-only."""
    before = await brought_to(moved, Stage.RAMP, 10)
    frozen = await operator.read_only(MODULE, on=True, reason="an audit")
    assert (frozen.stage, frozen.share, frozen.since) == (before.stage, before.share, before.since)
    assert frozen.read_only
    back = await operator.back(MODULE)
    assert (back.share, back.read_only) == (1, True)
    assert not (await operator.read_only(MODULE, on=False)).read_only


async def test_states_names_every_module(operator: Operations, registry: Registry) -> None:
    """Those that never moved too."""
    await operator.start(MODULE, sample=1)
    states = await operator.states()
    assert states.keys() == {"*", *registry.modules}
    assert [name for name, state in states.items() if state.stage] == [MODULE]
    assert isinstance(states[MODULE].changed_at, datetime)
