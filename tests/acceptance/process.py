"""The real commands, in processes of their own: the service on a free loopback port, and those that run and end."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from crossdock.config.settings import Settings
from tests.commands.quick import PATIENCE_S, Ran, Started, quickly, started
from tests.memory import quick_folder
from tests.waiting import until
from tests.world import PATIENT, PATIENT_S

CROSSDOCK = Path(sys.executable).with_name("crossdock")
MAIN = "from crossdock.cli.main import main; main()"
OURS = ("CROSSDOCK_", "DB_", "DATABASE_URL", "DIRECT_URL")


def environment(settings: Settings | None = None, **variables: str | None) -> dict[str, str]:
    """This process's environment without the tester's own database, with that of `settings`, and `variables` on top. A
    variable that is None is not set."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    small = {f"CROSSDOCK_{lane}_POOL__{size}_SIZE": n for lane in ("LEGACY", "NEW") for size, n in SIZES.items()}
    wanted = clean | PATIENCE | small | (_located(settings) if settings else {}) | variables
    return {name: value for name, value in wanted.items() if value is not None}


SIZES = {"MIN": "1", "MAX": "8"}
PATIENCE = {
    "CROSSDOCK_HTTP__HEADERS_TIMEOUT_S": str(PATIENT_S),
    **{f"CROSSDOCK_{lane}_POOL__TIMEOUT_S": str(PATIENT_S) for lane in ("LEGACY", "NEW", "PLATFORM")},
    "CROSSDOCK_HTTP__REQUEST_TIMEOUT_S": str(3 * PATIENT_S),
    "CROSSDOCK_LIMITS__LOCK_TIMEOUT_MS": str(PATIENT.lock_timeout_ms),
    "CROSSDOCK_LIMITS__STATEMENT_TIMEOUT_MS": str(PATIENT.statement_timeout_ms),
    "CROSSDOCK_LIMITS__IDLE_IN_TRANSACTION_TIMEOUT_MS": str(PATIENT.idle_in_transaction_timeout_ms),
}


def _located(settings: Settings) -> dict[str, str]:
    assert settings.auth.secret is not None
    return {
        "DATABASE_URL": settings.pooled.url,
        "DIRECT_URL": settings.direct.url,
        "CROSSDOCK_PLATFORM_URL": settings.platform.url,
        "CROSSDOCK_AUTH__SECRET": settings.auth.secret.get_secret_value(),
    }


class Port:
    """A loopback port that no other program is given as long as this object lives. Whoever connects to it is refused,
    until the service listens: it may bind the port as well, since both allow it (SO_REUSEADDR) and only one listens."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]

    def take(self) -> None:
        """Listens: another program can no longer."""
        self._socket.listen()

    def __del__(self) -> None:
        self._socket.close()


SHORT = Path("/tmp")  # noqa: S108  each test makes a folder of its own there


@contextmanager
def home() -> Iterator[Path]:
    """A data folder, for an embedded server of one's own. Under a short path: a socket's may have 107 characters."""
    folder = Path(tempfile.mkdtemp(prefix="crossdock-", dir=quick_folder(SHORT)))
    try:
        yield folder
    finally:
        process = postmaster(folder)
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait(PATIENCE_S)
        shutil.rmtree(folder)


def postmaster(folder: Path) -> psutil.Process | None:
    """The running embedded server of a data folder."""
    file = folder / "postgresql" / "postmaster.pid"
    try:
        process = psutil.Process(int(file.read_text().split()[0]))
        return process if process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, IndexError, psutil.Error):  # initdb writes a file of another shape there
        return None


ANNOUNCED_MAX = 1 << 16


class Service:
    """`crossdock serve` with `--json`. It is started again on the same port after it was stopped or killed. `code`: the
    `src` of a release, to serve with in place of ours. `forked`: for tests of what it does when it is there, in one
    process that need not import the libraries first."""

    def __init__(
        self,
        settings: Settings | None = None,
        *arguments: str,
        code: Path | None = None,
        forked: bool = False,
        **variables: str | None,
    ) -> None:
        self._port = Port()
        self.port = self._port.number
        self.url = f"http://127.0.0.1:{self.port}"
        self.announced: dict[str, Any] = {}
        self._arguments = ("serve", "--port", str(self.port), "--json", *arguments)
        self._forked = forked
        self._program = [CROSSDOCK] if code is None else [sys.executable, "-c", MAIN]
        self._environment = environment(settings, **variables) | ({"PYTHONPATH": str(code)} if code else {})
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  open for as long as this lives
        self._process: asyncio.subprocess.Process | Started | None = None

    @property
    def process(self) -> asyncio.subprocess.Process | Started:
        assert self._process is not None, "not started"
        return self._process

    @property
    def log(self) -> str:
        """What it wrote on stderr."""
        self._log.seek(0)
        return self._log.read()

    async def start(self) -> None:
        """Until it says that it is ready."""
        if self._process is not None:
            await self._process.wait()
        line = await (self._fork() if self._forked else self._execute())
        assert line, f"the service ended before it was ready: {self.log}"
        self.announced = json.loads(line)

    async def _execute(self) -> bytes:
        """The first line on its stdout."""
        self._process = await asyncio.create_subprocess_exec(
            *self._program,
            *self._arguments,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        return await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)

    async def _fork(self) -> bytes:
        """The same."""
        with tempfile.TemporaryFile() as nothing, tempfile.TemporaryFile() as output:
            process = self._process = await started(
                *("crossdock.cli.entry:main", "crossdock", *self._arguments),
                folder=Path.cwd(),
                environment=self._environment,
                files=[nothing.fileno(), output.fileno(), self._log.fileno()],
            )

            async def has_said() -> bool:
                return process.returncode is not None or os.pread(output.fileno(), ANNOUNCED_MAX, 0).endswith(b"\n")

            await until(has_said)
            return os.pread(output.fileno(), ANNOUNCED_MAX, 0)

    def kill(self) -> None:
        """SIGKILL, to the service alone."""
        self.process.kill()

    async def end(self, how: signal.Signals = signal.SIGTERM, *, group: bool = False) -> None:
        """Sends a signal, to the whole process group as a terminal does or to the service alone, until its end."""
        if group:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        await asyncio.wait_for(self.process.wait(), PATIENCE_S)

    async def stop(self) -> None:
        """Ends it, if it runs."""
        if self._process is not None and self._process.returncode is None:
            await self.end()

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=PATIENCE_S, trust_env=False)


async def crossdock(*arguments: str, settings: Settings | None = None, **variables: str) -> Ran:
    """Runs a command to its end."""
    called = environment(settings, **variables)
    return await quickly("crossdock.cli.main:main", "crossdock", *arguments, folder=Path.cwd(), environment=called)


async def run(program: Path, *arguments: str, settings: Settings | None = None, **variables: str) -> Ran:
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        env=environment(settings, **variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode is not None
    return Ran(process.returncode, output.decode(), errors.decode())
