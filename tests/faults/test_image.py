"""A deployment as compose makes it, without Docker: the image's files, the three logins, migrate, then serve."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from crossdock.embedded import EmbeddedServer
from crossdock.embedded.pooler import find_program
from crossdock.embedded.programs import Programs, wait_until
from tests.acceptance.process import MAIN, Service, home, run
from tests.commands.quick import PATIENCE_S
from tests.faults.pgbouncer import can_carry, version
from tests.image import LOGINS, ROOT, build, composed, health_command
from tests.world import TEST_SECRET, World

POOLER = ROOT / "deploy" / "pgbouncer"
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


@pytest.fixture
def pooler(database: EmbeddedServer) -> Iterator[Path]:
    """The folder with the socket of a PgBouncer before it, which has the files and the passwords of compose."""
    server = f"host={database.superuser.host} port={database.superuser.port}"
    with home() as folder:
        here = {
            "host=postgresql port=5432": server,
            "listen_addr = *": "listen_addr =",
            "unix_socket_dir =": f"unix_socket_dir = {folder}",
            "/tmp/users.txt": f"{folder}/users.txt",  # noqa: S108  as it is in the container
            "/etc/crossdock": str(folder),
            "exec pgbouncer": f"exec {find_program()}",
        }
        for file in (POOLER / "pgbouncer.ini", POOLER / "start.sh"):
            text = file.read_text()
            for written, is_here in here.items():
                text = text.replace(written, is_here)
            if not can_carry(version()):
                text = re.sub(r"^max_prepared_statements .*\n", "", text, flags=re.MULTILINE)
            (folder / file.name).write_text(text)
        programs = Programs()
        programs.give(folder)
        variables = {"PATH": os.environ["PATH"], **composed()["pgbouncer"]["environment"]}
        process = subprocess.Popen(["sh", folder / "start.sh"], env=variables, user=programs.user)
        assert wait_until(lambda: (folder / ".s.PGSQL.6543").exists(), PATIENCE_S)
        yield folder
        process.terminate()
        process.wait()


def settings_of(service: str, server: EmbeddedServer, pooler: Path) -> dict[str, str]:
    """What compose sets, for production, with the server and the pooler where they are here."""
    here = f"@:{server.superuser.port}/crossdock?host={quote(server.superuser.host)}"
    pooled = f"@:6543/crossdock?host={quote(str(pooler))}"
    production = {"CROSSDOCK_ENVIRONMENT": "production", "CROSSDOCK_AUTH__SECRET": TEST_SECRET}
    given = composed()[service]["environment"] | production
    places = {"@postgresql/crossdock": here, "@pgbouncer:6543/crossdock": pooled}
    for place, is_here in places.items():
        given = {name: value.replace(place, is_here) for name, value in given.items()}
    return given


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def healthy(port: int) -> bool:
    """What the image's health check says, with a proxy in its environment that leads nowhere."""
    program, *arguments = health_command()
    assert program == "python"
    checked = [argument.replace(":8000", f":{port}") for argument in arguments]
    proxied = os.environ | {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    return subprocess.run([sys.executable, *checked], env=proxied, capture_output=True, check=False).returncode == 0


async def test_it_deploys_with_three_logins_and_what_is_copied(
    database: EmbeddedServer, pooler: Path, tmp_path: Path
) -> None:
    """`migrate up` and then the service, from the image's files alone: companies register, the doctor finds nothing
    wrong, the tenants' login cannot become the platform, and nothing is written beside the code."""
    build(tmp_path)
    before, code = files(tmp_path), {"PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    for command in (["migrate", "up"], ["doctor"]):
        variables = settings_of("migrate", database, pooler) | code
        ran = await run(Path(sys.executable), "-c", MAIN, *command, **variables)
        assert ran.status == 0, ran
    variables = settings_of("service", database, pooler) | code
    service = Service(None, code=tmp_path / "src", **variables)
    assert not healthy(service.port)
    await service.start()
    try:
        assert healthy(service.port)
        async with service.http() as http:
            assert (await http.get("/readyz")).status_code == 200
        await World(base_url=service.url).register("shipper")
        assert f"via PgBouncer {version()} (transaction mode)" in service.log
    finally:
        await service.stop()
    assert files(tmp_path) == before
    superuser = await asyncpg.connect(**database.superuser.asyncpg())
    assert not await superuser.fetchval("SELECT pg_has_role('crossdock_tenants', 'crossdock_platform', 'MEMBER')")
    await superuser.close()
