"""The PostgreSQL of the benchmarks, and a fresh copy of a world for what writes in it."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from crossdock.address import Address
from crossdock.embedded import EmbeddedServer

DATA = Path(__file__).parents[2] / ".crossdock" / "bench"
CONFIGURATION = {"max_connections": "400", "shared_buffers": "1GB", "max_wal_size": "4GB"}
"""As a production server has it: more memory and longer checkpoints, and every guarantee as it comes. fsync is on."""
COPY_PREFIX = "bench_copy_"


@dataclass(frozen=True, slots=True)
class Server:
    """Who may come to a database of the server, and as what."""

    superuser: Address
    owner: Address
    service: Address

    async def connect(self, name: str) -> asyncpg.Connection:
        """A superuser's connection."""
        return await asyncpg.connect(**self.superuser.with_database(name).asyncpg())

    async def execute(self, statement: str) -> None:
        """One statement that belongs to no database, such as CREATE DATABASE."""
        connection = await self.connect("postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def processes(self) -> list[psutil.Process]:
        """PostgreSQL's, which has to run on this machine: its first one, and all that that one has made."""
        first = asyncio.run(self._first_process())
        return [first, *first.children()]

    async def _first_process(self) -> psutil.Process:
        connection = await self.connect("postgres")
        try:
            parent = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()")).parent()
        finally:
            await connection.close()
        assert parent is not None
        return parent

    async def drop(self, name: str) -> None:
        await self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def running_server() -> Iterator[Server]:
    """The embedded server, in a data folder of its own that stays between runs."""
    with EmbeddedServer(DATA / "postgresql", CONFIGURATION) as embedded:
        server = Server(embedded.superuser, embedded.owner, embedded.service)
        asyncio.run(_forget_left_copies(server))
        yield server


@contextmanager
def copy_of(server: Server, template: str, purpose: str) -> Iterator[str]:
    """A copy of a database, dropped at the end."""
    name = f"{COPY_PREFIX}{os.getpid()}_{purpose}"
    owner = server.owner.user
    copied = f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{owner}" STRATEGY FILE_COPY'
    asyncio.run(server.drop(name))
    asyncio.run(server.execute(copied))
    try:
        yield name
    finally:
        asyncio.run(server.drop(name))


async def _forget_left_copies(server: Server) -> None:
    """Those of a run that was killed: their names say which process made them."""
    connection = await server.connect("postgres")
    names = await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", COPY_PREFIX)
    await connection.close()
    for (name,) in names:
        if not psutil.pid_exists(int(name.split("_")[2])):
            await server.drop(name)
