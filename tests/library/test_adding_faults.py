"""Added rows where something goes wrong: written once and with the rights of their time, or told of and not there."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.compiled import Compiled
from crossdock.driver.lock import ConnectionLock
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import Conflict, DatabaseUnavailable, OutcomeUnknown, ProgrammingError
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Appending, Database, Transaction
from crossdock.transaction.reading import Reading
from freight.tenancy import CompanyScope
from tests.library.outbox import OUTBOX, OutboxEntry
from tests.library.proxy import Proxy
from tests.library.scene import (
    PLATFORM,
    SAVEPOINTS,
    Eyes,
    Stop,
    appended,
    new_tenant,
    opened,
    small,
    through,
    write_tortoise,
)
from tests.waiting import Held, held, until

BLOCKS = SAVEPOINTS | {"the platform's": lambda tx: tx.as_platform("test")}

WRONG: dict[str, dict[str, Any]] = {
    "refused by a constraint": {"id": None},
    "refused by its type": {"type": "x" * 101},
    "refused by the driver": {"created_at": "yesterday"},
    "refused by us": {"payload": {"not JSON": object()}},
}

LOOK = Compiled("SELECT 1", (), ())


@pytest.fixture
async def one(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """Pools of one connection each."""
    async with opened(small(settings, 1, min_size=1), registry) as database:
        yield database


@pytest.fixture
async def tenant(one: Database) -> CompanyScope:
    return await new_tenant(one)


async def says(tx: Transaction) -> str:
    """Whose rights the next statement has."""
    user: str = (await tx.first("SELECT current_user::text", ()))[0]
    return user


def is_clean(database: Database) -> bool:
    """No connection that lies in the pool is in a transaction."""
    return not any(
        connection.driver.is_in_transaction()
        for connection in database.transactions._connections
        if not connection.driver.is_closed()
    )


@pytest.mark.parametrize("how", ["add", "append"])
@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("block", SAVEPOINTS)
async def test_a_wrong_row_costs_its_savepoint(
    one: Database, tenant: CompanyScope, eyes: Eyes, *, block: str, wrong: str, how: str
) -> None:
    """Whoever refuses it, and whosever savepoint that is: the rows around it are there, the one beside it is not."""
    before, beside, after = new_id(), new_id(), new_id()
    async with one.transaction(tenant) as tx:
        tx.append(OUTBOX, [appended(before, tenant.company_id)])
        with pytest.raises(Exception):
            async with SAVEPOINTS[block](tx):
                tx.append(OUTBOX, [appended(beside, tenant.company_id)])
                row = appended(new_id(), tenant.company_id) | WRONG[wrong]
                tx.add(OUTBOX, row) if how == "add" else tx.append(OUTBOX, [row])
        tx.append(OUTBOX, [appended(after, tenant.company_id)])
    assert [await eyes.written(each) for each in (before, beside, after)] == [{"sqlalchemy"}, set(), {"sqlalchemy"}]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("block", SAVEPOINTS)
async def test_a_wrong_row_of_the_platform_leaves_no_rights(
    one: Database, tenant: CompanyScope, eyes: Eyes, block: str, wrong: str
) -> None:
    """What the block wrote before it is undone, and what comes after has the tenant's rights."""
    inside = new_id()
    wrong_row = appended(new_id()) | WRONG[wrong]
    async with one.transaction(tenant, elevates=True) as tx:
        with pytest.raises(Exception):
            async with SAVEPOINTS[block](tx), tx.as_platform("test"):
                await write_tortoise(tx, inside)
                tx.add(OUTBOX, wrong_row)
        assert await says(tx) == "crossdock_app"
    assert await eyes.written(inside) == set()


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_row_that_is_swallowed_loses_the_whole(
    one: Database, tenant: CompanyScope, eyes: Eyes, wrong: str
) -> None:
    """With no savepoint around it nothing is kept, and whoever swallows its error is told at the end."""
    subjects = [new_id() for _ in range(3)]
    with pytest.raises(Exception):
        async with one.transaction(tenant) as tx:
            tx.add(OUTBOX, appended(subjects[0], tenant.company_id))
            tx.add(OUTBOX, appended(new_id(), tenant.company_id) | WRONG[wrong])
            for subject in subjects[1:]:
                with suppress(Exception):
                    await says(tx)
                tx.add(OUTBOX, appended(subject, tenant.company_id))
    assert [await eyes.written(each) for each in subjects] == [set()] * 3
    assert is_clean(one)


@dataclass
class Play:
    """One transaction made up at random, and what must be there after it: rows are lost with a savepoint that fails,
    and with nothing else."""

    tx: Transaction
    tenant: CompanyScope
    dice: random.Random
    elevated: bool = False
    made: list[UUID] = field(default_factory=list)
    kept: list[UUID] = field(default_factory=list)

    async def block(self, depth: int) -> None:
        for _ in range(self.dice.randrange(5)):
            match self.dice.choice(["add", "append", "append", "look", "tortoise", "block", "block"]):
                case "block" if depth:
                    await self._nested(self.dice.choice(list(BLOCKS)), depth - 1)
                case "add":
                    self.tx.add(OUTBOX, self._row())
                case "append":
                    self.tx.append(OUTBOX, [self._row(), self._row()])
                case "tortoise" if self.elevated:
                    await write_tortoise(self.tx, self._new())
                case "look":
                    assert await says(self.tx) == ("crossdock_platform" if self.elevated else "crossdock_app")

    async def _nested(self, kind: str, depth: int) -> None:
        kept, elevated = list(self.kept), self.elevated
        try:
            async with BLOCKS[kind](self.tx):
                self.elevated = elevated or kind not in SAVEPOINTS
                await self.block(depth)
                self._perhaps_stop()
        except Stop:
            if kind in SAVEPOINTS:
                self.kept = kept
        finally:
            self.elevated = elevated

    def _perhaps_stop(self) -> None:
        if self.dice.random() < 0.4:
            raise Stop

    def _row(self) -> dict[str, Any]:
        return appended(self._new(), None if self.elevated else self.tenant.company_id)

    def _new(self) -> UUID:
        self.made.append(new_id())
        self.kept.append(self.made[-1])
        return self.made[-1]


@pytest.mark.parametrize("seed", range(6))
async def test_any_blocks_in_any_order_keep_what_they_should(
    one: Database, tenant: CompanyScope, eyes: Eyes, seed: int
) -> None:
    """Savepoints of all three kinds and elevations, some of which fail: a row that were written too late, too early or
    with other rights would be missing, left over, or refused. Only the platform writes an event of no company."""
    dice, made, kept = random.Random(seed), set[UUID](), set[UUID]()
    for _ in range(40):
        async with one.transaction(tenant, elevates=True) as tx:
            play = Play(tx, tenant, dice)
            await play.block(3)
        made |= set(play.made)
        kept |= set(play.kept)
    found = await eyes.connection.fetch(
        "SELECT subject_id AS id FROM outbox WHERE subject_id = ANY($1)"
        " UNION ALL SELECT id FROM companies WHERE id = ANY($1)",
        list(made),
    )
    assert {row["id"] for row in found} == kept
    assert len(found) == len(kept) < len(made)


@pytest.mark.parametrize("kind", ["transaction", "reading"])
async def test_a_begin_that_is_cut_off_costs_its_connection(
    settings: Settings, registry: Registry, tenant: CompanyScope, eyes: Eyes, kind: str
) -> None:
    """The server begins later, which the driver does not know: nobody else may get such a connection, and what was
    appended is not lost in silence."""
    subject = new_id()
    async with (
        Proxy(settings.pooled) as proxy,
        opened(small(through(settings, proxy.address), 1), registry) as database,
    ):
        async with database.transaction(tenant) as tx:
            assert await says(tx) == "crossdock_app"
        (connection,) = database.transactions._connections
        proxy.stall()
        with suppress(DatabaseUnavailable):
            async with (
                database.transaction(tenant)
                if kind == "transaction"
                else Reading(database.environment, tenant, database.transactions) as unit
            ):
                if isinstance(unit, Transaction):
                    unit.append(OUTBOX, [appended(subject, tenant.company_id)])
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await unit.rows(LOOK)
            assert kind == "reading", "told as if the row were there"
        proxy.go_on()
        assert connection not in list(database.transactions._connections)
        assert await eyes.written(subject) == set()


async def test_the_first_statement_can_be_cancelled_at_every_step(
    one: Database, tenant: CompanyScope, eyes: Eyes
) -> None:
    """Whatever is swallowed: the row is there, or the unit says that it failed, and no transaction stays open."""
    kept = 0
    for steps in range(60):
        subject = new_id()
        failed = False
        try:
            async with one.transaction(tenant) as tx:
                task = asyncio.create_task(says(tx))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                tx.append(OUTBOX, [appended(subject, tenant.company_id)])
        except Exception:
            failed = True
        assert is_clean(one)
        assert await eyes.written(subject) == (set() if failed else {"sqlalchemy"})
        kept += not failed
    assert kept


async def test_rows_that_come_while_others_are_written_are_written_too(one: Database) -> None:
    """Two tasks of one unit, the one adding while the other's rows are on their way: each finds its own."""
    for steps in range(40):
        first, second = new_id(), new_id()
        async with one.transaction(PLATFORM) as tx:
            tx.add(OUTBOX, appended(first))
            task = asyncio.create_task(count(tx, first))
            for _ in range(steps):
                await asyncio.sleep(0)
            tx.add(OUTBOX, appended(second))
            assert await count(tx, second) == await task == 1


async def count(tx: Transaction, subject: UUID) -> int:
    found: int = (await tx.first("SELECT count(*) FROM outbox WHERE subject_id = $1", (subject,)))[0]
    return found


async def let_go_behind_the_end(slow_one: Held, lock: ConnectionLock) -> None:
    await until(lambda: lock._waiters)
    await slow_one.let_go()


async def test_nothing_is_added_after_the_end(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """A task that outlives its block is told so: its rows could have no transaction, or another's rights."""
    late: list[BaseException] = []

    async def add_late(tx: Transaction, slow: Sequence[Any]) -> None:
        await asyncio.gather(*slow)
        with pytest.raises(ProgrammingError) as caught:
            tx.append(OUTBOX, [appended(new_id(), tenant.company_id)])
        late.append(caught.value)

    async with held(eyes.connection) as slow_one:
        async with one.transaction(tenant) as tx:
            slow = asyncio.create_task(tx.first(slow_one.sql, ()))
            await until(tx._open().lock.locked)
            task = asyncio.create_task(add_late(tx, [slow]))
            letting = asyncio.create_task(let_go_behind_the_end(slow_one, tx._open().lock))
        await asyncio.gather(task, letting)
    assert len(late) == 1


async def test_what_a_failing_elevation_added_has_its_rights(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """Its error is swallowed outside of it: what it did stands, written or not yet."""
    subject = new_id()
    async with one.transaction(tenant, elevates=True) as tx:
        with suppress(Conflict):
            async with tx.as_platform("test"):
                tx.append(OUTBOX, [appended(subject)])  # the tenant itself could not
                raise Conflict
        assert await says(tx) == "crossdock_app"
    assert await eyes.written(subject) == {"sqlalchemy"}


async def test_two_modules_may_add_to_one_table(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """Each with a description of its own."""
    subjects = [new_id() for _ in range(3)]
    async with one.transaction(tenant) as tx:
        for subject, table in zip(subjects, (OUTBOX, Appending(OutboxEntry), OUTBOX), strict=True):
            tx.add(table, appended(subject, tenant.company_id))
    assert [await eyes.written(each) for each in subjects] == [{"sqlalchemy"}] * 3


async def test_a_row_is_written_as_it_was_when_it_was_added(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """Who uses one mapping for many rows writes them all."""
    first, second = new_id(), new_id()
    row = appended(first, tenant.company_id)
    async with one.transaction(tenant) as tx:
        tx.add(OUTBOX, row)
        row |= {"id": new_id(), "subject_id": second}
        tx.add(OUTBOX, row)
    assert await eyes.written(first) == await eyes.written(second) == {"sqlalchemy"}


@pytest.mark.parametrize("way", ["commit", "rollback"])
async def test_tortoise_cannot_end_the_units_transaction(
    one: Database, tenant: CompanyScope, eyes: Eyes, way: str
) -> None:
    """Nor what was pending before it: its BEGIN, its guard's question, its rows."""
    subject = new_id()
    async with one.transaction(tenant) as tx:
        tx.append(OUTBOX, [appended(subject, tenant.company_id)])
        with pytest.raises(ProgrammingError, match="ends its own transaction"):
            await getattr(get_connection(ALIAS), way)()
    assert await eyes.written(subject) == {"sqlalchemy"}


async def test_rows_are_taken_all_or_none(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """What is no row is refused before any of them waits."""
    subject, nothing = new_id(), new_id()
    async with one.transaction(tenant) as tx:
        with pytest.raises(TypeError):
            tx.append(OUTBOX, [appended(nothing, tenant.company_id), 7])  # type: ignore[list-item]
        tx.append(OUTBOX, [])
        tx.append(OUTBOX, [appended(subject, tenant.company_id)])
    assert await eyes.written(nothing) == set()
    assert await eyes.written(subject) == {"sqlalchemy"}


@pytest.mark.parametrize("beside", [False, True])
async def test_a_mistake_of_ours_is_told_as_it_is(one: Database, tenant: CompanyScope, *, beside: bool) -> None:
    """Nothing of it was sent, so nobody needs to look what became of it."""
    for wrong, error in (({"payload": {"not JSON": object()}}, TypeError), (None, KeyError)):
        with pytest.raises(error):
            async with one.transaction(tenant) as tx:
                if beside:
                    await says(tx)
                tx.add(OUTBOX, {} if wrong is None else appended(new_id(), tenant.company_id) | wrong)
    assert is_clean(one)


@pytest.mark.parametrize("alone", [False, True])
async def test_a_row_that_is_passed_over_is_noticed(
    one: Database, tenant: CompanyScope, eyes: Eyes, *, alone: bool
) -> None:
    """As by a trigger that somebody made: an event that is not there would be missed by nobody else."""
    await eyes.connection.execute("""
        CREATE FUNCTION pass_over() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER pass_over BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.type = 'passed.over')
            EXECUTE FUNCTION pass_over()""")
    try:
        with pytest.raises(OutcomeUnknown if alone else ProgrammingError):
            async with one.transaction(tenant) as tx:
                if not alone:
                    await says(tx)
                tx.add(OUTBOX, appended(new_id(), tenant.company_id) | {"type": "passed.over"})
    finally:
        await eyes.connection.execute("DROP TRIGGER pass_over ON outbox; DROP FUNCTION pass_over()")
