"""Where a database is: read once from a URL, spelled out for each driver, and never shown with its password."""

from dataclasses import dataclass, field, replace
from math import inf
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit

from crossdock.kernel.errors import ConfigurationError

SCHEMES = {"postgresql", "postgres", "postgresql+asyncpg", "asyncpg"}
ENCODE = "the port is not a number, or a / ? # @ in the password is not percent-encoded"


@dataclass(frozen=True, slots=True)
class Address:
    """One PostgreSQL database. `host` may be the folder of a Unix socket. Limits are None where the URL has none."""

    host: str
    port: int
    user: str
    database: str
    password: str | None = field(default=None, repr=False)
    schema: str = "public"
    connection_limit: int | None = None
    pool_timeout_s: float | None = None
    ssl: str | None = None

    @classmethod
    def parse(cls, url: str, variable: str = "The database URL") -> "Address":
        """`variable` is where it comes from, for the message. Reads `postgresql://user:pass@host:port/db?schema=public&connection_limit=20&pool_timeout=20`."""
        try:
            return cls._parse(url)
        except ValueError as error:
            raise ConfigurationError(f"{variable} cannot be read: {error}.") from None

    @classmethod
    def _parse(cls, url: str) -> "Address":
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            raise ValueError("it should begin with postgresql://")
        if "@" in parts.path + parts.query + parts.fragment:  # what follows may be half of a password: not to be shown
            raise ValueError(ENCODE)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        database = unquote(parts.path.lstrip("/"))
        if not database:
            raise ValueError("it names no database")
        return cls(
            host=options.get("host") or unquote(parts.hostname or "localhost"),
            port=int(options.get("port") or _port(parts) or 5432),
            user=unquote(parts.username or options.get("user") or "postgres"),
            password=unquote(parts.password) if parts.password else None,
            database=database,
            schema=_identifier(options.get("schema", "public")),
            connection_limit=_positive("connection_limit", options, int),
            pool_timeout_s=_positive("pool_timeout", options, float),
            ssl=options.get("sslmode"),
        )

    def __str__(self) -> str:
        """For logs and messages: no password."""
        where = self.host if self.host.startswith("/") else self._host_and_port
        return f"{self.user}@{where}/{self.database}"

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
        }
        where = self._host_and_port
        if self.host.startswith("/"):
            where, options = "", {"host": self.host, "port": self.port, **options}
        query = urlencode({name: value for name, value in options.items() if value is not None})
        return f"postgresql://{auth}@{where}/{quote(self.database, safe='')}?{query}"

    def with_database(self, database: str) -> "Address":
        return replace(self, database=database)

    def with_user(self, user: str, password: str | None = None) -> "Address":
        return replace(self, user=user, password=password)

    def asyncpg(self) -> dict[str, Any]:
        """The arguments of `asyncpg.connect`."""
        arguments: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database,
        }
        if self.ssl:
            arguments["ssl"] = self.ssl
        return arguments


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise ValueError(ENCODE) from None


def _positive(name: str, options: dict[str, str], kind: type[Any]) -> Any:
    if name not in options:
        return None
    try:
        value = kind(options[name])
    except ValueError:
        value = 0
    if not 0 < value < inf:
        raise ValueError(f"{name} is not a number above zero")
    return value


def _identifier(name: str) -> str:
    if not name.replace("_", "").isalnum() or name[0].isdigit() or name != name.lower():
        raise ValueError(f"{name!r} is not a plain schema name")
    return name
