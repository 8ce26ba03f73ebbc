"""The guards at the border of the ORMs: what each finds, on which line, and what it leaves alone."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import bindparam, insert, select, text
from structlog.testing import CapturedCall, CapturingLogger
from tortoise.connection import get_connection

from crossdock.config.guards import GuardSettings
from crossdock.config.settings import Settings
from crossdock.driver.compiled import compiled
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import OutsideUnitOfWork, ProgrammingError, WriteInReading
from crossdock.guards import (
    Finding,
    NestedUnitOfWork,
    OrmObjectLeftStore,
    QueryPerRow,
    SessionFeatureUsed,
    allow,
    reporting,
)
from crossdock.guards.guards import NewRequest
from crossdock.guards.objects import orm_object_in
from crossdock.guards.reporting import PARSED_MAX, TEXT_MAX, shown
from crossdock.ids import new_id
from crossdock.operations.metrics import Metrics
from crossdock.registry import Registry
from crossdock.sql.session import session_feature
from crossdock.transaction import Database, Transaction, Unit
from freight.modules.companies.models_tortoise import Company
from freight.modules.companies.store import CompanyReads, CompanyStore
from freight.modules.companies.store_tortoise import TortoiseCompanyReads
from tests.library.outbox import OutboxEntry
from tests.library.scene import PLATFORM, Eyes, Happened, appended, company_row, new_tenant, opened, outbox_row, small

HERE = "tests/library/test_guards.py"
TIMES = GuardSettings().repeats_max
ONE_COMPANY = select(OutboxEntry.id).where(OutboxEntry.subject_id == bindparam("wanted"))
BY_DRIVER = compiled(ONE_COMPANY)

Sends = Callable[[Transaction], Awaitable[Any]]
SENDS: dict[str, Sends] = {
    "Tortoise": lambda _: Company.get_or_none(id=new_id()),
    "Tortoise's raw SQL": lambda _: get_connection(ALIAS).execute_query("SELECT $1::uuid", [new_id()]),
    "SQLAlchemy": lambda tx: tx.sql.execute(ONE_COMPANY, {"wanted": new_id()}),
    "SQLAlchemy's session": lambda tx: tx.session.scalars(ONE_COMPANY, {"wanted": new_id()}),
    "a compiled statement": lambda tx: tx.rows(BY_DRIVER, wanted=new_id()),
    "the driver": lambda tx: tx.first("SELECT $1::uuid", [new_id()]),
}
EACH_WAY = pytest.mark.parametrize("sends", SENDS.values(), ids=SENDS)

Open = Callable[[GuardSettings], AbstractAsyncContextManager[Database]]


@pytest.fixture
def guarded(settings: Settings, registry: Registry) -> Open:
    """Opens a database under other settings of the guards."""
    return lambda guards: opened(small(settings, 2, guards=guards), registry)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[CapturedCall]:
    """What the guards log from now on. The log of the tests begins with errors."""
    log = CapturingLogger()
    monkeypatch.setattr(reporting, "log", log)
    return log.calls


# A unit of work inside of another one.


@pytest.mark.parametrize("inner", ["transactions", "tortoise"])
async def test_a_unit_in_another_one_is_found(database: Database, inner: str) -> None:
    """On the same pool or on another: it holds a connection and waits for a second. Both lines are told."""
    tenant = await new_tenant(database)
    opens = {"transactions": database.transaction(tenant), "tortoise": database.reading(tenant, CompanyReads)}
    with pytest.raises(NestedUnitOfWork) as caught:
        async with database.transaction(tenant) as outer:
            await outer.first("SELECT 1", [])
            async with opens[inner]:
                raise AssertionError("it opened")
    message = str(caught.value)
    assert f"on the pool '{inner}' was opened while another one of the same request is open" in message
    assert "on the pool 'transactions', which began at" in message
    assert message.count(f"{HERE}:") == 3  # both units, and the statement
    assert "SELECT $1 -- " in message


async def test_a_unit_in_a_task_of_a_unit_is_found(database: Database) -> None:
    """The task's connection is the request's second one too, while the first one is held, and no longer."""
    tenant = await new_tenant(database)
    may_open = asyncio.Event()

    async def open_one() -> None:
        await may_open.wait()
        async with database.transaction(tenant):
            pass

    async with database.transaction(tenant):
        later = asyncio.create_task(open_one())
        may_open.set()
        with pytest.raises(NestedUnitOfWork):
            await asyncio.create_task(open_one())
        with pytest.raises(NestedUnitOfWork):
            await later
        may_open.clear()
        after = asyncio.create_task(open_one())
    may_open.set()
    await after


async def test_units_one_after_another_are_no_finding(database: Database) -> None:
    """Neither in one task, nor side by side in several; nor after one that failed."""
    tenant = await new_tenant(database)

    async def one() -> None:
        async with database.transaction(tenant) as tx:
            await tx.first("SELECT 1", [])

    await one()
    await asyncio.gather(one(), one())
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(tenant):
            _ = 1 / 0
    await one()


async def test_a_request_has_nothing_open_at_first(database: Database) -> None:
    """What its client holds in the same process, as a test does, is not the request's."""
    tenant = await new_tenant(database)
    async with database.transaction(tenant):
        with NewRequest():
            async with database.transaction(tenant):
                pass


# A write where nothing is to be written.


@pytest.mark.parametrize("mode", ["raise", "off"])
async def test_a_write_in_a_reading_says_where(guarded: Open, mode: Any) -> None:
    """The line, whatever is set; where the unit is watched the statement too, without what it was to write."""
    async with guarded(GuardSettings(mode=mode, share=1)) as database:
        tenant = await new_tenant(database)
        with pytest.raises(WriteInReading) as caught:
            async with database.reading(tenant) as unit:
                await unit.sql.execute(text("UPDATE companies SET name = 'a secret'"))
    message = str(caught.value)
    assert f"It was sent by {HERE}:" in message
    assert ("UPDATE companies SET name = $1 -- " in message) == (mode == "raise")
    assert "a secret" not in message


async def test_a_reading_has_no_store_with_commands(database: Database) -> None:
    """It gives a contract's reads, and refuses the contract that has commands too."""
    async with database.reading(PLATFORM) as unit:
        with pytest.raises(WriteInReading, match="CompanyStore has commands, and a reading does not write"):
            unit.store(CompanyStore)
    with pytest.raises(WriteInReading, match="CompanyStore has commands, and a reading does not write"):
        database.reading(PLATFORM, CompanyStore)


async def test_a_write_of_tortoises_in_a_reading_says_where(database: Database) -> None:
    """The same through Tortoise's models."""
    tenant = await new_tenant(database)
    with pytest.raises(WriteInReading, match=rf"It was sent by {HERE}:\d+ in .*(?s:.)*UPDATE \"companies\""):
        async with database.reading(tenant, CompanyReads):
            await Company.filter(id=tenant.company_id).update(name="another")


async def test_a_model_outside_of_a_unit_says_where(database: Database) -> None:
    """Tortoise's own query and its own transaction, also in a process that watches nothing."""
    with pytest.raises(OutsideUnitOfWork, match=rf"It was used at {HERE}:\d+ in test_a_model_outside"):
        await Company.get_or_none(id=new_id())


# An object of an ORM that leaves its store.


@dataclass(frozen=True)
class Held:
    inner: Any


async def test_a_model_that_leaves_its_store_is_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name of the method, and the line that called it; in a reading and in a transaction."""

    async def get(_: Any, company_id: Any) -> Any:
        return await Company.get_or_none(id=company_id)

    tenant = await new_tenant(database)
    monkeypatch.setattr(TortoiseCompanyReads, "get", get)
    wanted = (
        rf"TortoiseCompany\w+\.get\(\) returned an object of an ORM, .*models_tortoise.Company: {HERE}:\d+ in test_a"
    )
    with pytest.raises(OrmObjectLeftStore, match=wanted):
        async with database.reading(tenant, CompanyReads) as companies:
            await companies.get(tenant.company_id)
    with pytest.raises(OrmObjectLeftStore, match=wanted):
        async with database.transaction(tenant) as tx:
            await tx.store(CompanyStore).get(tenant.company_id)


async def test_rows_leave_their_store(database: Database) -> None:
    """The store is what it was otherwise: its class, its methods, what they return and raise."""
    tenant = await new_tenant(database)
    async with database.reading(tenant, CompanyReads) as companies:
        assert isinstance(companies, TortoiseCompanyReads)
        found = await companies.get(tenant.company_id)
        assert found is not None and found.id == tenant.company_id
        with pytest.raises(TypeError):
            await companies.get()  # type: ignore[call-arg]
        assert not hasattr(companies, "nothing")


@pytest.mark.parametrize(
    "make",
    [lambda: Company(id=new_id()), lambda: Company.filter(name=""), OutboxEntry],
    ids=["model", "query", "mapped"],
)
async def test_an_object_is_found_wherever_it_is(database: Database, make: Callable[[], Any]) -> None:
    """Tortoise's models and queries, SQLAlchemy's instances; in lists, dictionaries and dataclasses, to a depth."""
    model = make()
    for value in (model, [model], (1, model), {"a": model}, Held(model), [Held({"a": [model]})]):
        assert orm_object_in(value) is model
    for value in (None, 1, "text", b"", [1], {"a": [{"b": 1}]}, company_row(), Held(None), [[[[[model]]]]], Company):
        assert orm_object_in(value) is None


# A query for each row.


@EACH_WAY
async def test_a_query_for_each_row_is_found(database: Database, sends: Sends) -> None:
    """By either ORM and past both: so many are none, and one more is one. It is not sent."""
    async with database.transaction(PLATFORM) as tx:
        for _ in range(TIMES):
            await sends(tx)
    with pytest.raises(QueryPerRow) as caught:
        async with database.transaction(PLATFORM) as tx:
            for _ in range(TIMES + 1):
                await sends(tx)
    message = str(caught.value)
    assert message.startswith(f"One line sent a statement more than {TIMES} times: {HERE}:")
    assert "called from" in message
    assert message.count("\n  SELECT ") == 5


async def test_one_statement_of_several_lines_is_none(database: Database) -> None:
    """Nor are several statements of one line."""
    async with database.transaction(PLATFORM) as tx:
        for _ in range(TIMES):
            await tx.first("SELECT 1", [])
        for _ in range(TIMES):
            await tx.first("SELECT 1", [])
        for number in range(2 * TIMES):
            await tx.first(f"SELECT {number}", [])


async def test_many_rows_in_one_call_are_one_statement(database: Database) -> None:
    """In whatever number of pieces SQLAlchemy sends them; and what is only added goes together anyhow."""
    async with database.transaction(PLATFORM) as tx:
        rows = [appended(new_id()) for _ in range(TIMES + 1)]
        paged = insert(OutboxEntry).returning(OutboxEntry.id).execution_options(insertmanyvalues_page_size=1)
        assert len((await tx.session.execute(paged, rows)).all()) == len(rows)
        tx.session.add_all([outbox_row(new_id()) for _ in range(TIMES + 1)])
        await tx.session.flush()
        for _ in range(TIMES + 1):
            tx.emit(Happened(subject_id=new_id()))


# What a transaction pooler does not carry.

FEATURES = {
    "SET work_mem = '1MB'": "SET work_mem",
    "SET ROLE none": "SET role",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY": "SET SESSION CHARACTERISTICS",
    "RESET ALL": "RESET ALL",
    "SELECT set_config('work_mem', '1MB', false)": "set_config(..., false)",
    "LISTEN news": "LISTEN",
    "UNLISTEN *": "UNLISTEN",
    "SELECT pg_advisory_lock(1)": "pg_advisory_lock(), a lock of the session",
    "SELECT 1 WHERE pg_try_advisory_lock_shared($1)": "pg_try_advisory_lock_shared(), a lock of the session",
    "CREATE TEMPORARY TABLE kept (id int)": "a temporary table",
    "CREATE TEMP TABLE kept ON COMMIT DELETE ROWS AS SELECT 1": "a temporary table",
    "SELECT 1 INTO TEMP kept": "a temporary table",
    "DECLARE kept CURSOR WITH HOLD FOR SELECT 1": "a cursor WITH HOLD",
    "PREPARE kept AS SELECT 1": "PREPARE",
    "DEALLOCATE ALL": "DEALLOCATE",
    "DISCARD TEMP": "DISCARD",
    "LOAD 'auto_explain'": "LOAD",
    "SELECT 1; SET work_mem = '1MB'": "SET work_mem",
}
OF_TRANSACTION = (
    "SET LOCAL work_mem = '1MB'",
    "SET TRANSACTION READ ONLY",
    "SELECT set_config('work_mem', '1MB', true)",
    "SELECT set_config('work_mem', '1MB', $1)",
    "SELECT pg_advisory_xact_lock(1)",
    "NOTIFY news",
    "CREATE TEMP TABLE gone (id int) ON COMMIT DROP",
    "DECLARE gone CURSOR FOR SELECT 1",
    "UPDATE loads SET prepare = 'hold' WHERE temp",
    "SELECT 'LISTEN'",
    "no SQL, and set to nothing",
)


@pytest.mark.parametrize("sql", FEATURES)
async def test_what_outlasts_its_transaction_is_found(database: Database, sql: str) -> None:
    """With no pooler in between: it is found in development, and nothing is sent."""
    assert session_feature(sql) == FEATURES[sql]
    with pytest.raises(SessionFeatureUsed) as caught:
        async with database.transaction(PLATFORM):
            await get_connection(ALIAS).execute_script(sql)
    assert str(caught.value).startswith(f"{FEATURES[sql]} on the pool 'platform': {HERE}:")
    with pytest.raises(SessionFeatureUsed):
        async with database.transaction(PLATFORM) as tx:
            await tx.sql.exec_driver_sql(sql)


@pytest.mark.parametrize("sql", OF_TRANSACTION)
def test_what_ends_with_its_transaction_is_none(sql: str) -> None:
    """Nor are words that only look like it, nor what the parser does not understand."""
    assert session_feature(sql) is None


async def test_crossdock_itself_may(database: Database, eyes: Eyes) -> None:
    """What puts a kept session back after a unit is no finding, and no one's last statement."""
    tenant = await new_tenant(database)
    async with database.transaction(tenant) as tx:
        await tx.first("SELECT 1", [])
    async with database.transaction(tenant, elevates=True) as tx, tx.as_platform("test"), tx.savepoint():
        await tx.first("SELECT 1", [])


# Where a finding goes, and how it is allowed.


async def find(database: Database) -> None:
    async with database.transaction(PLATFORM) as tx:
        await tx.sql.execute(text("SELECT set_config('crossdock.found', 'a secret', false)"))


async def test_a_finding_is_logged_once_for_each_line(guarded: Open, logged: list[CapturedCall]) -> None:
    """The work goes on; the log has kind, line and statement, and no constant of it."""
    async with guarded(GuardSettings(mode="log", share=1)) as database:
        await find(database)
        await find(database)
    [found] = logged
    assert (found.method_name, found.args, found.kwargs["found"]) == ("warning", ("guard",), "session_feature_used")
    message = found.kwargs["message"]
    assert f"{HERE}:" in message and "SELECT set_config($1, $2, $3)" in message
    assert "a secret" not in message


async def test_each_finding_is_counted(guarded: Open, logged: list[CapturedCall]) -> None:
    """Also those whose line is in the log already, and none that is allowed; every guard is there from the start."""
    metrics = Metrics()
    async with guarded(GuardSettings(mode="log", share=1)) as database, metrics.watching(database, {}):
        assert findings(metrics) == dict.fromkeys(CODES, 0)
        await find(database)
        await find(database)
        with allow(SessionFeatureUsed, because="it is not counted"):
            await find(database)
        async with database.transaction(PLATFORM), database.transaction(PLATFORM):
            pass
        expected = dict.fromkeys(CODES, 0) | {"session_feature_used": 2, "nested_unit_of_work": 1}
        assert findings(metrics) == expected
    assert findings(metrics) == expected
    assert len(logged) == 2


CODES = ("nested_unit_of_work", "orm_object_left_store", "query_per_row", "session_feature_used")


def findings(metrics: Metrics) -> dict[str, int]:
    """Of the metric, by guard."""
    found = re.findall(
        r'^crossdock_guard_findings_total\{guard="(\w+)"\} (\S+)$', metrics.text().decode(), re.MULTILINE
    )
    return {guard: int(float(count)) for guard, count in found}


@pytest.mark.parametrize("guards", [GuardSettings(mode="off", share=1), GuardSettings(mode="raise", share=0)])
async def test_nothing_is_watched_where_it_is_off(
    guarded: Open, guards: GuardSettings, logged: list[CapturedCall]
) -> None:
    """By the mode, or by a share of nothing."""
    async with guarded(guards) as database:
        await find(database)
        async with database.transaction(PLATFORM), database.transaction(PLATFORM):
            pass
    assert logged == []


async def test_a_unit_in_a_watched_one_is_found_whether_it_is_watched_or_not(guarded: Open) -> None:
    """Else a small share would have to meet twice."""
    async with guarded(GuardSettings(mode="raise", share=1)) as database:
        guards = database.environment.guards
        with pytest.raises(NestedUnitOfWork):
            async with database.transaction(PLATFORM):
                guards._share = 1e-12
                async with database.transaction(PLATFORM):
                    raise AssertionError("it opened")


async def test_a_finding_may_be_allowed(database: Database) -> None:
    """For a block and its tasks, of one kind, with a reason. After the block it is one again."""
    with allow(SessionFeatureUsed, because="the test wants it"):
        await find(database)
        await asyncio.create_task(find(database))
        with pytest.raises(NestedUnitOfWork):
            async with database.transaction(PLATFORM), database.transaction(PLATFORM):
                pass
    with pytest.raises(SessionFeatureUsed):
        await find(database)
    with pytest.raises(ProgrammingError, match="Say why"), allow(QueryPerRow, because=" "):
        pass


@pytest.mark.parametrize(
    ("environment", "mode", "share"),
    [("test", "raise", 1.0), ("development", "log", 1.0), ("production", "log", 0.005)],
)
def test_what_is_not_set_suits_the_environment(environment: str, mode: str, share: float) -> None:
    """And what is set stands."""
    given = GuardSettings().in_environment(environment)
    assert (given.mode, given.share) == (mode, share)
    assert GuardSettings(mode="off", share=0).in_environment(environment) == GuardSettings(mode="off", share=0)
    with pytest.raises(ValidationError):
        GuardSettings(share=1.5)


def test_a_statement_is_shown_in_bounds() -> None:
    """On one line, with parameters for its constants, and never whole where it is long."""
    assert shown("SELECT *\n  FROM loads WHERE name = 'a secret'") == "SELECT * FROM loads WHERE name = $1"
    assert len(shown(f"SELECT {', '.join('name' for _ in range(999))}")) == TEXT_MAX
    assert shown("a secret that is no SQL") == "23 characters that are no SQL"
    assert shown("x" * (PARSED_MAX + 1)) == f"a statement of {PARSED_MAX + 1} characters"


@pytest.mark.parametrize("kind", Finding.__subclasses__())
def test_each_finding_says_what_to_do(kind: type[Finding]) -> None:
    """In its message, whoever finds it."""
    assert kind.meaning().endswith(".") and kind.remedy().endswith(".")


async def test_a_unit_says_nothing_of_it(database: Database) -> None:
    """A store's constructor is given the unit itself, and the unit its own connection."""
    async with database.transaction(PLATFORM) as tx:
        assert isinstance(tx, Unit)
        assert (await tx.first("SELECT 1 AS one", []))["one"] == 1
