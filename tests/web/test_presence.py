"""Work for a client that went away is given up; what was being committed is not."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import orjson
import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from crossdock.operations.metrics import Metrics
from crossdock.web.middleware import RequestShell
from crossdock.web.presence import LOOKED_AFTER_S
from tests.waiting import WAITING, until, until_they_wait
from tests.world import Person, Server, World, load, ok

COMMITS = """
CREATE FUNCTION hold_the_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END$$;
CREATE CONSTRAINT TRIGGER hold_the_commit AFTER INSERT ON bookings DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hold_the_commit();
"""


@pytest.fixture(scope="module")
async def port(world: World) -> AsyncIterator[int]:
    """The app behind the server that production runs, on a socket of its own."""
    assert world.app is not None
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(world.app, lifespan="off", log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started)
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving


@pytest.fixture
async def eyes(world: World, server: Server) -> AsyncIterator[asyncpg.Connection]:
    """Sees who waits, and holds what they wait for."""
    assert world.app is not None
    connection = await server.connect(world.app.state.database.settings.pooled.database)
    yield connection
    await connection.close()


def request(method: str, path: str, person: Person, body: bytes = b"", *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: test", f"Authorization: {person.http.headers['Authorization']}", *more]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def hanging_up(port: int, text: bytes) -> AsyncIterator[None]:
    """Sends a request, and closes the connection at the end of the block."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    await writer.drain()
    yield
    writer.close()
    await writer.wait_closed()


async def test_a_write_of_nobody_is_given_up(world: World, port: int, eyes: asyncpg.Connection) -> None:
    """It waits for a row that somebody else holds. The client hangs up: it waits no more, though the row is still held,
    its connection is free, and nothing was written."""
    assert world.app is not None
    shipper = await world.register("shipper")
    booking = await world.draft(shipper)
    path = f"/v1/bookings/{booking['id']}"

    async with eyes.transaction():
        await eyes.execute("SELECT FROM bookings WHERE id = $1 FOR UPDATE", booking["id"])
        async with hanging_up(port, request("PATCH", path, shipper, b'{"weight_kg": 7}', "If-Match: *")):
            await until_they_wait(eyes, 1)
        await until(lambda: eyes.fetchval(f"SELECT NOT ({WAITING})", 1))
    gates = [pool.gate.statistics for pool in world.app.state.database.pools]
    await until(lambda: all(gate.in_use == 0 for gate in gates))
    assert ok(await shipper.http.get(path)) == booking


async def test_a_commit_that_is_under_way_ends(world: World, port: int, eyes: asyncpg.Connection) -> None:
    """The client hangs up while PostgreSQL commits: the booking is there, whole and once; sent again with its key, it
    is answered as it was."""
    shipper = await world.register("shipper")
    await eyes.execute(COMMITS)
    try:
        await eyes.execute("SELECT pg_advisory_lock(4711)")

        text = request("POST", "/v1/bookings", shipper, orjson.dumps(body := load()), "Idempotency-Key: mine")
        async with hanging_up(port, text):
            await until_they_wait(eyes, 1)
        await asyncio.sleep(LOOKED_AFTER_S * 3)  # by then the service has seen that, and COMMIT still waits
        await eyes.execute("SELECT pg_advisory_unlock(4711)")

        async def is_there() -> bool:
            return len(ok(await shipper.http.get("/v1/bookings"))["items"]) == 1

        await until(is_there)
    finally:
        await eyes.execute("DROP TRIGGER hold_the_commit ON bookings; DROP FUNCTION hold_the_commit")
    again = ok(await shipper.http.post("/v1/bookings", json=body, headers={"Idempotency-Key": "mine"}), 201)
    assert ok(await shipper.http.get("/v1/bookings"))["items"] == [again]


async def test_a_client_that_waits_is_answered(world: World, port: int, eyes: asyncpg.Connection) -> None:
    """However long it takes: who only waits is there, with a body to send and without."""
    shipper = await world.register("shipper")
    booking = await world.draft(shipper)
    path = f"/v1/bookings/{booking['id']}"
    for text in (request("POST", f"{path}/publish", shipper), request("PATCH", path, shipper, b"{}", "If-Match: *")):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with eyes.transaction():
            await eyes.execute("SELECT FROM bookings WHERE id = $1 FOR UPDATE", booking["id"])
            writer.write(text)
            await until_they_wait(eyes, 1)
            await asyncio.sleep(LOOKED_AFTER_S * 3)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_a_server_that_tells_no_end(world: World) -> None:
    """It gives an empty body at once, however often it is asked. It is asked twice, and the request goes on."""
    assert world.app is not None
    asked, statuses = 0, list[int | None]()

    async def receive() -> Message:
        nonlocal asked
        asked += 1
        assert asked < 100
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        statuses.append(message.get("status"))

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await until(lambda: asked == 2)
        await asyncio.sleep(LOOKED_AFTER_S)
        await PlainTextResponse("done")(scope, receive, send)

    shell = RequestShell(slow, settings=world.app.state.database.settings.http, metrics=Metrics())
    await shell({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)
    assert (asked, statuses) == (2, [200, None])
