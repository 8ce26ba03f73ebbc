"""The PgBouncer before the embedded PostgreSQL: shared, killed, set up wrongly, missing; and a service behind it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from crossdock.config.settings import Settings
from crossdock.driver.pooler import find_pooler
from crossdock.embedded import EmbeddedPooler
from crossdock.errors import ConfigurationError, DatabaseUnavailable
from tests.acceptance.process import Service, crossdock, home
from tests.acceptance.serving import register, serve, sign_in
from tests.commands.quick import PATIENCE_S
from tests.faults.pgbouncer import version
from tests.world import Server

__all__ = ["serve"]

Make = Callable[..., EmbeddedPooler]


@pytest.fixture
def make(settings: Settings, server: Server, tmp_path: Path) -> Make:
    """Poolers of one folder, before the tests' server."""

    def made(**configuration: str) -> EmbeddedPooler:
        user = settings.pooled.user
        return EmbeddedPooler(
            tmp_path / "pgbouncer", settings.pooled, server.owner.user, user, configuration=configuration
        )

    return made


@pytest.fixture
def folder() -> Iterator[Path]:
    with home() as made:
        yield made


def kill(pooler: EmbeddedPooler) -> None:
    process = pooler.process
    assert process is not None
    process.kill()
    psutil.wait_procs([process], PATIENCE_S)


async def answers(pooler: EmbeddedPooler, settings: Settings) -> bool:
    return await find_pooler(pooler.address(settings.pooled)) is not None


async def test_the_last_user_stops_it(make: Make, settings: Settings) -> None:
    """A second user finds the first one's, and the first to leave does not take it along."""
    with make() as first:
        started = first.process
        with make() as second:
            assert second.process == started
        assert await answers(first, settings)
    assert first.process is None


async def test_a_killed_one_is_started_again(make: Make, settings: Settings) -> None:
    """Its socket and its file stay behind. The id in the file may be another program's by now, which is left alone."""
    with make() as pooler:
        kill(pooler)
        (pooler.folder / "pid").chmod(0o666)
        (pooler.folder / "pid").write_text(str(os.getpid()))
        with make() as again:
            assert await answers(again, settings)
            found = again.process
            assert found is not None
            assert found.pid != os.getpid()
    assert pooler.process is None


def test_what_it_says_when_it_does_not_start(make: Make) -> None:
    """PgBouncer's own last line, and nothing is left running."""
    pooler = make(pool_mode="sideways")
    with pytest.raises(DatabaseUnavailable, match=r"PgBouncer did not start: .*pgbouncer/log\)"), pooler:
        pass
    assert pooler.process is None


def test_there_is_none(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said how to get it."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("crossdock.embedded.pooler.PLACES", ())
    with pytest.raises(ConfigurationError, match="apt-get install pgbouncer"), make():
        pass


async def test_before_another_database(settings: Settings) -> None:
    """What stands before a server that is configured is not ours to start."""
    ran = await crossdock("serve", "--port", "0", "--pooler", settings=settings)
    assert ran.is_one_line("--pooler puts PgBouncer before the embedded PostgreSQL, and another database is configured")


async def test_a_service_behind_it(serve: Callable[..., Service], folder: Path) -> None:
    """It says what it is behind. The pooler ends with it; one whose service was killed is found by the next."""
    service = serve(None, "--pooler", CROSSDOCK_DATA_DIR=str(folder))
    await service.start()
    assert f"via PgBouncer {version()} (transaction mode)" in service.log
    await register(service, "ada@pooled.example")
    service.kill()
    await service.process.wait()
    (left,) = _poolers(folder)
    await service.start()
    await sign_in(service, "ada@pooled.example")
    assert _poolers(folder) == [left]
    await service.end()
    assert _poolers(folder) == []


def _poolers(folder: Path) -> list[psutil.Process]:
    """Those that run for a data folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if f"{folder.resolve()}/pgbouncer/pgbouncer.ini" in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found
