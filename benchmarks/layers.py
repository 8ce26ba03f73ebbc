"""Where a read's time goes: the processor time that a worker spends on one booking, layer upon layer, in process.

`python -m benchmarks layers`. Left out: the HTTP server, PostgreSQL's own time, and the line of log for each request.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import Any
from uuid import UUID

import uvloop
from fastapi import FastAPI
from pydantic import SecretStr

from benchmarks.bench import Bench, Tell
from benchmarks.requests import ENDPOINTS, Passport, Person, Request
from crossdock.clock import Clock
from crossdock.config.settings import LogSettings, Settings
from crossdock.registry import Registry, load_settings
from crossdock.tenancy import Guard, Signer
from crossdock.transaction import Database
from freight.app import create_app
from freight.modules.bookings.documents import booking
from freight.modules.bookings.store import BookingReads
from freight.settings import AuthSettings
from freight.tenancy import CompanyScope

ONE = ENDPOINTS["one"]
TURNS, READS, AT_ONCE = 7, 2_000, 8
"""Each layer has so many turns, of so many reads, so many of them at once: as under load, not one after the other."""

Read = Callable[[Request], Awaitable[None]]
Costs = dict[str, list[float]]
"""Layer → µs of processor time for a read, turn by turn."""


class NotFound(Exception):
    """A read found nothing, so its time says nothing."""


def measure_layers(bench: Bench, tell: Tell) -> Costs:
    """Raises NotFound."""
    with bench.copy("layers") as database:
        app = create_app(_settings(bench, database), registry=Registry.found())
        return uvloop.run(_measure(app, bench, tell))


def _settings(bench: Bench, database: str) -> Settings:
    auth = AuthSettings(secret=SecretStr(bench.passport.secret), access_ttl_s=86_400)
    settings = load_settings(environment="production", auth=auth, log=LogSettings(level="error"))
    return settings.with_database(
        bench.server.service.with_database(database), bench.server.owner.with_database(database)
    )


async def _measure(app: FastAPI, bench: Bench, tell: Tell) -> Costs:
    requests = itertools.cycle(bench.requests(ONE))
    async with _layers(app, bench.passport) as layers:
        costs: Costs = {name: [] for name in layers}
        for turn in range(TURNS + 1):
            for name, read in layers.items():
                cost = await _cost(read, requests)
                if turn:  # the first one warms up
                    costs[name].append(cost)
    for name, each in costs.items():
        tell(f"{name}: {statistics.median(each):.1f} µs")
    return costs


async def _cost(read: Read, requests: Iterator[Request]) -> float:
    async def some() -> None:
        for request in itertools.islice(requests, READS // AT_ONCE):
            await read(request)

    began = time.process_time()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return (time.process_time() - began) / READS * 1e6


@asynccontextmanager
async def _layers(app: FastAPI, passport: Passport) -> AsyncIterator[dict[str, Read]]:
    """Each does what the one before it does, and more; but for the last, which is the service without a database."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        database: Database = app.state.database
        unsigned = Signer(database.tenancy, is_needed=False)
        free = [(await stack.enter_async_context(database.transactions.checkout())).driver for _ in range(AT_ONCE)]

        async def by_the_driver(request: Request) -> None:
            given = booking.compiled.arguments({"booking_id": _booking_id(request)})
            parameters = unsigned.parameters_of(_tenant(request.by), None)
            sql, arguments = database.statements.entered(booking.compiled.sql, given, None, parameters)
            driver = free.pop()
            row = await driver.fetchrow(sql, *arguments)
            free.append(driver)
            _need(found=row["found"])

        async def in_a_unit_of_work(request: Request) -> None:
            async with database.reading(_tenant(request.by), BookingReads) as bookings:
                _need(found=await bookings.document(_booking_id(request)) is not None)

        async def by_the_service(request: Request) -> None:
            await _ask(app, request.path, passport.token(request.by))

        async def without_a_database(request: Request) -> None:
            await _ask(app, "/healthz", passport.token(request.by))

        yield {
            "the statement, by the driver alone": by_the_driver,
            "with a unit of work around it": in_a_unit_of_work,
            "with the service around that": by_the_service,
            "the service, for /healthz": without_a_database,
        }


async def _ask(app: FastAPI, path: str, token: str) -> None:
    """As an HTTP server would, which is the one part that is left out."""
    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {token}".encode())]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
    }  # fmt: skip
    statuses: list[int] = []
    body = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not body:
            await asyncio.Event().wait()  # for the end of the connection, which does not come
        return body.pop()

    async def send(message: MutableMapping[str, Any]) -> None:
        statuses.append(message.get("status", 0))

    await app(scope, receive, send)
    _need(found=statuses[0] == HTTPStatus.OK)


def _booking_id(request: Request) -> UUID:
    return UUID(request.path.rpartition("/")[2])


def _tenant(person: Person) -> CompanyScope:
    """As the service makes it of a token: with the question whether it is still true."""
    asked = (person.session_id, person.user_id, person.company_id, person.role, person.company_kind, Clock().now())
    return CompanyScope(
        person.company_id, person.company_kind, actor_id=person.user_id, guard=Guard("require_session", asked)
    )


def _need(*, found: bool) -> None:
    if not found:
        raise NotFound
