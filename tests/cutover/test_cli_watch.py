"""`crossdock move status --watch` in a terminal and in a pipe, and `crossdock move history`."""

import asyncio
import os
import pty
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest

from crossdock.cutover.operating import Operations
from crossdock.transaction import Database
from tests.acceptance.process import crossdock, environment
from tests.commands.quick import PATIENCE_S, Started, started
from tests.cutover.scene import MODULE
from tests.waiting import until
from tests.world import Server

COLUMNS = {"COLUMNS": "160", "TERM": "xterm"}
HOME = "\x1b[1A"
"""One line up: what is drawn replaces what was there."""


class Watching:
    """The command in a terminal of its own. `shown` is all that it has drawn so far."""

    def __init__(self, process: Started, terminal: int, errors: IO[str]) -> None:
        self.process = process
        self._errors = errors
        self._terminal = terminal
        os.set_blocking(terminal, False)
        self._drawn = ""

    @property
    def shown(self) -> str:
        try:
            while more := os.read(self._terminal, 65_536):
                self._drawn += more.decode(errors="replace")
        except OSError:  # nothing more for now, or the other side is closed
            pass
        return self._drawn

    async def until_shown(self, words: str) -> None:
        await until(lambda: words in self.shown or self.process.returncode is not None)
        assert words in self.shown, self.shown

    async def ended(self) -> tuple[int, str]:
        """Its status, and what it has said on stderr."""
        status = await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        self._errors.seek(0)
        return status, self._errors.read()


@asynccontextmanager
async def watching(database: Database, *arguments: str) -> AsyncIterator[Watching]:
    ours, theirs = pty.openpty()
    with TemporaryFile("w+") as errors:
        process = await started(
            *("crossdock.cli.entry:main", "crossdock", "move", "status", *arguments, "--watch"),
            folder=Path.cwd(),
            environment=environment(database.settings, **COLUMNS),
            files=[theirs, theirs, errors.fileno()],
        )
        os.close(theirs)
        try:
            yield Watching(process, ours, errors)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            os.close(ours)


async def test_it_draws_each_change_in_the_same_place(moved: Database, operator: Operations) -> None:
    """All modules, until somebody changes one: then that, over what was there."""
    async with watching(moved) as screen:
        await screen.until_shown("not moving")
        assert "shadow" not in screen.shown
        await operator.start(MODULE, sample=1)
        await screen.until_shown("shadow")
        assert HOME in screen.shown


async def test_of_one_module(moved: Database, operator: Operations) -> None:
    """What is compared at its stage, as long as it lasts."""
    await operator.start(MODULE, sample=1)
    async with watching(moved, MODULE) as screen:
        await screen.until_shown("bookings, what was compared at this stage")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it(moved: Database, number: signal.Signals) -> None:
    """With the status that shells expect, the cursor where it was, and no word."""
    async with watching(moved) as screen:
        await screen.until_shown("not moving")
        screen.process.send_signal(number)
        status, errors = await screen.ended()
        shown = screen.shown
    expected = signal.SIGTERM if number is signal.SIGHUP else number
    assert (status, errors) == (128 + expected, "")
    assert "Traceback" not in shown
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")


async def test_the_database_goes_away(server: Server, moved: Database) -> None:
    """One line says so, status 1."""
    name = moved.settings.direct.database
    superuser = await server.connect("postgres")
    async with watching(moved) as screen:
        await screen.until_shown("not moving")
        await superuser.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        status, errors = await screen.ended()
    await superuser.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await superuser.close()
    assert status == 1
    (line,) = errors.strip().splitlines()
    assert re.sub(r"\x1b\[[0-9;]*m", "", line).startswith("crossdock: ")
    assert name in line


async def test_a_module_that_there_is_not(moved: Database) -> None:
    """It ends at once, and says which there are."""
    ran = await crossdock("move", "status", "trucks", "--watch", settings=moved.settings)
    assert (ran.status, ran.output.strip()) == (1, "")
    assert "There is no module trucks: there are accounts, bids, bookings" in ran.errors


async def test_history_is_told_as_it_was(moved: Database, operator: Operations) -> None:
    """The newest first, with stage, share, who and why, whatever signs the reason has in it."""
    await operator.start(MODULE, sample=1, reason="[bold]begun[/]")
    await operator.read_only(MODULE, on=True, reason="as [1, 2]")
    await operator.back(MODULE, reason="enough")
    ran = await crossdock("move", "history", MODULE, settings=moved.settings)
    assert (ran.status, ran.errors) == (0, "")
    reasons = [re.search(r"enough|as \[1, 2\]|\[bold\]begun\[/\]", line) for line in ran.output.splitlines()]
    assert [found[0] for found in reasons if found] == ["enough", "as [1, 2]", "[bold]begun[/]"]
    assert ran.output.count("the test") == 3


async def test_history_of_nothing(moved: Database) -> None:
    """A module that has never moved has none; one that there is not is an error and no empty list."""
    ran = await crossdock("move", "history", MODULE, "--json", settings=moved.settings)
    assert ran.json == []
    ran = await crossdock("move", "history", "trucks", settings=moved.settings)
    assert ran.is_one_line("There is no module trucks")
