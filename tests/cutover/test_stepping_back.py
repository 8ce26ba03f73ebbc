"""Past its limit of mismatches a module steps back by itself, once, and says so in the log and with an event."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import orjson
import pytest
from structlog.testing import CapturingLogger

from crossdock.config.limits import Limits
from crossdock.config.settings import Settings
from crossdock.cutover import running, running_moves
from crossdock.cutover.operating import Operations
from crossdock.cutover.running import Moves
from crossdock.cutover.tally import Counts, Tally
from crossdock.errors import Busy
from crossdock.ids import key_of_name
from crossdock.registry import Registry
from crossdock.stages import Stage
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from tests.cutover.scene import MODULE, booked, brought_to, heard, make_heavier
from tests.stores.rows import tenant
from tests.world import Server

LIMIT = 2


@pytest.fixture(autouse=True)
def _candidate_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    make_heavier(monkeypatch)
    monkeypatch.setattr(running, "WRITE_EVERY_S", 3_600)  # each test writes when it wants to


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    logged = CapturingLogger()
    monkeypatch.setattr(running, "log", logged)
    return logged


@asynccontextmanager
async def comparing(settings: Settings, registry: Registry, **changes: object) -> AsyncIterator[tuple[Database, Moves]]:
    """A process that compares, and allows two mismatches."""
    moves = settings.moves.model_copy(update={"mismatches_max": LIMIT})
    changed = settings.model_copy(update={"moves": moves} | changes)
    async with Database(changed, registry) as database, running_moves(database) as compared:
        yield database, compared


def told(log: CapturingLogger) -> list[tuple[str, str]]:
    """The steps back that were logged, and why."""
    return [(call.kwargs["stage"], call.kwargs["reason"]) for call in log.calls if call.args == ("stepped_back",)]


async def events(server: Server, settings: Settings) -> list[tuple[UUID, dict[str, str]]]:
    connection = await server.connect(settings.direct.database)
    rows = await connection.fetch(
        "SELECT subject_id, payload FROM outbox WHERE type = 'crossdock.module_stepped_back' ORDER BY id"
    )
    await connection.close()
    return [(row["subject_id"], orjson.loads(row["payload"])) for row in rows]


@pytest.mark.parametrize(
    ("stage", "share", "back"),
    [
        (Stage.REHEARSE, 0, "shadow"),
        (Stage.RAMP, 50, "rehearse"),
        (Stage.SQLALCHEMY, 0, "rehearse"),
    ],
)
async def test_past_the_limit(
    server: Server,
    apart: Settings,
    registry: Registry,
    operator: Operations,
    log: CapturingLogger,
    *,
    stage: Stage,
    share: int,
    back: str,
) -> None:
    """At the limit it stays; with one more it goes to a stage at which what has failed is not done any more."""
    async with comparing(apart, registry) as (database, moves):
        await brought_to(database, stage, share)
        shipper = await tenant(database, "shipper")
        await booked(database, shipper, LIMIT)
        await moves.settled()
        assert (await operator.states())[MODULE].stage is stage
        await booked(database, shipper)
        await moves.settled()
    state = (await operator.states())[MODULE]
    assert (state.stage, state.share, state.changed_by) == (Stage(back), 0, "crossdock")
    assert state.reason == "3 mismatches: add 3"
    assert told(log) == [(back, "3 mismatches: add 3")]
    ((subject_id, payload),) = await events(server, apart)
    assert subject_id == key_of_name(MODULE, "uuid")
    assert payload["from_stage"] == (f"{stage} {share} %" if share else stage.value)
    assert (payload["module"], payload["to_stage"], payload["reason"]) == (MODULE, back, state.reason)


async def test_several_processes_step_back_once(
    server: Server,
    apart: Settings,
    registry: Registry,
    operator: Operations,
    log: CapturingLogger,
) -> None:
    """All see that it is past the limit, and it goes back one step, and not one for each of them."""
    async with AsyncExitStack() as stack:
        all_of_them = [await stack.enter_async_context(comparing(apart, registry)) for _ in range(3)]
        state = await brought_to(all_of_them[0][0], Stage.SQLALCHEMY)
        shipper = await tenant(all_of_them[0][0], "shipper")
        for database, _ in all_of_them:
            await heard(database, state)
            await booked(database, shipper, LIMIT)
        for _, moves in all_of_them:
            await moves.settled()
    assert (await operator.states())[MODULE].stage is Stage.REHEARSE
    assert len(told(log)) == len(await events(server, apart)) == 1


async def test_a_step_back_that_fails_is_tried_again(
    server: Server,
    apart: Settings,
    registry: Registry,
    operator: Operations,
    log: CapturingLogger,
) -> None:
    """While somebody holds the module's row nothing can be changed: the next time that counts are written, it is."""
    holder = await server.connect(apart.direct.database)
    async with comparing(apart, registry, limits=Limits(lock_timeout_ms=50)) as (database, moves):
        await brought_to(database, Stage.REHEARSE)
        await booked(database, await tenant(database, "shipper"), LIMIT + 1)
        async with holder.transaction():
            await holder.execute("SELECT FROM module_states FOR UPDATE")
            with pytest.raises(Busy):
                await moves.write()
        await moves.write()
    await holder.close()
    assert (await operator.states())[MODULE].stage is Stage.SHADOW
    assert told(log) == [("shadow", "3 mismatches: add 3")]


async def test_counts_that_cannot_be_written_are_kept(
    server: Server, apart: Settings, registry: Registry, operator: Operations
) -> None:
    """They and their mismatches are written the next time, once."""
    holder = await server.connect(apart.direct.database)
    async with comparing(apart, registry, limits=Limits(lock_timeout_ms=50)) as (database, moves):
        await brought_to(database, Stage.REHEARSE)
        shipper = await tenant(database, "shipper")
        await booked(database, shipper)
        async with holder.transaction():
            await holder.execute("LOCK TABLE module_comparisons IN EXCLUSIVE MODE")
            with pytest.raises(Busy):
                await moves.write()
        await booked(database, shipper)
        await moves.write()
    await holder.close()
    assert (await operator.progress(MODULE)).counts["add"].different == LIMIT
    assert len(await operator.mismatches(MODULE)) == LIMIT


async def test_counts_of_a_contract_with_many_methods_are_written(
    apart: Settings, registry: Registry, operator: Operations
) -> None:
    """A statement for each method: no guard takes that for a query for each row."""
    async with comparing(apart, registry) as (database, _):
        state = await brought_to(database, Stage.REHEARSE)
        assert state.since is not None
        tally = Tally({(MODULE, f"method_{number}", state.since): Counts(same=1) for number in range(20)})
        async with database.transaction(Platform("count comparisons")) as tx:
            await tally.write(tx)
    assert len((await operator.progress(MODULE)).counts) == 20


def test_a_name_as_a_key() -> None:
    """The same each time, whichever type an application's keys have, and another for another name."""
    assert key_of_name("bookings", "uuid") == UUID("5a4259f4-59dc-51eb-b033-c519387161fc")
    assert key_of_name("bookings", "text") == "bookings"
    numbers = {key_of_name(name, "bigint") for name in ("bookings", "bids")}
    assert len(numbers) == 2
    assert all(isinstance(number, int) and 0 <= number < 2**63 for number in numbers)
