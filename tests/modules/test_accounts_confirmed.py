"""Who is remembered is confirmed by PostgreSQL each time: what was taken from them acts at once, in every process."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from crossdock.config.settings import PoolSettings, Settings
from crossdock.errors import Conflict, Unavailable
from crossdock.web.dependencies import Db
from freight.app import create_app
from freight.web import SignedIn
from tests.modules.accounts import change, colleague, newcomer, refused, session_of
from tests.waiting import until
from tests.world import PATIENT_S, Person, Server, World, load, money, ok, unique

READ, WRITE = ("GET", "/v1/bookings"), ("POST", "/v1/ledger/deposits")
NOBODY = "00000000-0000-4000-8000-000000000000"
READS = ["/v1/me", "/v1/bookings", f"/v1/bookings/{NOBODY}", f"/v1/bookings/{NOBODY}/overview", "/v1/ledger/accounts"]
READS += [
    f"/v1/ledger/accounts/{NOBODY}/entries",
    f"/v1/shipments/{NOBODY}",
    "/v1/users",
    f"/v1/bookings/{NOBODY}/bids",
]
"""By documents and by model objects, of both ORMs, of what is there and of what is not."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Two apps on one database, as two processes are: each remembers for itself. `eyes` is a superuser's connection."""

    here: World
    there: World
    eyes: asyncpg.Connection

    async def know(self, person: Person) -> None:
        """Both have answered this person lately, on both pools, with a connection that is bound to their company."""
        for world in (self.here, self.there):
            for url in READS * 2:
                assert (await ask(world, person, "GET", url)).status_code in (200, 404)


async def ask(world: World, person: Person, method: str, url: str, **rest: Any) -> httpx.Response:
    async with world.client(token_of(person)) as http:
        return await http.request(method, url, **rest)


def token_of(person: Person) -> str:
    return person.http.headers["Authorization"].removeprefix("Bearer ")


@pytest.fixture(scope="module", params=[True, False], ids=["sessions kept", "behind a pooler"])
async def processes(settings: Settings, server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Processes]:
    settings = settings.model_copy(update={"keep_sessions": request.param})
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(World.open(settings)) for _ in range(2)]
        eyes = await server.connect(settings.pooled.database)
        yield Processes(here, there, eyes)
        await eyes.close()


USER, COMPANY = (f"(SELECT {column} FROM sessions WHERE id = $1)" for column in ("user_id", "company_id"))
TAKEN = {
    "the session is revoked": "UPDATE sessions SET revoked_at = now(), revoked_reason = 'test' WHERE id = $1",
    "the session has expired": "UPDATE sessions SET expires_at = now() - interval '1 s' WHERE id = $1",
    "the user is suspended": f"UPDATE users SET status = 'suspended' WHERE id = {USER}",
    "the user is deleted": f"UPDATE users SET deleted_at = now() WHERE id = {USER}",
    "the company has ended": f"UPDATE companies SET deleted_at = now() WHERE id = {COMPANY}",
}


@pytest.mark.parametrize("taken", TAKEN)
async def test_what_is_taken_acts_at_once_in_every_process(processes: Processes, taken: str) -> None:
    """Not one more read, of what is there or not, and not one more write, whichever process remembers them."""
    person = await processes.here.register("shipper")
    await processes.know(person)
    await processes.eyes.execute(TAKEN[taken], UUID(session_of(person)))
    for world in (processes.there, processes.here):
        for url in READS:
            refused(await ask(world, person, "GET", url), 401, "unauthenticated")
        refused(
            await ask(world, person, "POST", "/v1/ledger/deposits", json={"amount": money(5)}), 401, "unauthenticated"
        )
        refused(await ask(world, person, "POST", "/v1/bookings", json=load()), 401, "unauthenticated")
        refused(await ask(world, person, "POST", "/v1/bookings", json={}), 401, "unauthenticated")
        refused(await ask(world, person, "GET", "/v1/bookings?limit=x"), 401, "unauthenticated")
    company = UUID(person.company_id)
    assert (
        await processes.eyes.fetchval(
            "SELECT count(*) FROM ledger_transfers WHERE debit_company_id = $1 OR credit_company_id = $1", company
        )
        == 0
    )
    assert await processes.eyes.fetchval("SELECT count(*) FROM bookings WHERE company_id = $1", company) == 0


async def test_a_sign_out_here_acts_there(processes: Processes) -> None:
    """Over HTTP: the next request to another process is refused, also one that asks for nothing that is there."""
    person = await processes.here.register("shipper")
    await processes.know(person)
    ok(await ask(processes.here, person, "POST", "/v1/auth/logout"), 204)
    refused(await ask(processes.there, person, "GET", f"/v1/bookings/{NOBODY}"), 401, "unauthenticated")
    refused(await ask(processes.there, person, "POST", "/v1/auth/logout"), 401, "unauthenticated")


async def test_a_changed_role_acts_at_once_in_every_process(processes: Processes) -> None:
    """Up and down, again and again, with one token: who was promoted may, who was demoted may not, done once each."""
    admin = await processes.here.register("shipper")
    person = await colleague(processes.here, admin)
    made = 0
    for role in ("manager", "employee", "admin", "employee", "manager"):
        await processes.know(person)
        ok(await change(admin, person.user_id, role=role))
        for world in (processes.there, processes.here):
            answer = await ask(world, person, "POST", "/v1/teams", json={"name": unique("Team")})
            assert answer.status_code == (403 if role == "employee" else 201), answer.text
            made += answer.status_code == 201
            answer = await ask(world, person, "POST", "/v1/users", json=newcomer())
            assert answer.status_code == (201 if role == "admin" else 403), answer.text
            assert ok(await ask(world, person, "GET", "/v1/me"))["role"] == role
    assert len(ok(await admin.http.get("/v1/teams"))["items"]) == made == 6


async def test_a_changed_kind_of_company_acts_at_once(processes: Processes) -> None:
    """What carriers see is seen from the first request on, and not after."""
    shipper, person = await processes.here.shipper(), await processes.here.register("shipper")
    booking = await processes.here.open_booking(shipper)
    for kind in ("both", "shipper", "carrier", "shipper"):
        await processes.know(person)
        await processes.eyes.execute("UPDATE companies SET kind = $2 WHERE id = $1", UUID(person.company_id), kind)
        for world in (processes.there, processes.here):
            answer = await ask(world, person, "GET", f"/v1/bookings/{booking['id']}")
            assert answer.status_code == (404 if kind == "shipper" else 200), answer.text


@dataclass(slots=True)
class Calls:
    """What the routes of the extra app have done."""

    forgetful: int = 0
    failing: int = 0


@asynccontextmanager
async def extended(settings: Settings) -> AsyncIterator[tuple[World, Calls]]:
    """The app with three more routes: one forgets its unit of work, one fails after it, one before it."""
    app, router, calls = create_app(settings), APIRouter(), Calls()

    @router.get("/forgetful")
    async def forgetful(caller: SignedIn) -> Response:
        calls.forgetful += 1
        return PlainTextResponse(f"secret of {caller.company_id}")

    @router.post("/failing/{moment}")
    async def failing(moment: str, db: Db, caller: SignedIn) -> Response:
        calls.failing += 1
        if moment == "before":
            raise Conflict
        if moment == "overloaded":
            raise Unavailable
        async with db.transaction(caller.tenant):
            pass
        raise Conflict

    app.include_router(router)
    async with app.router.lifespan_context(app):
        yield World(app), calls


async def test_a_route_that_forgets_its_unit_of_work_answers_nobody(settings: Settings, processes: Processes) -> None:
    """500 and no data for a caller who is remembered; a route outside of Dispatch reads its caller anew."""
    async with extended(settings) as (world, calls):
        person = await world.register("shipper")
        for _ in range(2):
            answer = await ask(world, person, "GET", "/forgetful")
            assert "secret" not in str(refused(answer, 500, "internal_error"))
        await processes.eyes.execute(TAKEN["the session is revoked"], UUID(session_of(person)))
        for url in ("/forgetful", "/forgetful%0A"):  # the last is a path of FastAPI's alone: $ is before a line's end
            answer = await ask(world, person, "GET", url)
            assert answer.status_code in (401, 500), answer.text
        assert calls.forgetful == 3


@pytest.mark.parametrize(("moment", "status", "times"), [("before", 409, 2), ("after", 409, 1), ("overloaded", 503, 1)])
async def test_what_is_done_again_was_not_done(settings: Settings, moment: str, status: int, times: int) -> None:
    """What was refused before its unit of work is tried with the caller anew, unless a connection was wanting."""
    async with extended(settings) as (world, calls):
        person = await world.register("shipper")
        for asked in (1, 2):
            assert (await ask(world, person, "POST", f"/failing/{moment}")).status_code == status
            assert calls.failing == asked * times


async def test_a_full_pool_is_asked_once(settings: Settings) -> None:
    """An overloaded database gets no second wave from requests that it has just refused."""
    pool = PoolSettings(min_size=0, max_size=1, timeout_s=PATIENT_S, waiting_max=0)
    async with World.open(settings.model_copy(update={"tortoise_pool": pool, "transaction_pool": pool})) as world:
        person = await world.register("shipper")
        ok(await ask(world, person, "GET", "/v1/bookings"))
        assert world.app is not None
        pool = world.app.state.database.transactions
        async with pool.checkout():
            refused(await ask(world, person, "GET", "/v1/bookings"), 503, "pool_exhausted")
        assert pool.gate.statistics.exhausted_total == 1
        ok(await ask(world, person, "GET", "/v1/bookings"))


async def test_revoking_amid_a_storm_ends_it(processes: Processes) -> None:
    """Reads and writes run against both processes; none that begins after the revocation succeeds."""
    person = await processes.here.shipper()
    over, late, answered = asyncio.Event(), [], Counter[int]()

    async def storm(number: int, world: World, method: str, url: str, body: Any) -> None:
        while True:
            began_after = over.is_set()
            answer = await ask(world, person, method, url, json=body)
            answered[number] += 1
            if began_after:
                late.append(answer.status_code)
                return

    calls = [("GET", "/v1/bookings", None), ("GET", f"/v1/bookings/{NOBODY}", None), ("POST", "/v1/bookings", load())]
    async with asyncio.TaskGroup() as group:
        worlds = (processes.here, processes.there)
        for number, (world, call) in enumerate(product(worlds, calls * 2)):
            group.create_task(storm(number, world, *call))
        await until(lambda: len(answered) == 12)
        await processes.eyes.execute(TAKEN["the session is revoked"], UUID(session_of(person)))
        over.set()
    assert late == [401] * 12
