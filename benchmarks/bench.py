"""What a run has in hand: the server of the databases, a world, signed requests on disk, and who plays."""

import asyncio
import fcntl
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contestants import Contestant, environment
from benchmarks.requests import Endpoint, Passport, Population, Request, write_requests
from benchmarks.serving import Serving, serving
from benchmarks.world.recipe import BOOKINGS, make_world
from benchmarks.world.server import DATA, Server, copy_of, running_server

Tell = Callable[[str], None]
"""Hears what was found, line by line."""


@contextmanager
def alone(tell: Tell) -> Iterator[None]:
    """Two runs at once would measure each other: the second one waits for the first."""
    DATA.mkdir(parents=True, exist_ok=True)
    with (DATA / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("Another run is under way: waiting for its end.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(slots=True)
class Bench:
    """Made by `Bench.open()`."""

    server: Server
    bookings: int
    template: str
    population: Population
    passport: Passport
    folder: Path
    _prepared: dict[str, list[Request]] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def open(cls, bookings: int = BOOKINGS) -> Iterator["Bench"]:
        """On the benchmarks' own server. Makes the world where it is not there yet."""
        with running_server() as server, cls.on(server, bookings) as bench:
            yield bench

    @classmethod
    @contextmanager
    def on(cls, server: Server, bookings: int) -> Iterator["Bench"]:
        """The same on a server that is running."""
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            template = asyncio.run(make_world(server, bookings))
            population = asyncio.run(_population(server, template))
            yield cls(server, bookings, template, population, Passport(secrets.token_hex(32)), Path(folder))

    def requests(self, endpoint: Endpoint) -> list[Request]:
        if endpoint.name not in self._prepared:
            self._prepared[endpoint.name] = endpoint.prepare(self.population)
        return self._prepared[endpoint.name]

    def file(self, endpoint: Endpoint, contestant: Contestant) -> Path:
        """The endpoint's requests as wrk reads them: signed for the service, plain for a peer."""
        path = self.folder / f"{endpoint.name}.{'ours' if contestant.is_ours else 'peer'}"
        if not path.exists():
            write_requests(path, self.requests(endpoint), self.passport if contestant.is_ours else None)
        return path

    @contextmanager
    def copy(self, purpose: str) -> Iterator[str]:
        """A fresh database of the same world."""
        with copy_of(self.server, self.template, purpose) as name:
            yield name

    @contextmanager
    def start(self, contestant: Contestant, database: str, workers: int = 1) -> Iterator[Serving]:
        """A server on a database, until the end of the block."""
        service, owner, superuser = (
            address.with_database(database)
            for address in (self.server.service, self.server.owner, self.server.superuser)
        )
        variables = environment(
            contestant, service=service, owner=owner, superuser=superuser, secret=self.passport.secret
        )
        logs = DATA / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with serving(contestant, variables, logs / f"{contestant.name}.log", workers) as started:
            yield started

    @contextmanager
    def start_all(self, contestants: Sequence[Contestant]) -> Iterator[list[Serving]]:
        """All of them on one database."""
        with ExitStack() as stack:
            database = stack.enter_context(self.copy("shared"))
            yield [stack.enter_context(self.start(contestant, database)) for contestant in contestants]

    @contextmanager
    def start_apart(self, contestants: Sequence[Contestant]) -> Iterator[list[Serving]]:
        """Each on a copy of its own: for requests that only work once."""
        with ExitStack() as stack:
            databases = [stack.enter_context(self.copy(contestant.name)) for contestant in contestants]
            yield [
                stack.enter_context(self.start(contestant, database))
                for contestant, database in zip(contestants, databases, strict=True)
            ]


async def _population(server: Server, name: str) -> Population:
    connection = await server.connect(name)
    try:
        return await Population.read(connection)
    finally:
        await connection.close()
