"""The real service: ready, ended, killed, shared and refused, with the embedded server and without."""

import asyncio
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from crossdock.demo.world import EMAILS, PASSWORD
from crossdock.kernel.config import Settings
from tests.acceptance.process import Port, Service, crossdock, home, postmaster, run
from tests.waiting import until
from tests.world import Server, database_name, ok

FIRST_SHIPMENT = Path(__file__).parents[2] / "examples" / "first_shipment.py"
OWN_PASSWORD = "correct horse battery"
GOOD_SECRET = "0123456789abcdef-0123456789abcdef-0123"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that the tests of this file share, each leaving nothing running."""
    with home() as made:
        yield made


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[tuple[Service, Path]]:
    """A service that nobody ends before all have looked at it, and the data folder that it alone has."""
    with home() as made:
        service = Service(CROSSDOCK_DATA_DIR=str(made))
        await service.start()
        yield service, made
        await service.stop()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Service]]:
    """Makes services, and ends those that a test leaves running."""
    made: list[Service] = []

    def make(*arguments: Any, **variables: str) -> Service:
        made.append(Service(*arguments, **variables))
        return made[-1]

    yield make
    for service in made:
        await service.stop()


async def register(service: Service, email: str) -> None:
    body = {
        "company": {"name": "Kept Goods", "kind": "shipper"},
        "user": {"name": "Ada", "email": email, "password": OWN_PASSWORD},
    }
    async with service.http() as http:
        ok(await http.post("/v1/auth/register", json=body), 201)


async def sign_in(service: Service, email: str, password: str = OWN_PASSWORD) -> None:
    async with service.http() as http:
        ok(await http.post("/v1/auth/token", data={"username": email, "password": password}))


async def test_the_service_is_ready_when_it_says_so(running: tuple[Service, Path]) -> None:
    """It announces its address and docs page; /healthz and /readyz answer; each pool has its line in the log."""
    service, _ = running
    async with service.http() as http:
        assert (await http.get("/healthz")).text == "ok"
        ready = ok(await http.get("/readyz"))
    assert ready == {
        "ready": True,
        "pools": {"legacy": "ok", "new": "ok", "direct": "ok"},
        "migrations": {"legacy": "ok", "new": "ok"},
    }
    assert service.announced == {"url": service.url, "docs": f"{service.url}/docs", **ready}
    assert "connected: legacy (tortoise) 1-8 → crossdock_service@" in service.log
    assert "connected: new (sqlalchemy) 1-8 → crossdock_service@" in service.log


async def test_secrets_are_private(running: tuple[Service, Path]) -> None:
    """What the first run makes is readable by its owner alone, in a folder that only they enter."""
    _, folder = running
    secret = folder / "secrets" / "auth"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
    assert len(secret.read_text()) >= 64


async def test_a_second_start_is_ready_at_once(serve: Callable[..., Service], folder: Path) -> None:
    """With its data there, it does nothing that takes time: it imports no migration tool, and finds the demo world."""
    imports = "import time:"  # how Python begins a line about each module that it imports
    for tools in (True, False):
        service = serve(None, "--demo", CROSSDOCK_DATA_DIR=str(folder), PYTHONPROFILEIMPORTTIME="1")
        await service.start()
        names = {line.rpartition("|")[2].strip() for line in service.log.splitlines() if line.startswith(imports)}
        assert ("aerich" in names, "alembic.command" in names) == (tools, tools)
        if tools:
            await service.stop()
    assert service.announced["demo"] == {"emails": list(EMAILS), "password": PASSWORD}
    await sign_in(service, EMAILS[-1], PASSWORD)
    await service.stop()


@pytest.mark.parametrize(("how", "workers"), [(signal.SIGINT, "2"), (signal.SIGTERM, "1"), (signal.SIGHUP, "1")])
async def test_the_end_waits_for_nobody(
    serve: Callable[..., Service], folder: Path, how: signal.Signals, workers: str
) -> None:
    """Ctrl-C, SIGTERM and a closed terminal end the service and PostgreSQL, whatever is still open: a connection that
    is kept alive, and a request whose body never comes."""
    service = serve(None, "--workers", workers, CROSSDOCK_DATA_DIR=str(folder))
    await service.start()
    async with service.http() as http:
        await http.get("/healthz")
        answer, hanging = await asyncio.open_connection("127.0.0.1", service.port)
        hanging.write(b"POST /v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        hanging.write(b"Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n{")
        assert b"100 Continue" in await answer.readline()  # the app waits for the body
        await service.end(how, group=how is signal.SIGINT)
        hanging.close()
    assert service.process.returncode == 0, service.log
    assert "Traceback" not in service.log
    assert postmaster(folder) is None


async def test_sigkill_loses_nothing(serve: Callable[..., Service], folder: Path) -> None:
    """PostgreSQL stays, the workers do not, and the next start on the same port finds what was written.

    The workers learn the database's address by their environment: a command line is for everybody to see.
    """
    service = serve(None, "--workers", "2", CROSSDOCK_DATA_DIR=str(folder))
    await service.start()
    await register(service, "ada@kept.example")
    assert not any("postgresql:" in line for line in command_lines(service))
    service.kill()
    await service.process.wait()
    assert postmaster(folder) is not None
    await until_refused(service)
    await service.start()
    await sign_in(service, "ada@kept.example")
    await service.stop()
    assert postmaster(folder) is None


def command_lines(service: Service) -> list[str]:
    """Those of the service and its workers, as `ps` shows them to everybody."""
    parent = psutil.Process(service.process.pid)
    workers = parent.children(recursive=True)
    assert len(workers) >= 2
    return [" ".join(process.cmdline()) for process in (parent, *workers)]


async def until_refused(service: Service) -> None:
    """Nobody listens on the port any more."""

    async def is_refused() -> bool:
        try:
            async with service.http() as http:
                await http.get("/healthz")
        except httpx.TransportError:
            return True
        return False

    await until(is_refused)


async def test_two_services_share_one_server(serve: Callable[..., Service], folder: Path) -> None:
    """The second one finds the first one's server and data; the server ends with the last of them."""
    first, second = serve(CROSSDOCK_DATA_DIR=str(folder)), serve(CROSSDOCK_DATA_DIR=str(folder))
    await asyncio.gather(first.start(), second.start())
    await register(first, "ada@shared.example")
    await first.end()
    await sign_in(second, "ada@shared.example")
    assert postmaster(folder) is not None
    await second.end()
    assert postmaster(folder) is None


async def test_a_taken_port_is_told_in_one_line(running: tuple[Service, Path]) -> None:
    """It names the port and who holds it, and nothing is started or harmed."""
    service, folder = running
    taken = await crossdock("serve", "--port", str(service.port), CROSSDOCK_DATA_DIR=str(folder))
    holder = f"another crossdock serve (process {service.process.pid})"
    assert taken.is_one_line(f"Port {service.port} on 127.0.0.1 is taken", holder)
    async with service.http() as http:
        ok(await http.get("/readyz"))


async def test_what_is_still_starting_can_be_ended(serve: Callable[..., Service]) -> None:
    """A signal before the service is ready stops what was started by then."""
    with home() as folder:
        service = serve(None, "--demo", CROSSDOCK_DATA_DIR=str(folder))
        starting = asyncio.create_task(service.start())
        while postmaster(folder) is None:  # noqa: ASYNC110  another process's file
            await asyncio.sleep(0.05)
        await service.end()
        with pytest.raises(AssertionError, match="ended before it was ready"):
            await starting
        assert service.process.returncode == 0, service.log
        assert postmaster(folder) is None


UNREACHABLE = {
    "nothing listens": (lambda port: f"postgresql://ada:s3cret@127.0.0.1:{port}/crossdock", "Cannot connect"),
    "not a database": (lambda _: "mysql://ada:s3cret@127.0.0.1/crossdock", "postgresql://"),
}


@pytest.mark.parametrize("why", UNREACHABLE)
async def test_a_wrong_database_is_told_in_one_line(why: str) -> None:
    """Exit status 1, no traceback, no password, and no server of our own instead."""
    url, word = UNREACHABLE[why]
    silent = Port()
    with home() as folder:
        variables = {"DATABASE_URL": url(silent.number), "CROSSDOCK_DATA_DIR": str(folder)}
        refused = await crossdock("serve", "--port", "0", **variables)
        assert refused.is_one_line(word)
        assert "s3cret" not in refused.errors
        assert not (folder / "postgresql").exists()


async def test_a_database_that_is_missing_is_told_in_one_line(server: Server) -> None:
    """It names the database and how to make it."""
    refused = await crossdock("serve", "--port", "0", settings=server.settings("not_there"))
    assert refused.is_one_line("no database 'not_there'", "createdb not_there")


async def test_pools_that_do_not_fit_are_told_with_the_arithmetic(settings: Settings) -> None:
    """Before the port opens, in one line."""
    refused = await crossdock("serve", "--port", "0", "--workers", "64", settings=settings)
    assert refused.is_one_line(
        "64 workers × (8 legacy + 8 new + 3 direct + 1 health) = 1280 connections; the server allows"
    )


PRODUCTION = {
    "no secret": (("serve",), {}, "CROSSDOCK_AUTH__SECRET is not set"),
    "a weak secret": (("serve",), {"CROSSDOCK_AUTH__SECRET": "changeme"}, "CROSSDOCK_AUTH__SECRET is weak"),
    "the demo world": (("serve", "--demo"), {"CROSSDOCK_AUTH__SECRET": GOOD_SECRET}, "demo world is refused"),
    "the embedded server": (("serve",), {"CROSSDOCK_AUTH__SECRET": GOOD_SECRET}, "set DATABASE_URL"),
    "seeding": (("seed",), {"CROSSDOCK_AUTH__SECRET": GOOD_SECRET}, "refused"),
}


@pytest.mark.parametrize("what", PRODUCTION)
async def test_production_refuses(what: str) -> None:
    """In one line, before anything is started or made, and before the port is looked at, which is taken."""
    command, variables, word = PRODUCTION[what]
    port = Port()
    port.take()
    if command[0] == "serve":
        command = (*command, "--port", str(port.number))
    with home() as folder:
        variables = {"CROSSDOCK_ENVIRONMENT": "production", "CROSSDOCK_DATA_DIR": str(folder), **variables}
        refused = await crossdock(*command, **variables)
        assert refused.is_one_line(word)
        assert list(folder.iterdir()) == []


async def test_a_production_database_stays_one(serve: Callable[..., Service], server: Server, template: str) -> None:
    """Once served in production it refuses the demo world, and to be dropped, when nothing else says production."""
    settings = await server.copy(database_name("production"), template)
    service = serve(settings, CROSSDOCK_ENVIRONMENT="production")
    await service.start()
    await service.stop()
    for command in (("seed",), ("serve", "--demo", "--port", "0")):
        assert (await crossdock(*command, settings=settings)).is_one_line("The demo world is refused", "production")
    assert (await crossdock("migrate", "down", settings=settings)).is_one_line("marked as production", "--yes")
    await server.drop(settings.direct.database)


async def test_a_database_that_is_behind_is_served_and_said_so(serve: Callable[..., Service], server: Server) -> None:
    """An external database is left to whoever deploys: /readyz says 503, and with --demo it is migrated."""
    name = database_name("behind")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    await admin.close()
    settings = server.settings(name)
    service = serve(settings)
    await service.start()
    async with service.http() as http:
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).status_code == 200
    await service.stop()
    said = [line for line in service.log.splitlines() if "run `crossdock migrate up`" in line]
    assert len(said) == 1, "both chains in one sentence"
    assert "Until then /readyz answers 503" in said[0]
    demo = serve(settings, "--demo")
    await demo.start()
    assert demo.announced["ready"] is True
    await demo.stop()
    await server.drop(name)


async def test_the_example_plays_the_story(serve: Callable[..., Service], settings: Settings) -> None:
    """`examples/first_shipment.py` against a running service ends with status 0, and tells money as people read it. No
    proxy of the environment is asked for what is on this machine: neither by the example nor by the announcement."""
    nobody = f"http://127.0.0.1:{Port().number}"
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), nobody) | {"NO_PROXY": ""}
    service = serve(settings, **proxies)
    await service.start()
    played = await run(Path(sys.executable), str(FIRST_SHIPMENT), "--url", service.url, **proxies)
    await service.stop()
    assert played.status == 0, played
    for line in ("5,000.00 EUR", "1,187.50 EUR: 1,250.00 EUR less the platform's fee of 62.50 EUR", "sees none of it"):
        assert line in played.output


async def test_the_example_says_that_nothing_answers() -> None:
    """One line and exit status 1."""
    silent = Port()
    url = f"http://127.0.0.1:{silent.number}"
    assert (await run(Path(sys.executable), str(FIRST_SHIPMENT), "--url", url)).is_one_line(f"Nothing answers at {url}")
