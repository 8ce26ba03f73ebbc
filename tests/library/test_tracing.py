"""Every statement is a span of the same kind, whichever way it takes to the driver, and no value is in it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
from opentelemetry.sdk.resources import SERVICE_NAME
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_trace_id
from sqlalchemy import text

from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError
from crossdock.ids import new_id
from crossdock.logging import add_trace_id
from crossdock.registry import Registry
from crossdock.tracing.described import described
from crossdock.tracing.provider import provider_of_environment, tracing
from crossdock.transaction import Database
from crossdock.transaction.reading import Reading
from freight.modules.bookings.documents import booking
from freight.modules.companies.store import CompanyReads, CompanyStore
from freight.tenancy import CompanyScope
from tests.library.scene import PLATFORM, Eyes, company_row, new_tenant, small
from tests.waiting import until_asleep


@dataclass(frozen=True, slots=True)
class Traced:
    """A database whose pools are traced, and what they told."""

    database: Database
    provider: TracerProvider
    exporter: InMemorySpanExporter

    def told(self, pool: str | None = None) -> dict[str, ReadableSpan]:
        """The statements of a pool since the last call, by their names."""
        spans = self.exporter.get_finished_spans()
        self.exporter.clear()
        return {span.name: span for span in spans if pool in (None, values(span)["db.client.connection.pool.name"])}


def values(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def in_memory() -> tuple[TracerProvider, InMemorySpanExporter]:
    """A provider of our own, and what it gets."""
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider, exporter


@pytest.fixture(scope="module")
async def module_traced(settings: Settings, registry: Registry) -> AsyncIterator[Traced]:
    provider, exporter = in_memory()
    database = Database(small(settings, 2), registry)
    async with tracing(provider, database.pools), database:
        yield Traced(database, provider, exporter)


@pytest.fixture
def traced(module_traced: Traced) -> Traced:
    module_traced.exporter.clear()
    return module_traced


async def test_all_ways_to_the_driver_are_told_alike(traced: Traced) -> None:
    """A query of Tortoise, a statement of SQLAlchemy, a document and the end of a transaction: one kind of span."""
    tenant = await new_tenant(traced.database)
    traced.told()
    async with traced.database.transaction(tenant) as tx:
        await tx.store(CompanyStore).get(tenant.company_id)
        await tx.sql.execute(text("SELECT count(*) FROM bids WHERE company_id = :id"), {"id": tenant.company_id})
        await booking.read(tx, booking_id=new_id())
    told = traced.told("transactions")
    assert {"BEGIN", "SELECT companies", "SELECT bids", "SELECT bookings", "COMMIT"} <= told.keys()
    address = traced.database.transactions.address
    for span in told.values():
        assert span.kind is SpanKind.CLIENT
        assert (
            values(span).items()
            >= {
                "db.system.name": "postgresql",
                "db.namespace": f"{address.database}|public",
                "db.client.connection.pool.name": "transactions",
                "db.query.summary": span.name,
                "server.address": address.host,
            }.items()
        )
        assert span.status.status_code is StatusCode.UNSET
        assert span.start_time < span.end_time  # type: ignore[operator]


async def test_each_pool_says_its_name(traced: Traced) -> None:
    """A read of a Tortoise module, one of SQLAlchemy's, and a ping of the direct lane."""
    tenant = await new_tenant(traced.database)
    traced.told()
    async with traced.database.reading(tenant, CompanyReads) as store:
        await store.get(tenant.company_id)
    assert "SELECT companies" in traced.told("tortoise")
    async with Reading(traced.database.environment, tenant, traced.database.transactions) as unit:
        await booking.read(unit, booking_id=new_id())
    assert "SELECT bookings" in traced.told("transactions")
    await traced.database.direct.ping()
    assert traced.told("direct").keys() == {"SELECT"}


async def test_a_statement_hangs_on_the_span_that_sent_it(traced: Traced) -> None:
    """Of two units at once, each has its own; also COMMIT, which is sent by a task of its own."""
    tracer = traced.provider.get_tracer("test")
    tenant = await new_tenant(traced.database)
    traced.told()

    async def unit(name: str) -> None:
        with tracer.start_as_current_span(name, attributes={"db.client.connection.pool.name": name}):
            async with traced.database.transaction(tenant) as tx:
                await tx.store(CompanyStore).get(tenant.company_id)
                await tx.sql.execute(text("SELECT 1"))

    await asyncio.gather(unit("one"), unit("other"))
    spans = traced.exporter.get_finished_spans()
    roots = {span.context.span_id: span for span in spans if span.parent is None}
    assert {span.name for span in roots.values()} == {"one", "other"}
    statements = [span for span in spans if span.parent is not None]
    for root in roots.values():
        own = [span for span in statements if span.parent and span.parent.span_id == root.context.span_id]
        assert {"BEGIN", "SELECT companies", "SELECT", "COMMIT"} <= {span.name for span in own}
        assert all(root.start_time <= span.start_time <= span.end_time <= root.end_time for span in own)  # type: ignore[operator]


async def test_no_value_is_told(traced: Traced) -> None:
    """Neither who reads, nor for whom, nor what they look for, however it is sent."""
    tenant = await new_tenant(traced.database)
    subject = company_row()
    traced.told()
    async with Reading(
        traced.database.environment,
        CompanyScope(tenant.company_id, "both", actor_id=new_id()),
        traced.database.transactions,
    ) as unit:
        await booking.read(unit, booking_id=subject.id)  # in a session that is bound by SET
    async with traced.database.transaction(tenant) as tx:  # in a transaction, by SET LOCAL
        await tx.sql.execute(text("SELECT 'told-by-mistake', :id"), {"id": str(subject.id)})
        await tx.sql.execute(text(f"SELECT id FROM companies WHERE name = '{subject.name}'"))
    async with traced.database.transaction(PLATFORM) as tx:
        await tx.store(CompanyStore).add(subject)
        async with tx.savepoint():
            await tx.store(CompanyStore).get(subject.id)
    spans = traced.exporter.get_finished_spans()
    assert "SELECT bookings" in {span.name for span in spans}
    shown = " ".join(span.to_json() for span in spans)
    assert "SET LOCAL crossdock.company_id = $" in shown
    for value in (tenant.company_id, tenant.actor_id, subject.id, subject.name, "told-by-mistake", "crossdock_app"):
        assert str(value) not in shown


@pytest.mark.parametrize(
    ("sql", "state", "name"),
    [
        ("SELECT 1 / 0", "22012", "SELECT"),
        ("SELECT 'so secret'::uuid", "22P02", "PREPARE SELECT"),
        ("SELECT secret_column FROM bookings", "42703", "PREPARE SELECT bookings"),
        ("SELEKT 'so secret'", "42601", "PREPARE postgresql"),
    ],
)
async def test_a_failure_is_told_by_its_sqlstate(traced: Traced, sql: str, state: str, name: str) -> None:
    """And not by its message, which may quote what was sent."""
    with pytest.raises(Exception):
        async with traced.database.transaction(PLATFORM) as tx:
            await tx.sql.execute(text(sql))
    told = traced.told("platform")
    assert "ROLLBACK" in told
    (span,) = [span for span in told.values() if span.status.status_code is StatusCode.ERROR]
    assert span.name == name
    assert values(span)["db.response.status_code"] == values(span)["error.type"] == state
    assert span.status.description is None
    assert not span.events
    assert "so secret" not in span.to_json()


async def test_a_statement_that_is_given_up_is_told(traced: Traced, eyes: Eyes) -> None:
    """It has no SQLSTATE, for nobody waited for one."""

    async def sleep() -> None:
        async with traced.database.transaction(PLATFORM) as tx:
            await tx.sql.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(sleep())
    await until_asleep(eyes.connection, "%pg_sleep(60)%")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    told = traced.told("platform")
    assert values(told["SELECT"])["error.type"] == "asyncio.exceptions.CancelledError"
    assert "db.response.status_code" not in values(told["SELECT"])


async def test_many_rows_in_one_statement_are_a_batch(traced: Traced) -> None:
    """With their number; one row is none."""
    async with traced.database.direct.checkout() as checkout:
        await checkout.driver.execute("CREATE TEMPORARY TABLE counted (number int)")
        traced.told()
        await checkout.driver.executemany("INSERT INTO counted VALUES ($1)", [(1,), (2,), (3,)])
        assert values(traced.told("direct")["INSERT counted"])["db.operation.batch.size"] == 3
        await checkout.driver.executemany("INSERT INTO counted VALUES ($1)", [(4,)])
        assert "db.operation.batch.size" not in values(traced.told("direct")["INSERT counted"])


@pytest.mark.parametrize(
    ("sql", "summary"),
    [
        ("SELECT 1", "SELECT"),
        ("(SELECT 1) UNION SELECT id FROM bids", "SELECT bids"),
        ("SELECT (SELECT name FROM scratch.companies), b.id FROM bids b, bids c", "SELECT scratch.companies bids"),
        ("INSERT INTO bids SELECT * FROM bookings", "INSERT bids SELECT bookings"),
        ("WITH due AS (SELECT id FROM bids) UPDATE bookings SET status = $1 FROM due", "UPDATE bookings SELECT bids"),
        ("WITH added AS (INSERT INTO bids VALUES ($1)) DELETE FROM bookings", "DELETE bookings INSERT bids"),
        ("rollback to savepoint crossdock_1; release savepoint crossdock_1", "ROLLBACK"),
        ("SET role = 'crossdock_app'; SELECT 1 FROM bids", "SET"),
        (";", None),
        ("SELEKT 1", None),
    ],
)
def test_a_summary_names_the_verb_and_the_tables(sql: str, summary: str | None) -> None:
    """Those of the first statement; none for what PostgreSQL would not read."""
    assert described(sql)[0] == summary


async def test_off_means_that_nothing_is_there(database: Database) -> None:
    """The pools have asyncpg's own connections, and nobody listens to them."""
    for pool in database.pools:
        async with pool.checkout() as checkout:
            driver = checkout.driver
            assert type(driver) is asyncpg.Connection
            assert not driver._query_loggers


def test_off_imports_nothing_of_it() -> None:
    """Neither OpenTelemetry's SDK nor what names the statements: an app without tracing does not pay for it."""
    script = "import sys, crossdock.web.app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = ("opentelemetry.sdk", "opentelemetry.exporter", "crossdock.tracing.connection", "postgast")
    assert not [name for name in result.stdout.split() if name.startswith(heavy)]


def test_on_without_the_packages_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra, and not a traceback."""
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'crossdock\[tracing\]'"):
        provider_of_environment()


@pytest.mark.parametrize(("variable", "name"), [(None, "crossdock"), ("dock-4", "dock-4")])
def test_the_service_has_a_name(monkeypatch: pytest.MonkeyPatch, variable: str | None, name: str) -> None:
    """Ours, or that of OpenTelemetry's own variable."""
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    if variable:
        monkeypatch.setenv("OTEL_SERVICE_NAME", variable)
    provider = provider_of_environment()
    assert provider.resource.attributes[SERVICE_NAME] == name
    provider.shutdown()


def test_a_line_of_the_log_has_the_trace() -> None:
    """Of the span in which it was written; outside of any, it has none."""
    provider, _ = in_memory()
    with provider.get_tracer("test").start_as_current_span("request") as span:
        trace_id = format_trace_id(span.get_span_context().trace_id)
        assert add_trace_id(None, "", {"event": "here"}) == {"event": "here", "trace_id": trace_id}
    assert add_trace_id(None, "", {"event": "there"}) == {"event": "there"}
