"""The locks that revisions really take, against those that the plan foretold, and what traffic feels of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from crossdock.demo.seed import seed
from crossdock.kernel.config import Settings
from crossdock.kernel.migrations.plan import Step, ordered
from crossdock.kernel.migrations.preview.modes import Mode
from crossdock.kernel.migrations.preview.trace import TakenLock, Trace, in_words
from crossdock.kernel.migrations.revision import Direction
from crossdock.kernel.registry import Registry
from tests.acceptance.process import Service
from tests.migrations.copies import copied
from tests.migrations.fixtures import with_one_login
from tests.migrations.scene import Scene
from tests.waiting import until
from tests.world import Server, World

CHAINS = ("legacy", "new")
FELT = Mode.SHARE_UPDATE_EXCLUSIVE
"""Weaker ones are in nobody's way."""

KINDS = {
    "columns": (
        "ALTER TABLE bids ADD COLUMN more int; ALTER TABLE bids ALTER COLUMN more SET DEFAULT 1;",
        "ALTER TABLE bids DROP COLUMN more;",
    ),
    "an index": ("CREATE INDEX i_more ON bids (created_at);", "DROP INDEX i_more;"),
    "a key": (
        "ALTER TABLE bids ADD CONSTRAINT fk_more FOREIGN KEY (shipper_id) REFERENCES companies (id) NOT VALID;",
        "ALTER TABLE bids DROP CONSTRAINT fk_more;",
    ),
    "a table": (
        "CREATE TABLE more (id uuid PRIMARY KEY, company_id uuid REFERENCES companies (id));",
        "DROP TABLE more;",
    ),
    "a check": (
        "ALTER TABLE bids ADD CONSTRAINT ck_more CHECK (version > 0) NOT VALID;",
        "ALTER TABLE bids DROP CONSTRAINT ck_more;",
    ),
    "a policy": (
        "CREATE POLICY more ON companies FOR SELECT TO crossdock_app USING (EXISTS (SELECT FROM users));",
        "DROP POLICY more ON companies;",
    ),
    "a trigger": (
        "CREATE TRIGGER more BEFORE TRUNCATE ON bids EXECUTE FUNCTION refuse_change();",
        "DROP TRIGGER more ON bids;",
    ),
    "grants and words": (
        "GRANT SELECT (name) ON companies TO crossdock_app; COMMENT ON TABLE companies IS 'Companies.';",
        "REVOKE SELECT (name) ON companies FROM crossdock_app;",
    ),
    "a rename": ("ALTER TABLE bids RENAME CONSTRAINT ck_bids_amount TO ck_more;",
                 "ALTER TABLE bids RENAME CONSTRAINT ck_more TO ck_bids_amount;"),
    "rows": ("UPDATE companies SET version = version;", "UPDATE companies SET version = version;"),
}  # fmt: skip
ALONE = ("CREATE INDEX CONCURRENTLY i_more ON bids (created_at);", "DROP INDEX CONCURRENTLY i_more;")


def strongest(locks: list[tuple[str, Mode]]) -> dict[str, Mode]:
    found: dict[str, Mode] = {}
    for table, mode in locks:
        if mode >= FELT:
            found[table] = max(mode, found.get(table, mode))
    return found


class PatientTrace(Trace):
    """A statement that stands alone waits for a transaction of ours, until its locks were looked at: one that is over
    between two looks would not be seen."""

    in_the_way: asyncpg.Connection
    _leaving: asyncio.Task[None] | None = None

    async def before(self, step: Step, statement: str) -> None:
        await super().before(step, statement)
        if step.revision.stands_alone:
            self._seen = asyncio.Event()
            await self.in_the_way.execute("BEGIN")
            await self.in_the_way.execute(f"LOCK TABLE {', '.join(self._tables.values())} IN ROW EXCLUSIVE MODE")
            self._leaving = asyncio.create_task(self._leave())

    async def after(self, step: Step, statement: str, pid: int) -> None:
        await super().after(step, statement, pid)
        if self._leaving is not None:
            self._seen.set()  # it did not wait
            await self._leaving

    def _note(self, rows: list[asyncpg.Record]) -> None:
        super()._note(rows)
        if rows and self._leaving is not None:
            self._seen.set()

    async def _leave(self) -> None:
        await self._seen.wait()
        await self.in_the_way.execute("ROLLBACK")


async def foretold_and_taken(scene: Scene, direction: Direction, target: str | None) -> list[TakenLock]:
    """Runs it; what was told before of each revision is what was seen."""
    runner = scene.runner
    plan = await runner.plan(direction, target)
    async with PatientTrace.on(scene.settings.direct) as trace:
        trace.in_the_way = await scene.server.connect(scene.settings.direct.database)
        await (runner.up if direction is Direction.UP else runner.down)(target=target, watch=trace)
        await trace.in_the_way.close()
    for planned in plan:
        key = planned.step.revision.key
        statements = planned.statements or ()
        told = [(lock.table, lock.mode) for each in statements for lock in each.locks if not lock.is_new]
        seen = [(lock.table, lock.mode) for lock in trace.taken if lock.revision == key]
        if not any(each.is_opaque for each in statements):
            assert strongest(seen) == strongest(told), (key, direction)
    return trace.taken


@pytest.fixture
async def bare(server: Server, empty: Settings, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(server, empty, copied(tmp_path_factory.mktemp("trace") / "project"))


async def test_every_revision_takes_the_locks_that_were_foretold(bare: Scene, registry: Registry) -> None:
    """One after the other, up from nothing and, with the demo world in it, down again."""
    order = ordered(bare.runner.chains.revisions)
    for revision in order:
        await foretold_and_taken(bare, Direction.UP, revision.key)
    await seed(bare.settings, registry)
    for revision in reversed(order[:-1]):
        await foretold_and_taken(bare, Direction.DOWN, revision.key)
    await foretold_and_taken(bare, Direction.DOWN, None)


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("kind", [*KINDS, "alone"])
async def test_every_kind_of_statement(scene: Scene, kind: str, chain: str) -> None:
    """Up and down, in either chain: the strongest lock on each table is the one that was foretold."""
    add = scene.project.add_legacy if chain == "legacy" else scene.project.add_new
    before = scene.project.revision_keys()
    add(*KINDS.get(kind, ALONE), alone=kind == "alone")
    (key,) = set(scene.project.revision_keys()) - set(before)
    taken = await foretold_and_taken(scene, Direction.UP, key)
    assert bool(taken) or kind in ("grants and words",)
    assert all(lock.held_s > 0 for lock in taken)
    last = [name for name in before if name.startswith(chain)][-1]
    await foretold_and_taken(scene, Direction.DOWN, last)


async def test_traffic_goes_on(deployed: Scene, tmp_path: Path) -> None:
    """What came after the last release goes up under the requests that its service answers, reads and writes, and a
    column and an index go up and down: no request fails. It is told which locks were held, for how long, and how long
    the requests waited for them."""
    scene = deployed
    last = {chain: [key for key in scene.project.revision_keys() if key.startswith(chain)][-1] for chain in CHAINS}
    service = Service(with_one_login(scene.settings), code=tmp_path / "release" / "src")
    await service.start()
    try:
        async with traffic(World(base_url=service.url)) as answers, Trace.on(scene.settings.direct) as trace:
            await scene.runner.up(watch=trace)
            scene.project.add_legacy("ALTER TABLE bids ADD COLUMN more int;", "ALTER TABLE bids DROP COLUMN more;")
            scene.project.add_new(*ALONE, alone=True)
            await scene.runner.up(watch=trace)
            await until(lambda: len(answers) > 50)
            for chain in CHAINS:
                await scene.runner.down(target=last[chain], watch=trace)
            answers_before = len(answers)
            await until(lambda: len(answers) > answers_before + 50)
    finally:
        await service.stop()
    print("\n".join(in_words(lock) for lock in trace.taken))
    assert [answer for answer in answers if answer >= 400] == []
    assert {lock.table for lock in trace.taken if lock.mode is Mode.ACCESS_EXCLUSIVE} >= {"bids"}


async def test_a_rehearsal(scene: Scene) -> None:
    """`crossdock migrate up --trace` says the same to an operator, and as JSON to a program."""
    for number in range(2):
        scene.project.add_legacy(f"ALTER TABLE bids ADD COLUMN more{number} int;", "SELECT 1;")
        ran = await scene.migrate("up", "--trace", *(["--json"] if number else []))
        assert ran.status == 0, ran
        if number:
            (lock,) = ran.json["locks"]
            assert (lock["table"], lock["mode"], lock["blocks"]) == ("bids", "ACCESS EXCLUSIVE", "reads and writes")
            assert lock["held_s"] > 0
        else:
            assert "ACCESS EXCLUSIVE on bids for " in ran.output


@asynccontextmanager
async def traffic(world: World) -> AsyncIterator[list[int]]:
    """Requests that read and write without a pause; the status of each answer."""
    shipper, carrier = await world.shipper(), await world.carrier()
    answers: list[int] = []

    async def deal() -> None:
        while True:
            booking = await world.open_booking(shipper)
            answers.append(201)
            await world.bid(carrier, booking)
            answers.append(201)

    async def read() -> None:
        while True:
            answers.append((await carrier.http.get("/v1/bookings", params={"status": "open"})).status_code)
            answers.append((await shipper.http.get("/v1/ledger/accounts")).status_code)

    running = [asyncio.create_task(work()) for work in (deal, deal, read, read)]
    try:
        yield answers
    finally:
        for task in running:
            task.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        failures = [str(end) for end in ended if not isinstance(end, asyncio.CancelledError)]
        assert failures == []
