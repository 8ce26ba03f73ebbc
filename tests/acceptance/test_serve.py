"""The real service: ready, refused, and what it says, with the embedded server and without."""

import re
import stat
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from freight.demo.world import EMAILS, OPERATOR_EMAIL, PASSWORD
from tests.acceptance.process import Port, Service, crossdock, home, run
from tests.acceptance.serving import folder, serve, sign_in
from tests.world import Server, database_name, ok

FIRST_SHIPMENT = Path(__file__).parents[2] / "examples" / "first_shipment.py"
GOOD_SECRET = "0123456789abcdef-0123456789abcdef-0123"

__all__ = ["folder", "serve"]


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[tuple[Service, Path]]:
    """A service that nobody ends before all have looked at it, and the data folder that it alone has."""
    with home() as made:
        service = Service(CROSSDOCK_DATA_DIR=str(made))
        await service.start()
        yield service, made
        await service.stop()


async def test_the_service_is_ready_when_it_says_so(running: tuple[Service, Path]) -> None:
    """It announces its address and docs page; /healthz and /readyz answer; each pool has its line in the log."""
    service, _ = running
    async with service.http() as http:
        assert (await http.get("/healthz")).text == "ok"
        ready = ok(await http.get("/readyz"))
    assert ready == {
        "ready": True,
        "pools": {"tortoise": "ok", "transactions": "ok", "platform": "ok", "direct": "ok"},
        "migrations": {"legacy": "ok", "new": "ok", "crossdock": "ok"},
    }
    assert service.announced == {"url": service.url, "docs": f"{service.url}/docs", **ready}
    pools = (
        "tortoise (tortoise) 1-8 as crossdock_tenants, transactions (sqlalchemy) 1-8 as crossdock_tenants,"
        " platform (sqlalchemy) 1-4 as crossdock_service"
    )
    assert re.search(
        rf"connected: pooled lane at /.*/crossdock, no pooler before it → {re.escape(pools)}\n", service.log
    )
    assert re.search(
        r"connected: direct lane at /.*/crossdock → direct \(asyncpg\) 1-1 as crossdock_owner, ", service.log
    )


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
    assert service.announced["demo"] == {"emails": [*EMAILS, OPERATOR_EMAIL], "password": PASSWORD}
    await sign_in(service, EMAILS[-1], PASSWORD)
    await service.stop()


async def test_a_taken_port_is_told_in_one_line(running: tuple[Service, Path]) -> None:
    """It names the port and who holds it, and nothing is started or harmed."""
    service, folder = running
    taken = await crossdock("serve", "--port", str(service.port), CROSSDOCK_DATA_DIR=str(folder))
    holder = f"another crossdock serve (process {service.process.pid})"
    assert taken.is_one_line(f"Port {service.port} on 127.0.0.1 is taken", holder)
    async with service.http() as http:
        ok(await http.get("/readyz"))


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
        "64 workers × (8 tortoise + 8 transactions + 4 platform + 1 direct + 1 health + 1 stages + 1 shadow)"
        " = 1536 connections;"
        " the server allows"
    )


PRODUCTION = {
    "no secret": (("serve",), {}, "CROSSDOCK_AUTH__SECRET is not set"),
    "a weak secret": (("serve",), {"CROSSDOCK_AUTH__SECRET": "changeme"}, "CROSSDOCK_AUTH__SECRET is weak"),
    "the demo world": (("serve", "--demo"), {"CROSSDOCK_AUTH__SECRET": GOOD_SECRET}, "demo data is refused"),
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
    service = serve(settings, forked=True, CROSSDOCK_ENVIRONMENT="production")
    await service.start()
    await service.stop()
    for command in (("seed",), ("serve", "--demo", "--port", "0")):
        assert (await crossdock(*command, settings=settings)).is_one_line("The demo data is refused", "production")
    assert (await crossdock("migrate", "down", settings=settings)).is_one_line("marked as production", "--yes")
    await server.drop(settings.direct.database)


async def test_a_database_that_is_behind_is_served_and_said_so(serve: Callable[..., Service], server: Server) -> None:
    """An external database is left to whoever deploys: /readyz says 503, and with --demo it is migrated."""
    name = database_name("behind")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    await admin.close()
    settings = server.settings(name)
    service = serve(settings, forked=True)
    await service.start()
    async with service.http() as http:
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/healthz")).status_code == 200
    await service.stop()
    said = [line for line in service.log.splitlines() if "run `crossdock migrate up`" in line]
    assert len(said) == 1, "both chains in one sentence"
    assert "Until then /readyz answers 503" in said[0]
    demo = serve(settings, "--demo", forked=True)
    await demo.start()
    assert demo.announced["ready"] is True
    await demo.stop()
    await server.drop(name)


async def test_the_example_plays_the_story(serve: Callable[..., Service], settings: Settings) -> None:
    """`examples/first_shipment.py` against a running service ends with status 0, and tells money as people read it. No
    proxy of the environment is asked for what is on this machine: neither by the example nor by the announcement."""
    nobody = f"http://127.0.0.1:{Port().number}"
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"), nobody) | {"NO_PROXY": ""}
    service = serve(settings, forked=True, **proxies)
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
