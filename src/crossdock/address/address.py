"""The address of one PostgreSQL database: the one type for it in the library, made from a URL in `reading.py`."""

import os
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from crossdock.address.parameters import FILES, SYSTEM
from crossdock.address.reading import read
from crossdock.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Address:
    """`host` may be the folder of a Unix socket. Limits are None where the URL has none. `driver` holds the parameters
    that asyncpg reads by itself.

    `variable` is where the address comes from. `needs_session`: no pooler may stand before it. Neither is part of what
    two addresses are compared by.
    """

    host: str
    port: int
    user: str
    database: str
    password: str | None = field(default=None, repr=False)
    schema: str = "public"
    connection_limit: int | None = None
    pool_timeout_s: float | None = None
    ssl: str | None = None
    connect_timeout_s: float | None = None
    application_name: str | None = None
    prepared_statements: bool = True
    driver: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    variable: str = field(default="The database URL", compare=False, repr=False)
    needs_session: bool = field(default=False, compare=False, repr=False)

    @classmethod
    def parse(cls, url: str, variable: str = "The database URL") -> "Address":
        """`variable` is where it comes from, for messages. Raises ConfigurationError, with what to write instead."""
        try:
            return cls(**read(url), variable=variable)
        except ValueError as error:
            raise ConfigurationError(f"{variable} cannot be read: {error}.") from None

    def __str__(self) -> str:
        """For logs and messages: no password."""
        return f"{self.user}@{self.place}"

    @property
    def place(self) -> str:
        """The server and the database, whoever signs in there."""
        where = self.host if self.host.startswith("/") else self._host_and_port
        return f"{where}/{self.database}"

    @property
    def _host_and_port(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL, password included: for child processes' environment only, never for a log."""
        auth = quote(self.user, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        options = {
            "schema": self.schema,
            "connection_limit": self.connection_limit,
            "pool_timeout": self.pool_timeout_s,
            "sslmode": self.ssl,
            "connect_timeout": self.connect_timeout_s,
            "application_name": self.application_name,
            "prepared_statements": None if self.prepared_statements else "false",
            **dict(self.driver),
        }
        where = self._host_and_port
        if self.host.startswith("/"):
            where, options = "", {"host": self.host, "port": self.port, **options}
        return f"postgresql://{auth}@{where}/{quote(self.database, safe='')}?{_query(options)}"

    def with_database(self, database: str) -> "Address":
        return replace(self, database=database)

    def with_user(self, user: str, password: str | None = None) -> "Address":
        return replace(self, user=user, password=password)

    def named(self, pool: str) -> str:
        """The `application_name` of a pool's connections."""
        return f"{self.application_name or 'crossdock'} {pool}"

    def asyncpg(self, *, timeout_s: float | None = None) -> dict[str, Any]:
        """The arguments of `asyncpg.connect`. `timeout_s` is for connecting, where the address has no limit of its own.

        asyncpg reads the parameters of TLS itself, so that they mean what they mean in any other URL. Raises
        ConfigurationError for a file that cannot be read.
        """
        self._check_files()
        arguments: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database,
        }
        given = dict(self.driver)
        if given.get("sslrootcert") == SYSTEM:
            del given["sslrootcert"]
            arguments["ssl"] = True  # the system's certificates, and the name of the host has to fit
        elif self.ssl:
            arguments["ssl"] = self.ssl
        if given:
            arguments["dsn"] = f"postgresql://?{_query(given)}"
        if self.connect_timeout_s or timeout_s:
            arguments["timeout"] = self.connect_timeout_s or timeout_s
        return arguments

    def _check_files(self) -> None:
        for name, path in self.driver:
            if name in FILES and path != SYSTEM and not os.access(path, os.R_OK):
                raise ConfigurationError(f"{self.variable}: its {name} is {path}, which is not there to be read.")


def _query(options: dict[str, Any]) -> str:
    return urlencode({name: value for name, value in options.items() if value is not None}, quote_via=quote)
