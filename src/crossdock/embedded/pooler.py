"""A PgBouncer before the embedded PostgreSQL, as production has one: the machine's own program, in transaction mode.

It runs as the user of the server, which alone may reach the server's socket, and has a socket of its own: nothing
listens on a port. Several processes share one, as they share the server, and the last one that leaves stops it.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from crossdock.address import Address
from crossdock.embedded.programs import Programs, wait_until
from crossdock.embedded.sharing import Sharing
from crossdock.embedded.signals import signals_wait
from crossdock.errors import ConfigurationError, DatabaseUnavailable

PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where distributions put it, which are not on everybody's path."""
PORT = 6543
"""Part of a socket's name, and nobody else's."""
START_S = 10.0
STOP_S = 2.0
CONFIGURATION: dict[str, str] = {
    "listen_addr": "",
    "unix_socket_mode": "0700",
    "auth_type": "trust",
    "pool_mode": "transaction",
    "default_pool_size": "20",
    "max_client_conn": "1000",
    "ignore_startup_parameters": "",
    "log_connections": "0",
    "log_disconnections": "0",
}
"""The socket trusts whoever reaches it, as the server's own does."""


class EmbeddedPooler:
    """`with` it while the server runs. `owner` may give orders on its console, `logins` may read there."""

    def __init__(
        self, folder: Path, server: Address, owner: str, *logins: str, configuration: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder.expanduser().resolve()
        self._server = server
        self._owner = owner
        self._logins = logins
        self._configuration = CONFIGURATION | dict(configuration or {})
        self._sharing = Sharing(self.folder)
        self._sockets = self.folder
        self._started: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """As `start`."""
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with signals_wait(), self._sharing.alone(START_S):
                self._sharing.join()
                self.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self._sharing.part(START_S, self._stop)

    def start(self) -> None:
        """Where it does not run already; also after it was killed. Raises ConfigurationError where there is no such
        program, DatabaseUnavailable where it does not start."""
        program, programs = find_program(), Programs()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        programs.give(self.folder)
        self._sockets = programs.sockets(self.folder)
        if self.process is None:
            self._write(programs)
            self._run(program, programs)

    def address(self, login: Address) -> Address:
        """An address of the server's, through the pooler."""
        return replace(login, host=str(self._sockets), port=PORT)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def process(self) -> psutil.Process | None:
        """The running program, whoever has started it."""
        try:
            process = psutil.Process(int((self.folder / "pid").read_text()))
            is_ours = str(self._file) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
            return process if is_ours else None
        except (OSError, ValueError, psutil.Error):
            return None

    @property
    def _file(self) -> Path:
        return self.folder / "pgbouncer.ini"

    def _write(self, programs: Programs) -> None:
        users = self.folder / "users.txt"
        users.write_text("".join(f'"{login}" ""\n' for login in (self._owner, *self._logins)))
        settings = {
            "unix_socket_dir": str(self._sockets),
            "listen_port": str(PORT),
            "auth_file": str(users),
            "pidfile": str(self.folder / "pid"),
            "admin_users": self._owner,
            "stats_users": ",".join(self._logins),
        } | self._configuration
        lines = [f"{name} = {value}" for name, value in settings.items()]
        target = f"* = host={self._server.host} port={self._server.port}"
        self._file.write_text("\n".join(["[databases]", target, "[pgbouncer]", *lines, ""]))
        for each in (users, self._file):
            programs.give_file(each)

    def _run(self, program: Path, programs: Programs) -> None:
        for left in (self._sockets / f".s.PGSQL.{PORT}", self.folder / "pid"):
            left.unlink(missing_ok=True)  # by one that was killed
        with self.log.open("ab") as output:
            began = output.tell()
            started = self._started = subprocess.Popen(
                [program, self._file],
                user=programs.user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a Ctrl-C in this terminal is not for it
            )
        if not wait_until(lambda: self._is_ready or started.poll() is not None, START_S) or started.poll() is not None:
            with self.log.open("rb") as log:
                log.seek(began)
                said = log.read().decode(errors="replace").strip().splitlines()[-1:]
            raise DatabaseUnavailable(f"PgBouncer did not start: {''.join(said) or 'it said nothing'} ({self.log}).")

    @property
    def _is_ready(self) -> bool:
        return self.process is not None and (self._sockets / f".s.PGSQL.{PORT}").exists()

    def _stop(self) -> None:
        """At once: by now the service has given up its connections."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            process = self.process
            if process is None:
                break
            with suppress(psutil.NoSuchProcess):
                process.send_signal(how)
            wait_until(lambda: self.process is None, STOP_S)
        if self._started is not None:
            self._started.wait()


def find_program() -> Path:
    """Raises ConfigurationError with how to get it."""
    found = shutil.which("pgbouncer", path=os.pathsep.join((os.environ.get("PATH", ""), *PLACES)))
    if found is None:
        raise ConfigurationError("There is no pgbouncer on this machine: `apt-get install pgbouncer` brings it.")
    return Path(found)
