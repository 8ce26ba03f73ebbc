"""The real server at its edge: heads without an end, whose address counts, and what a request is told at the end."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from crossdock.cli.serve.protocol import HEAD_MAX_BYTES
from crossdock.config.settings import Settings
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.service.signing_in.throttle import ADDRESS, FREE, keys_of
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.signing_in import ThrottleRow
from tests.acceptance.process import PATIENCE_S, Service
from tests.world import Server, database_name, unique

LIMIT_S = 1.0


@pytest.fixture(scope="module")
async def edge(server: Server, template: str) -> AsyncIterator[Service]:
    """A service behind a proxy on this machine, with a second for the headers."""
    name = database_name("edge")
    variables = {"CROSSDOCK_HTTP__HEADERS_TIMEOUT_S": str(LIMIT_S)}
    settings = await server.copy(name, template)
    service = Service(settings, "--forwarded-allow-ips", "127.0.0.1,10.0.0.0/8", forked=True, **variables)
    await service.start()
    yield service
    await service.stop()
    await server.drop(name)


@pytest.fixture(scope="module")
async def patient(settings: Settings) -> AsyncIterator[Service]:
    """A service that has the time for any machine's headers."""
    service = Service(settings, forked=True)
    await service.start()
    yield service
    await service.stop()


async def said(service: Service, *parts: bytes, pause_s: float = 0) -> bytes:
    """All that the service answers until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    async with asyncio.timeout(PATIENCE_S):
        sending = asyncio.create_task(_send(writer, parts, pause_s))
        answer = await reader.read()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    writer.close()
    return answer


async def _send(writer: asyncio.StreamWriter, parts: tuple[bytes, ...], pause_s: float) -> None:
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(pause_s)


HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


def problem_of(answer: bytes) -> tuple[int, str]:
    """The status and the code of the last answer of a connection."""
    head, _, body = answer.rpartition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"connection: close" in head
    return int(head.rpartition(b"HTTP/1.1 ")[2][:3]), json.loads(body)["code"]


async def test_a_head_without_an_end_is_cut(edge: Service) -> None:
    """Also where a byte comes now and then: none prolongs the time."""
    assert problem_of(await said(edge, HEAD)) == (408, "headers_too_slow")
    trickle = (HEAD, *(b"x-%d: y\r\n" % n for n in range(1_000)))
    assert problem_of(await said(edge, *trickle, pause_s=LIMIT_S / 10)) == (408, "headers_too_slow")


async def test_a_later_request_of_a_connection_has_the_same_limit(edge: Service) -> None:
    """After one that was answered, and after the empty line that some clients send behind a body."""
    for between in (b"", b"\r\n"):
        answer = await said(edge, HEAD + b"\r\n" + between, HEAD, pause_s=LIMIT_S / 10)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert problem_of(answer) == (408, "headers_too_slow")


async def test_who_says_nothing_is_left(edge: Service) -> None:
    """Without an answer: a browser opens connections ahead of its requests. Empty lines are nothing."""
    assert await said(edge) == b""
    assert problem_of(await said(edge, b"\r\n\r\n")) == (408, "headers_too_slow")


async def test_a_head_of_any_size_is_cut(patient: Service) -> None:
    """It is told before its time is over. Nothing follows the byte that is too many: the end of a connection that has
    more to read is a reset, which may overtake the answer."""
    too_much = HEAD + b"x: "
    too_much += b"y" * (HEAD_MAX_BYTES + 1 - len(too_much))
    assert problem_of(await said(patient, too_much)) == (431, "headers_too_large")


async def test_a_request_in_time_is_answered(patient: Service) -> None:
    """In pieces, and one behind the other; what follows the head has a limit of its own."""
    pieces = [HEAD[at : at + 10] for at in range(0, len(HEAD), 10)]
    answer = await said(patient, *pieces, b"Connection: close\r\n\r\n", pause_s=0.01)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    answer = await said(patient, HEAD + b"\r\n" + HEAD + b"Connection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 2


async def tried(edge: Service, forwarded: str) -> int:
    """The status of a wrong sign-in that a proxy passes on."""
    async with edge.http() as http:
        form = {"username": f"{unique('nobody')}@nowhere.example", "password": "wrong password"}
        headers = {"X-Forwarded-For": forwarded}
        return (await http.post("/v1/auth/token", data=form, headers=headers)).status_code


async def test_the_throttle_counts_by_the_address_that_a_proxy_tells(
    edge: Service, server: Server, registry: object
) -> None:
    """300 wrong sign-ins of one client are its own, whatever it writes before its address, and nobody else's."""
    async with Database(server.settings(database_name("edge")), registry) as database:  # type: ignore[arg-type]
        key, now = keys_of("", "203.0.113.9").address, database.clock.now()
        assert key is not None
        async with database.transaction(Platform("test")) as tx:
            store = tx.store(AccountStore)
            await store.add_throttles([key], now)
            await store.change_throttle(ThrottleRow(key, FREE[ADDRESS] - 1, None, now))
    assert await tried(edge, "198.51.100.1, 203.0.113.9, 10.1.2.3") == 401
    assert await tried(edge, "198.51.100.2, 203.0.113.9") == 429
    assert await tried(edge, "203.0.113.10") == 401
    assert await tried(edge, "203.0.113.9, 203.0.113.10") == 401


WAITS_FOR_ITS_BODY = b"""\
POST /v1/auth/register HTTP/1.1\r
Host: x\r
Content-Type: application/json\r
Content-Length: 9\r
Expect: 100-continue\r
\r
"""


async def test_the_end_of_the_service_is_told_as_that(server: Server, template: str) -> None:
    """A request that the end cuts short gets 503 and Retry-After, as a problem; it is no fault of the program."""
    name = database_name("ending")
    service = Service(await server.copy(name, template), forked=True)
    await service.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(WAITS_FOR_ITS_BODY)
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"  # it is being answered
    await service.end()
    answer = await reader.read()
    writer.close()
    head, _, text = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in head.lower()
    assert json.loads(text)["code"] == "service_ending"
    assert "Traceback" not in service.log
    await server.drop(name)
