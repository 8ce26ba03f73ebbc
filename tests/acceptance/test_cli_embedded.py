"""The embedded server under the commands: what killed processes leave behind, and folders that cannot be used."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crossdock.kernel.embedded import EmbeddedServer, server
from crossdock.kernel.errors import ConfigurationError, DatabaseUnavailable
from tests.acceptance.process import home, postmaster
from tests.commands.quick import PATIENCE_S


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that each test leaves with nothing running."""
    with home() as made:
        yield made


def kill(process: psutil.Process | None) -> None:
    """With its children: their shared memory would be in use for a while."""
    assert process is not None
    for each in (process, *process.children()):
        each.kill()
    psutil.wait_procs([process], PATIENCE_S)


def test_the_last_user_stops_it(folder: Path) -> None:
    """A second user finds the first one's server, and the first to leave does not take it along."""
    with EmbeddedServer(folder / "postgresql"):
        first = postmaster(folder)
        with EmbeddedServer(folder / "postgresql"):
            assert postmaster(folder) == first
        assert postmaster(folder) == first
    assert postmaster(folder) is None


def test_a_killed_server_is_started_again(folder: Path) -> None:
    """Its file stays behind, with a process id that another program may have by now: it is not taken for the server."""
    with EmbeddedServer(folder / "postgresql"):
        kill(postmaster(folder))
    file = folder / "postgresql" / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with EmbeddedServer(folder / "postgresql"):
        found = postmaster(folder)
        assert found is not None
        assert found.pid != os.getpid()


def test_half_an_initialisation_is_begun_anew() -> None:
    """Killed in the middle of the first start: the data folder is made beside its place, and moved there when whole."""
    with home() as fresh:
        half = fresh / "postgresql.new"
        half.mkdir()
        (half / "PG_VERSION").write_text("18\n")
        with EmbeddedServer(fresh / "postgresql") as started:
            assert started.owner.user == "crossdock_owner"
        assert not half.exists()


def test_a_signal_waits_until_the_start_is_over(folder: Path) -> None:
    """It is not lost, and no server that nobody knows of is left."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    embedded = EmbeddedServer(folder / "postgresql")
    embedded._configure = lambda: os.kill(os.getpid(), signal.SIGTERM)  # type: ignore[method-assign]
    try:
        with pytest.raises(KeyboardInterrupt), embedded:
            raise AssertionError("the start was not interrupted")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert postmaster(folder) is None


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    """Told with the folder's name, and nothing is overwritten."""
    (tmp_path / "data").write_text("a letter")
    with (
        pytest.raises(ConfigurationError, match=r"cannot use .*/data/postgresql"),
        EmbeddedServer(tmp_path / "data" / "postgresql"),
    ):
        pass
    assert (tmp_path / "data").read_text() == "a letter"


def test_a_server_that_does_not_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own last word, and where its log is."""
    monkeypatch.setattr(server, "RETRY_S", 0)
    with EmbeddedServer(folder / "postgresql"):
        pass
    broken = EmbeddedServer(folder / "postgresql", {"max_connections": "many"})
    with pytest.raises(DatabaseUnavailable, match=r"did not start: .*postgresql.auto.conf.* contains errors"), broken:
        pass
    with EmbeddedServer(folder / "postgresql"):
        assert postmaster(folder) is not None
