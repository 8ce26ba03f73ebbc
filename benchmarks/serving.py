"""A server under measure: started in a process group of its own, asked until it is ready, ended with its children."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.contestants import Contestant

ROOT = Path(__file__).parents[1]
READY_S = 60.0
END_S = 10.0
POLL_S = 0.01
OURS = ("CROSSDOCK_", "DB_", "DATABASE_URL", "DIRECT_URL", "PG")


class ServerFailed(Exception):
    """A server did not start, or ended by itself: its log says why."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers."""

    contestant: Contestant
    url: str
    pid: int
    log: Path
    started_in_s: float
    """From the start of its process to its first good answer."""

    def processes(self) -> list[psutil.Process]:
        """Itself and its workers."""
        parent = psutil.Process(self.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu_s(self) -> float:
        """Seconds of processors that it has used."""
        return cpu_s(self.processes())

    def memory_bytes(self) -> list[int]:
        """The proportional share of each process that serves: what it would give back by ending."""
        serving = self.processes()
        workers = serving[1:] or serving
        return [process.memory_full_info().pss for process in workers]


def cpu_s(processes: list[psutil.Process]) -> float:
    """Seconds of processors that the processes have used, as far as they are still there."""
    spent = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent += times.user + times.system
    return spent


@contextmanager
def serving(contestant: Contestant, variables: Mapping[str, str], log: Path, workers: int = 1) -> Iterator[Serving]:
    """Raises ServerFailed. Its output goes to `log`: a line for each request, where it writes one."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with log.open("w") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            contestant.command(port, workers),
            cwd=ROOT,
            env=clean | dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, f"{url}/{'readyz' if contestant.is_ours else 'docs'}", log)
            yield Serving(contestant, url, process.pid, log, time.monotonic() - began)
            if process.poll() is not None:
                raise ServerFailed(f"{contestant.name} ended by itself: see {log}")
        finally:
            _end(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until, told = time.monotonic() + READY_S, ""
    with httpx.Client(timeout=5, trust_env=False) as http:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise ServerFailed(f"A server ended before it was ready: see {log}")
            try:
                answer = http.get(url)
                if answer.status_code in (200, 404):  # 404: the bare peer has nothing there, and answers
                    return
                told = answer.text
            except httpx.TransportError as error:
                told = str(error)
            time.sleep(POLL_S)
    raise ServerFailed(f"A server was not ready in {READY_S:g} s: see {log}. It said: {told}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole group: a worker whose parent was killed would keep the port."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            return
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            continue
