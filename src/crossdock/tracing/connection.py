"""Connections that make a span of OpenTelemetry for each statement, of Tortoise, SQLAlchemy and documents alike.

The names are those of the stable conventions for databases: https://opentelemetry.io/docs/specs/semconv/db/postgresql/
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from asyncpg import Connection, PostgresError
from asyncpg.prepared_stmt import PreparedStatement
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, TracerProvider

from crossdock.address import Address
from crossdock.tracing.described import described

SYSTEM = "postgresql"
SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"
SENDING = {"fetch", "fetchmany", "fetchrow", "fetchval", "executemany"}
"""The methods that send a prepared statement. A cursor's fetches have no spans: nothing here reads by cursor."""

Attributes = dict[str, str | int]
Call = Callable[..., Awaitable[Any]]


def traced(provider: TracerProvider, pool: str, address: Address) -> type[Connection]:
    """The class of a pool's connections, for `asyncpg.connect(connection_class=...)`."""
    attributes: Attributes = {
        "db.system.name": SYSTEM,
        "db.namespace": f"{address.database}|{address.schema}",
        "db.client.connection.pool.name": pool,
        "server.address": address.host,
    }
    if not address.host.startswith("/"):
        attributes["server.port"] = address.port
    tracer = provider.get_tracer("crossdock", schema_url=SCHEMA_URL)

    class OfPool(TracedConnection):
        statements = Statements(tracer, attributes)

    return OfPool


class Statements:
    """How the statements of a pool become spans, below whatever span is current where they are sent."""

    def __init__(self, tracer: Tracer, attributes: Attributes) -> None:
        self._tracer = tracer
        self._attributes = attributes

    @contextmanager
    def span(self, sql: str, *, verb: str = "", batch: int = 1) -> Iterator[None]:
        """For the time of the block. Of a failure it has the SQLSTATE alone: the message may quote what was sent."""
        summary, text = described(sql)
        attributes = dict(self._attributes)
        if summary is not None and text is not None:
            attributes |= {"db.query.summary": f"{verb}{summary}", "db.query.text": text}
        if batch > 1:
            attributes["db.operation.batch.size"] = batch
        span = self._tracer.start_span(f"{verb}{summary or SYSTEM}", kind=SpanKind.CLIENT, attributes=attributes)
        try:
            yield
        except BaseException as error:
            _failed(span, error)
            raise
        finally:
            span.end()


def _failed(span: Span, error: BaseException) -> None:
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if isinstance(error, PostgresError) and error.sqlstate:
        span.set_attribute("db.response.status_code", error.sqlstate)
        kind = error.sqlstate
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)


def _with_span(call: Call) -> Call:
    async def call_with_span(self: "TracedConnection", query: str, *args: Any, **options: Any) -> Any:
        with self.statements.span(query):
            return await call(self, query, *args, **options)

    return call_with_span


class TracedConnection(Connection):  # type: ignore[misc]  # asyncpg has no types
    """Every method of asyncpg's that sends a statement, with a span around it."""

    statements: Statements

    execute = _with_span(Connection.execute)
    fetch = _with_span(Connection.fetch)
    fetchrow = _with_span(Connection.fetchrow)
    fetchval = _with_span(Connection.fetchval)
    fetchmany = _with_span(Connection.fetchmany)

    async def executemany(self, command: str, args: Any, **options: Any) -> None:
        with self.statements.span(command, batch=len(args)):
            await super().executemany(command, args, **options)

    async def prepare(self, query: str, **options: Any) -> "TracedStatement":
        """SQLAlchemy prepares its statements: a round trip of its own, the first time."""
        with self.statements.span(query, verb="PREPARE "):
            statement = await super().prepare(query, **options)
        return TracedStatement(self.statements, statement)


class TracedStatement:
    """A prepared statement, with a span whenever it is sent."""

    def __init__(self, statements: Statements, statement: PreparedStatement) -> None:
        self._statements = statements
        self._statement = statement

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._statement, name)
        return self._with_span(found) if name in SENDING else found

    def _with_span(self, call: Call) -> Call:
        async def call_with_span(*args: Any, **options: Any) -> Any:
            with self._statements.span(self._statement.get_query()):
                return await call(*args, **options)

        return call_with_span
