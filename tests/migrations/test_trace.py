"""The locks that revisions really take, against those that the plan foretold."""

import asyncio

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.plan import Step, ordered
from crossdock.migrations.preview.trace import TakenLock, Trace
from crossdock.migrations.revision import Direction
from crossdock.registry import Registry
from crossdock.sql.modes import Mode
from freight.demo.seed import seed
from tests.migrations.copies import copied
from tests.migrations.scene import Scene
from tests.world import Server

CHAINS = ("aerich", "alembic")
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
        # A sequence goes with its table: the trace looks at tables.
        foretold = [lock for each in statements for lock in each.locks if not lock.table.endswith("_seq")]
        told = [(lock.table, lock.mode) for lock in foretold if not lock.is_new]
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
    add = scene.project.add_aerich if chain == "aerich" else scene.project.add_alembic
    before = scene.project.revision_keys()
    add(*KINDS.get(kind, ALONE), alone=kind == "alone")
    (key,) = set(scene.project.revision_keys()) - set(before)
    taken = await foretold_and_taken(scene, Direction.UP, key)
    assert bool(taken) or kind in ("grants and words",)
    assert all(lock.held_s > 0 for lock in taken)
    last = [name for name in before if name.startswith(chain)][-1]
    await foretold_and_taken(scene, Direction.DOWN, last)


async def test_a_rehearsal(scene: Scene) -> None:
    """`crossdock migrate up --trace` says the same to an operator, and as JSON to a program."""
    for number in range(2):
        scene.project.add_aerich(f"ALTER TABLE bids ADD COLUMN more{number} int;", "SELECT 1;")
        ran = await scene.migrate("up", "--trace", *(["--json"] if number else []))
        assert ran.status == 0, ran
        if number:
            (lock,) = ran.json["locks"]
            assert (lock["table"], lock["mode"], lock["blocks"]) == ("bids", "ACCESS EXCLUSIVE", "reads and writes")
            assert lock["held_s"] > 0
        else:
            assert "ACCESS EXCLUSIVE on bids for " in ran.output
