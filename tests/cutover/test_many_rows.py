"""A call that writes more rows than are noted: they are compared by their sums, in bounded memory."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from crossdock.config.settings import MoveSettings
from crossdock.cutover import Ignore, Moving, triggers
from crossdock.cutover.capture import ALL
from crossdock.cutover.comparison import Call, Comparison, Verdict
from crossdock.cutover.rehearsal import Rehearsal
from crossdock.driver.connection import connect
from crossdock.registry import Orm
from crossdock.stages import ModuleState
from crossdock.transaction import Database, Transaction
from crossdock.transaction.stores import Choice
from freight.modules.bookings.store import BookingStore
from tests.stores.rows import PLATFORM, now

MANY = 1_300
"""Rows of 800 characters and more: their notes are past the limit of a million."""
LABEL = "repeat('x', 800)"
TABLE = """
CREATE TABLE parcels (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number int NOT NULL, label text, at timestamptz);
GRANT ALL ON parcels TO crossdock_platform;
"""
ADD = f"INSERT INTO parcels (number, label) SELECT n, {LABEL} FROM generate_series({{}}) AS n"
CALL = Call(
    Choice(BookingStore, ModuleState("bookings", Orm.TORTOISE, since=now()), Orm.TORTOISE, Orm.SQLALCHEMY),
    PLATFORM,
    "add",
    (),
    {},
)
PATIENT = MoveSettings(timeout_s=60, time_share_max=100)
Write = Callable[[Transaction], Awaitable[Any]]


class Parcels:
    """A store with one method."""

    def __init__(self, tx: Transaction, write: Write) -> None:
        self._tx = tx
        self._write = write

    async def add(self) -> None:
        await self._write(self._tx)


def sending(*statements: str) -> Write:
    async def write(tx: Transaction) -> None:
        for sql in statements:
            await tx.first(f"WITH done AS ({sql} RETURNING 1) SELECT count(*) FROM done", ())

    return write


CONTROL = sending(ADD.format(f"1, {MANY}"))
SAME = {
    "the same": CONTROL,
    "another order": sending(ADD.format(f"{MANY}, 1, -1")),
    "row for row twice": sending(
        f"INSERT INTO parcels (number, label) SELECT n, '' FROM generate_series(1, {MANY}) AS n",
        f"UPDATE parcels SET label = {LABEL}",
    ),
    "some again": sending(ADD.format(f"1, {MANY + 5}"), f"DELETE FROM parcels WHERE number > {MANY}"),
}
WRONG = {
    "a row too few": (sending(ADD.format(f"1, {MANY - 1}")), {"(rows)", "label", "number"}),
    "a row that is wrong, the last": (
        sending(ADD.format(f"1, {MANY}"), f"UPDATE parcels SET label = NULL WHERE number = {MANY}"),
        {"label"},
    ),
    "far too few": (sending(ADD.format("1, 10")), {"(rows)", "label", "number"}),
    "none": (sending("DELETE FROM parcels"), {""}),
}


@pytest.fixture
async def parcels(moved: Database) -> Database:
    connection: asyncpg.Connection = await connect(moved.settings.direct)
    await connection.execute(TABLE)
    await triggers.make(connection, ["parcels"])
    await connection.close()
    return moved


async def compared(database: Database, control: Write, candidate: Write, *ignored: Ignore) -> Comparison:
    """A call by both of them."""
    reported: list[Comparison] = []
    rehearsal = Rehearsal({"bookings": Moving(ignore=ignored)}, reported.append, PATIENT)
    async with database.transaction(PLATFORM) as tx:
        await rehearsal.do(tx, CALL, CALL, Parcels(tx, control), Parcels(tx, candidate))
    (found,) = reported
    return found


@pytest.mark.parametrize("candidate", SAME.values(), ids=SAME)
async def test_the_same_rows(parcels: Database, candidate: Write) -> None:
    """In whatever order, with whatever keys, and however often a row is written until it is right."""
    found = await compared(parcels, CONTROL, candidate)
    assert (found.verdict, found.differences) == (Verdict.SAME, ())
    assert found.control is not None
    assert found.control.rows["parcels"][ALL]["new"]["(rows)"] == str(MANY)


@pytest.mark.parametrize(("candidate", "columns"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("is_control", [True, False])
async def test_other_rows(parcels: Database, candidate: Write, columns: set[str], *, is_control: bool) -> None:
    """They are a mismatch by table and column, whichever store writes fewer than would have to be added up."""
    sides = (CONTROL, candidate) if is_control else (candidate, CONTROL)
    found = await compared(parcels, *sides)
    assert found.verdict is Verdict.DIFFERENT
    paths = {each.path for each in found.differences}
    assert paths == {f"rows.parcels.{ALL}.new.{name}" if name else "rows.parcels" for name in columns}


async def test_what_is_ignored(parcels: Database) -> None:
    """A column that may differ in a row may differ in the sum, by the same rule."""
    own_time = sending(
        f"INSERT INTO parcels (number, label, at) SELECT n, {LABEL}, clock_timestamp()"
        f" FROM generate_series(1, {MANY}) AS n"
    )
    rule = Ignore("add", "rows.parcels.*.new.at", "each store asks the clock")
    found = await compared(parcels, own_time, own_time, rule)
    assert found.verdict is Verdict.SAME
    assert (await compared(parcels, own_time, own_time)).verdict is Verdict.UNCLEAR


async def test_a_release_that_knows_no_sums(parcels: Database) -> None:
    """It goes on noting as far as it knows, while a newer one is rolled out."""
    async with parcels.transaction(PLATFORM) as tx:
        await tx.first(
            "SELECT set_config('crossdock.capture', 'on', true), set_config('crossdock.captured', '', true)", ()
        )
        await CONTROL(tx)
        noted = await tx.first("SELECT length(current_setting('crossdock.captured')) AS length", ())
    assert 1_000_000 < noted["length"] < 1_001_000
