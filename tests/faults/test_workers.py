"""Workers that cannot be helped at once: those that hang, and those that die whenever they are started."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from crossdock.config.settings import Settings
from tests.acceptance.process import PATIENCE_S, Service, environment
from tests.acceptance.test_workers import WORKERS, all_serve, workers

ROOT = Path(__file__).parents[2]

SERVED = """
from crossdock.cli.serve import worker
from crossdock.cli.serve.listening import bound, listen
from crossdock.registry import load_settings

if __name__ == "__main__":
    with bound("127.0.0.1", 0) as listener:
        listen(listener)
        worker.run(load_settings(), listener, "tests.faults.dying:{app}")
"""


@asynccontextmanager
async def served(
    settings: Settings, app: str, tmp_path: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Path]]:
    """A service of two workers with another app, and what it logs."""
    script, log = tmp_path / "served.py", tmp_path / "log"
    script.write_text(SERVED.format(app=app))
    variables = environment(settings, CROSSDOCK_WORKERS=str(WORKERS), PYTHONPATH=str(ROOT))
    with log.open("w") as file:
        process = await asyncio.create_subprocess_exec(sys.executable, script, env=variables, stderr=file, stdout=file)
    yield process, log
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), PATIENCE_S)


def logged(log: Path) -> str:
    return log.read_text()


async def until(log: Path, words: str, times: int) -> str:
    """The log, once it has the words so often."""
    async with asyncio.timeout(PATIENCE_S):
        while logged(log).count(words) < times:  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.05)
    return logged(log)


async def test_who_dies_at_each_start_is_started_more_and_more_rarely(settings: Settings, tmp_path: Path) -> None:
    """A processor is not spent on it, and the log is not filled."""
    async with served(settings, "dies", tmp_path) as (process, log):
        text = await until(log, "next_in_s=2.0", WORKERS)
        assert process.returncode is None
    for delay in ("0.0", "0.5", "1.0"):
        assert text.count(f"next_in_s={delay}") == WORKERS
    assert process.returncode == 0


async def test_who_cannot_start_at_first_ends_the_service(settings: Settings, tmp_path: Path) -> None:
    """What is wrong would be wrong the next time too: it is said, and nobody waits for a port that never opens."""
    async with served(settings, "cannot_start", tmp_path) as (process, log):
        assert await asyncio.wait_for(process.wait(), PATIENCE_S) != 0
    assert "DidNotStart" in logged(log)
    assert "worker_died" not in logged(log)


async def test_who_hangs_is_killed_and_replaced(settings: Settings) -> None:
    """One whose process was stopped; the other serves meanwhile."""
    service = Service(settings, "--workers", str(WORKERS))
    await service.start()
    await all_serve(service)
    hung = min(workers(service))
    psutil.Process(hung).suspend()
    async with asyncio.timeout(PATIENCE_S):
        while hung in workers(service) or len(workers(service)) < WORKERS:  # noqa: ASYNC110  other processes
            await asyncio.sleep(0.05)
    await all_serve(service)
    assert "worker_hung" in service.log
    await service.stop()
