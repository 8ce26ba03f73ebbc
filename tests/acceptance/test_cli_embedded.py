"""The embedded server under the commands: what killed processes leave behind, and folders that cannot be used."""

import asyncio
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.embedded import EmbeddedServer, server
from crossdock.embedded.programs import last_words
from crossdock.errors import ConfigurationError, DatabaseUnavailable
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


ODD = """it's a "100%" $HOME, `odd` \\ place"""


def test_a_folder_with_blanks_quotes_and_signs() -> None:
    """Paths reach no shell: the server is made, started, found by a second user, reached and stopped there."""
    with home() as folder:
        odd = folder / ODD / "postgresql"
        with EmbeddedServer(odd) as first, EmbeddedServer(odd) as second:
            assert first.owner == second.owner
            assert first.owner.host.startswith(str(folder / ODD)) or len(str(odd)) > SOCKET_MAX
            assert Address.parse(first.owner.url) == first.owner
            assert asyncio.run(_asked(first.owner)) == "crossdock_owner"
        assert postmaster(odd.parent) is None


SOCKET_MAX = 90


async def _asked(address: Address) -> str:
    connection = await connect(address)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond a megabyte, for this process and its children: a full disk to whoever is no root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_says_so(full_disk: None) -> None:
    """In the words of the program that could not write, and no half of a folder is taken for a whole one."""
    with home() as folder:
        with (
            pytest.raises(DatabaseUnavailable, match=r"could not be made in /.*: .*(File size limit|too large)"),
            EmbeddedServer(folder / "postgresql"),
        ):
            pass
        assert not (folder / "postgresql").exists()


FULL = "No space left on device"
WORDS = {
    f"initdb: removing\nx FATAL:  could not write to file: {FULL}\nchild process": f"could not write to file: {FULL}",
    f"12:00 [7] FATAL:  no segment: {FULL}\n12:00 [7] HINT:  Make room.\nbye": f"no segment: {FULL} (Make room.)",
    "initdb: error: no folder: Permission denied\ninitdb: hint: x": "no folder: Permission denied",
    "FATAL:  the first\nFATAL:  the last": "the last",
    "all is well": "",
}


@pytest.mark.parametrize("text", WORDS)
def test_the_last_words_of_a_program(text: str) -> None:
    """The last line that says why, with what it adds, and without the time and the process."""
    assert last_words(text) == WORDS[text]
