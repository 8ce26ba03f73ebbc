"""A real PostgreSQL for the whole run, and a database of its own for each test process, copied from one template."""

import asyncio
import gc
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import fasteners
import psutil
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from crossdock import migrations
from crossdock.address import Address
from crossdock.config.settings import LogSettings, Settings
from crossdock.driver import connection as connecting
from crossdock.embedded import EmbeddedServer
from crossdock.embedded.server import LOGINS, OWNER, SERVICE, TENANTS
from crossdock.guards import allow
from crossdock.logging import configure
from crossdock.migrations.chain import chains_of
from crossdock.migrations.run.runner import Runner
from crossdock.models import own_rules
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.accounts.service.signing_in import passwords
from tests.acceptance.process import postmaster
from tests.application import FREIGHT
from tests.faults.pgbouncer import running_pooler
from tests.memory import quick_folder
from tests.spreading import spread
from tests.world import PATIENT_S, Server, World, database_name

DATA = Path(__file__).parents[1] / ".crossdock" / "test"
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick_folder(Path(tempfile.gettempdir()))))
"""Where pytest makes the folder that is `tmp_path`."""
connecting.CONNECT_TIMEOUT_S = PATIENT_S  # a busy machine takes its time to greet
passwords._hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
passwords.DECOY = passwords._hasher.hash("nobody's")
"""Thousands of people sign in here, and a hash is made to be slow. The service's own processes take what is set."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """`allows(kind, because)`: what the guards would find in this test, and why it is right there."""
    with ExitStack() as stack:
        for mark in item.iter_markers("allows"):
            stack.enter_context(allow(*mark.args))
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: the garbage collector need not go through it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a process of xdist's."""
    if hasattr(config, "workerinput"):
        items[:] = spread(items, config.workerinput["workercount"])


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server that all test processes share: embedded, or that of CROSSDOCK_TEST_DATABASE_URL (a superuser's)."""
    configure(LogSettings(level="error"))
    given = os.environ.get("CROSSDOCK_TEST_DATABASE_URL")
    if given:
        yield asyncio.run(_with_logins(Address.parse(given)))
        return
    with _embedded() as embedded:
        yield Server(embedded.superuser, embedded.owner, embedded.tenants, embedded.service)


@contextmanager
def _embedded() -> Iterator[EmbeddedServer]:
    """Shared by all test processes of this checkout. What lies in memory is removed by the one that ends last."""
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400"}
    mine = f"crossdock-test-{hashlib.sha256(str(DATA).encode()).hexdigest()[:12]}"
    folder, one_at_a_time = quick_folder(DATA) / mine, fasteners.InterProcessLock(DATA / "server.lock")
    server = EmbeddedServer(folder / "postgresql", fast)
    with one_at_a_time:
        server.__enter__()
    try:
        yield server
    finally:
        with one_at_a_time:
            server.__exit__(None, None, None)
            if folder.parent != DATA and postmaster(folder) is None:
                shutil.rmtree(folder)


async def _with_logins(superuser: Address) -> Server:
    """The server as the embedded one is: an owner and two logins of the service, none of them a superuser."""
    password = superuser.password or "crossdock"
    connection = await asyncpg.connect(**superuser.asyncpg())
    with fasteners.InterProcessLock(DATA / "logins.lock"):
        for user, rights in LOGINS.items():
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", user):
                await connection.execute(f"CREATE ROLE {user} LOGIN {rights} PASSWORD '{password}'")
    await connection.close()
    return Server(superuser, *(superuser.with_user(user, password) for user in (OWNER, TENANTS, SERVICE)))


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """A migrated database to copy. It is named after the revisions, names and content, and after what runs them, so
    one serves until they change."""
    machinery = Path(migrations.__file__).parent
    sources = sorted(
        path
        for folder in (*(chain.location for chain in chains_of(FREIGHT)), machinery)
        for path in folder.rglob("*.py")
    )
    sources += [machinery / "history" / "journal.sql", Path(own_rules.__file__)]
    content = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()[:12]
    name = f"crossdock_template_{content}"
    with fasteners.InterProcessLock(DATA / "template.lock"):
        asyncio.run(_make_template(server, name))
    return name


async def _make_template(server: Server, name: str) -> None:
    connection = await server.connect("postgres")
    for (left,) in await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'crossdock\\_test\\_%'"):
        if not psutil.pid_exists(int(left.split("_")[2])):  # its run was killed
            await connection.execute(f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)')
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}_new" WITH (FORCE)')  # a run that failed left it
        await connection.execute(f'CREATE DATABASE "{name}_new" OWNER "{server.owner.user}"')
        settings = server.settings(f"{name}_new")
        await Runner(settings, Registry.found()).up()
        await connection.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    await connection.close()


@pytest.fixture(scope="session")
def settings(server: Server, template: str) -> Iterator[Settings]:
    """Settings on this process's own copy of the template."""
    name = database_name("main")
    with behind_pooler(asyncio.run(server.copy(name, template)), server.owner.user) as located:
        yield located
    asyncio.run(server.drop(name))


@contextmanager
def behind_pooler(settings: Settings, owner: str) -> Iterator[Settings]:
    """The settings, with PgBouncer on the pooled lane where CROSSDOCK_TEST_POOLER says how many sessions it has."""
    sessions = os.environ.get("CROSSDOCK_TEST_POOLER")
    if not sessions:
        yield settings
        return
    with running_pooler(settings.pooled, owner, settings.platform.user, default_pool_size=sessions) as pooler:
        yield settings.with_database(
            pooler.address(settings.pooled), settings.direct, pooler.address(settings.platform)
        )


@pytest.fixture(scope="session")
def registry(settings: Settings) -> Registry:
    return Registry.found()


@pytest.fixture(scope="session")
async def database(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    async with Database(settings, registry) as opened:
        yield opened


@pytest.fixture(scope="session")
async def world(settings: Settings) -> AsyncIterator[World]:
    """The app that production runs, in this process, and clients signed in to it."""
    async with World.open(settings) as opened:
        yield opened
