"""A deployment as compose makes it, without Docker: the image's files, the three logins, migrate, then serve."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from crossdock.embedded import EmbeddedServer
from crossdock.embedded.programs import Programs
from tests.acceptance.process import MAIN, Service, home, run
from tests.image import LOGINS, build, composed, health_command
from tests.world import TEST_SECRET, World

HBA = "local all postgres trust\nlocal all all scram-sha-256\n"


class NewServer(EmbeddedServer):
    """A server with nothing of ours on it, which asks for passwords."""

    def _configure(self) -> None:
        super()._configure()
        (self.folder / "pg_hba.conf").write_text(HBA)

    async def _prepare(self) -> None:
        """No logins: that is what the script is for."""


@pytest.fixture
def database() -> Iterator[EmbeddedServer]:
    """Where deploy/logins.sql has run, as the container of PostgreSQL runs it."""
    with home() as folder, NewServer(folder / "postgresql") as server:
        given = composed()["postgresql"]["environment"]
        place = ("-h", server.superuser.host, "-p", str(server.superuser.port), "-U", "postgres", "-d", "postgres")
        psql = [Programs().bin / "psql", "-v", "ON_ERROR_STOP=1", "--no-psqlrc", *place, "-f", LOGINS]
        subprocess.run(psql, env=os.environ | given, check=True, capture_output=True)
        yield server


def settings_of(service: str, server: EmbeddedServer) -> dict[str, str]:
    """What compose sets, for production, with the server where it is here."""
    here = f"@:{server.superuser.port}/crossdock?host={quote(server.superuser.host)}"
    production = {"CROSSDOCK_ENVIRONMENT": "production", "CROSSDOCK_AUTH__SECRET": TEST_SECRET}
    given = composed()[service]["environment"] | production
    return {name: value.replace("@postgresql/crossdock", here) for name, value in given.items()}


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def healthy(port: int) -> bool:
    """What the image's health check says, with a proxy in its environment that leads nowhere."""
    program, *arguments = health_command()
    assert program == "python"
    checked = [argument.replace(":8000", f":{port}") for argument in arguments]
    proxied = os.environ | {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    return subprocess.run([sys.executable, *checked], env=proxied, capture_output=True, check=False).returncode == 0


async def test_it_deploys_with_three_logins_and_what_is_copied(database: EmbeddedServer, tmp_path: Path) -> None:
    """`migrate up` and then the service, from the image's files alone: companies register, the doctor finds nothing
    wrong, the tenants' login cannot become the platform, and nothing is written beside the code."""
    build(tmp_path)
    before, code = files(tmp_path), {"PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    for command in (["migrate", "up"], ["doctor"]):
        variables = settings_of("migrate", database) | code
        ran = await run(Path(sys.executable), "-c", MAIN, *command, **variables)
        assert ran.status == 0, ran
    service = Service(None, code=tmp_path / "src", **settings_of("service", database), PYTHONDONTWRITEBYTECODE="1")
    assert not healthy(service.port)
    await service.start()
    try:
        assert healthy(service.port)
        async with service.http() as http:
            assert (await http.get("/readyz")).status_code == 200
        await World(base_url=service.url).register("shipper")
    finally:
        await service.stop()
    assert files(tmp_path) == before
    superuser = await asyncpg.connect(**database.superuser.asyncpg())
    assert not await superuser.fetchval("SELECT pg_has_role('crossdock_tenants', 'crossdock_platform', 'MEMBER')")
    await superuser.close()
