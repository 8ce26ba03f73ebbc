"""PostgreSQL 18 from a Python package, under the data folder, on a Unix socket only.

Several processes share one server, and the last one that leaves stops it. Where that one was killed, the server goes on
running, and the next process finds it. The package that brings the programs has a count of users of its own, by process
id, and would wait for ever for a process that was killed. So only its programs are used.
"""

import asyncio
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
import psutil

from crossdock.address import Address
from crossdock.embedded.programs import Programs, last_words, wait_until
from crossdock.embedded.sharing import Sharing
from crossdock.embedded.signals import signals_wait
from crossdock.errors import ConfigurationError, CrossdockError, DatabaseUnavailable

OWNER = "crossdock_owner"
TENANTS = "crossdock_tenants"
SERVICE = "crossdock_service"
LOGINS = {OWNER: "CREATEROLE CREATEDB", TENANTS: "NOINHERIT", SERVICE: "NOINHERIT"}
"""The rights of each, and no more."""
DATABASE = "crossdock"
CONFIGURATION: dict[str, str] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "log_min_messages": "warning",
    "unix_socket_permissions": "0700",
}
"""0700: the socket trusts whoever reaches it, so only the user who runs the server (and root) may."""

FILE_LINES = ("process", "folder", "started", "port", "sockets", "host", "memory", "state")
"""Of `postmaster.pid`, which PostgreSQL writes: pidfile.h."""

POLL_S = 0.02
START_S = 60.0
"""Long enough for a recovery after a crash."""
RETRY_S = 5.0
STOP_S = 2.0
"""How long a clean stop may take. After it the server is stopped at once, and recovers at its next start."""


class EmbeddedServer:
    """`with` it while the server is needed. `superuser`, `owner`, `tenants` and `service` are addresses of its
    database."""

    def __init__(self, folder: Path, configuration: Mapping[str, str] | None = None) -> None:
        self.folder = folder.expanduser().resolve()
        self._configuration = CONFIGURATION | dict(configuration or {})
        self._sharing = Sharing(self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Raises ConfigurationError for a folder that it cannot use, DatabaseUnavailable when it does not start."""
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with signals_wait(), self._sharing.alone(START_S):
                self._sharing.join()
                self._start()
        except BaseException as error:  # also a signal, which `signals_wait` raises after the start
            self._leave()
            if (explained := self._explained(error)) is error:
                raise
            raise explained from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self._sharing.part(START_S, self._stop)

    @property
    def superuser(self) -> Address:
        return self._address("postgres")

    @property
    def owner(self) -> Address:
        """Owns the tables: migrations, and nothing else."""
        return self._address(OWNER)

    @property
    def tenants(self) -> Address:
        """What the pools for tenants' units of work sign in as: it can become nothing but the tenants' role."""
        return self._address(TENANTS)

    @property
    def service(self) -> Address:
        """What the platform's pool signs in as: it owns nothing, and may become both roles."""
        return self._address(SERVICE)

    def _address(self, user: str) -> Address:
        _, _, _, port, sockets, *_ = self._file()
        return Address(sockets, int(port), user, DATABASE)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _start(self) -> None:
        programs = Programs()
        if not (self.folder / "PG_VERSION").exists():
            self._make(programs)
        programs.give(self.folder)
        self._configure()
        self._run(programs)
        asyncio.run(self._prepare())

    def _make(self, programs: Programs) -> None:
        """In a folder beside it, which is renamed when it is whole: PostgreSQL cannot use one that is half made."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        programs.give(fresh)
        programs.initialise(fresh)
        fresh.rename(self.folder)

    def _configure(self) -> None:
        file = self.folder / "postgresql.auto.conf"
        text = "".join(f"{name} = '{value}'\n" for name, value in self._configuration.items())
        if file.read_text() != text:
            file.write_text(text)

    def _run(self, programs: Programs) -> None:
        """Starts the server, or finds it running, and waits until it takes connections. It is tried again for a while,
        since backends of a server that was killed may still be ending. Raises DatabaseUnavailable."""
        self._forget_stranger()
        began = time.monotonic()
        read_from = self._log.stat().st_size if self._log.exists() else 0
        while not self._is_ready():
            if self._process is None and self._postmaster() is None:
                self._process = programs.start(self.folder, self._log)
            if self._process is not None and self._process.poll() is not None:
                if time.monotonic() > began + RETRY_S:
                    raise DatabaseUnavailable(f"The embedded PostgreSQL did not start: {self._why(read_from)}.")
                self._process = None
            if time.monotonic() > began + START_S:
                raise DatabaseUnavailable(f"The embedded PostgreSQL is not ready after {START_S:g} s: {self._log}.")
            time.sleep(POLL_S)

    def _file(self) -> list[str]:
        """The lines of the server's own file: process, folder, time, port, folder of the socket, host, memory, state.
        Empty where there is none, or not yet all of it."""
        with suppress(OSError, UnicodeDecodeError):
            lines = [line.strip() for line in (self.folder / "postmaster.pid").read_text().splitlines()]
            return lines if len(lines) >= len(FILE_LINES) else []
        return []

    def _is_ready(self) -> bool:
        return self._file()[-1:] == ["ready"] and self._postmaster() is not None

    def _forget_stranger(self) -> None:
        """Removes the file of a server that was killed, where another program has got its process id by now."""
        file = self.folder / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError):
            if psutil.pid_exists(int(file.read_text().split()[0])) and self._postmaster() is None:
                file.unlink()

    def _postmaster(self) -> psutil.Process | None:
        """The running server's process, or None."""
        try:
            process = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
            return process if str(self.folder) in process.cmdline() else None
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _stop(self) -> None:
        for how in (signal.SIGINT, signal.SIGQUIT):  # PostgreSQL's fast and its immediate shutdown
            process = self._postmaster()
            if process is None:
                return
            process.send_signal(how)
            wait_until(lambda: self._postmaster() is None, STOP_S)
            if self._process is not None and self._postmaster() is None:
                self._process.wait()

    def _explained(self, error: BaseException) -> BaseException:
        """A failure as an error with a message for people; a signal as it is."""
        if isinstance(error, CrossdockError) or not isinstance(error, Exception):
            return error
        if isinstance(error, OSError):
            return ConfigurationError(f"The embedded PostgreSQL cannot use {self.folder}: {error}.")
        said = error.stderr if isinstance(error, subprocess.CalledProcessError) else None
        return DatabaseUnavailable(f"The embedded PostgreSQL did not start: {said or error or type(error).__name__}.")

    def _why(self, read_from: int) -> str:
        """The last error that the server has logged since it was started, and where its log is."""
        with self._log.open("rb") as log:
            log.seek(read_from)
            said = last_words(log.read().decode(errors="replace"))
        return f"{said or 'it said nothing'} (its log is {self._log})"

    async def _prepare(self) -> None:
        connection = await self._connect()
        try:
            for user, rights in LOGINS.items():
                if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", user):
                    await connection.execute(f"CREATE ROLE {user} LOGIN {rights}")
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:
        """A superuser's connection, as soon as a recovery is over."""
        until = time.monotonic() + START_S
        while True:
            try:
                return await asyncpg.connect(**self.superuser.with_database("postgres").asyncpg())
            except asyncpg.CannotConnectNowError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(0.1)
