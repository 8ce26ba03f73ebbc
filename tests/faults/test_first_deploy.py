"""The first deploy on a server that has never seen Crossdock, in the wrong order: serve, then migrate."""

from collections.abc import Iterator

import httpx
import pytest

from crossdock.embedded import EmbeddedServer
from tests.acceptance.process import Service, crossdock, home
from tests.world import Server, World


@pytest.fixture
def untouched() -> Iterator[Server]:
    """A server of its own, with two logins and nothing else."""
    with home() as folder, EmbeddedServer(folder / "postgresql") as embedded:
        yield Server(embedded.superuser, embedded.owner, embedded.tenants, embedded.service)


async def test_serve_before_migrate_says_one_thing_and_does_it(untouched: Server) -> None:
    """Not even the roles are there: it starts, /readyz is 503 as was said, and once `migrate up` has run, with nothing
    started again, it is 200 and companies register."""
    settings = untouched.settings(untouched.owner.database)
    service = Service(settings)
    try:
        await service.start()
        assert service.log.count("crossdock migrate up") == 1
        async with service.http() as http:
            assert await readiness(http) == 503
            migrated = await crossdock("migrate", "up", settings=settings)
            assert migrated.status == 0, migrated
            assert await readiness(http) == 200
        world = World(base_url=service.url)
        for _ in range(8):
            await world.register("shipper")
    finally:
        await service.stop()


async def readiness(http: httpx.AsyncClient) -> int:
    return (await http.get("/readyz")).status_code
