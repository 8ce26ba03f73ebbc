"""Reads a URL as libpq, SQLAlchemy, Prisma and the providers write it. Raises ValueError for a URL that is wrong."""

import difflib
import re
from collections.abc import Mapping
from math import inf
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from crossdock.address.parameters import (
    CERTIFICATES,
    FOR_THE_DRIVER,
    PARAMETERS,
    SAFE_MODES,
    SSL,
    SYSTEM,
    WITHOUT_PREPARED,
)

SCHEMES = {
    *("postgresql", "postgres", "asyncpg", "psycopg"),
    *("postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg_async", "postgresql+psycopg2"),
}
"""Some name a driver, as SQLAlchemy and Tortoise want it. Whichever it is, the driver here is asyncpg."""
ENCODE = "the port is not a number, or a / ? # @ in the password is not percent-encoded"
NAME_MAX = 48
"""Characters of an application's name: PostgreSQL cuts it at 63, and each pool adds its own."""
NEAR = 0.75
"""How like each other two names are that one is taken for a slip of the other."""
AS_USUAL = "postgres"
"""The `sslnegotiation` that there was before there were two."""
SEARCH_PATH = re.compile(r"(-c\s*|--)search_path\b")


def read(url: str) -> dict[str, Any]:
    """The fields of an Address. Raises ValueError, and shows no part of what may be a password."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError("it should begin with postgresql://, without quotes around it")
    if "@" in parts.path + parts.query + parts.fragment or "#" in url:  # what follows may be half of a password
        raise ValueError(ENCODE)
    given = parameters(parts.query)
    placed = place(parts, given)
    return placed | _security(given, is_socket=placed["host"].startswith("/")) | _limits(given)


def parameters(query: str) -> dict[str, str]:
    """Name → value. A + is a +, as for libpq. Raises ValueError for one that is unknown, refused, empty or doubled."""
    given: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = (unquote(part) for part in pair.partition("="))
        _check(name, value)
        if given.setdefault(name, value) != value:
            raise ValueError(f"{name} is written twice, as {'two hosts' if name == 'host' else 'two values'}: take one")
    return given


def _check(name: str, value: str) -> None:
    parameter = PARAMETERS.get(name)
    if parameter is None:
        near = difflib.get_close_matches(name, PARAMETERS, 1, NEAR)
        advice = (
            f"the nearest is {near[0]}" if near else "a setting of PostgreSQL's own goes into options=-c%20NAME=VALUE"
        )
        raise ValueError(f"it has the parameter {name!r}, which Crossdock does not know; {advice}")
    if not parameter.meaning:
        raise ValueError(f"{name} is refused: {parameter.remedy}".replace("`", ""))
    if not value:
        raise ValueError(f"{name} is empty: give it a value, or leave it out")
    if parameter.values and value not in parameter.values:
        raise ValueError(
            f"{name}={value} is refused, {' and '.join(parameter.values)} would be taken: {parameter.remedy}".replace(
                "`", ""
            )
        )


def place(parts: SplitResult, given: Mapping[str, str]) -> dict[str, Any]:
    """Who, where and which database: in the URL's own places, or as parameters, as libpq takes both."""
    host = one_host(_host(parts, given))
    database = _either("dbname", unquote(parts.path.removeprefix("/")), given)
    if not database:
        raise ValueError("it names no database")
    return {
        "host": host or "localhost",
        "port": port_of(_either("port", _port(parts), given) or "5432"),
        "user": _either("user", unquote(parts.username or ""), given) or "postgres",
        "password": _either("password", unquote(parts.password or ""), given) or None,
        "database": database,
        "schema": _identifier(given.get("schema", "public")),
    }


def _either(name: str, written: str, given: Mapping[str, str]) -> str:
    """A value that has a place of its own and a name as well. Raises ValueError where the two differ."""
    named = given.get(name, "")
    if written and named and written != named:
        raise ValueError(f"{name} is written twice, before the ? and behind it: take one")
    return written or named


def _host(parts: SplitResult, given: Mapping[str, str]) -> str:
    """Prisma writes the folder of a socket behind a host that says nothing."""
    written = _written_host(parts)
    if written == "localhost" and given.get("host", "").startswith("/"):
        return given["host"]
    return _either("host", written, given)


def _written_host(parts: SplitResult) -> str:
    """As it is written: `parts.hostname` has it in small letters, which the folder of a socket may not be in."""
    where = parts.netloc.rpartition("@")[2]
    if "," in where:
        return where
    return (parts.hostname or "") if where.startswith("[") else unquote(where.partition(":")[0])


def _port(parts: SplitResult) -> str:
    if "," in parts.netloc.rpartition("@")[2]:
        return ""  # several hosts, which are refused by their name
    try:
        return "" if parts.port is None else str(parts.port)
    except ValueError:
        raise ValueError(ENCODE) from None


def port_of(port: str) -> int:
    """Raises ValueError for one that there cannot be."""
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError("the port is not a number from 1 to 65535")
    return int(port)


def one_host(host: str) -> str:
    """Raises ValueError for a list of hosts. A comma in the name of a socket's folder makes no list."""
    if "," in host and (not host.startswith("/") or ",/" in host):
        raise ValueError("it names several hosts, and one is taken: name the primary, or what always leads to it")
    return host


def _security(given: Mapping[str, str], *, is_socket: bool) -> dict[str, Any]:
    """How the connection is made safe, never less than what is written. asyncpg would not verify a server for
    `sslrootcert` alone, and nobody encrypts a Unix socket: what cannot be had is refused here."""
    mode, also = given.get("sslmode"), SSL.get(given.get("ssl", ""))
    if mode and also and mode != also:
        raise ValueError(f"sslmode={mode} and ssl={given['ssl']} contradict each other: take one")
    mode = mode or also
    certificates = [name for name in CERTIFICATES if given.get(name, AS_USUAL) != AS_USUAL]
    if given.get("sslrootcert") == SYSTEM:
        mode = mode or "verify-full"
        if mode != "verify-full" or len(certificates) > 1:
            raise ValueError(
                f"sslrootcert={SYSTEM} goes with sslmode=verify-full, and with no other certificate: name a file"
            )
    if certificates and mode not in SAFE_MODES:
        raise ValueError(
            f"{certificates[0]} counts only where TLS is sure: write sslmode=verify-full, or another of"
            f" {', '.join(SAFE_MODES)}"
        )
    if is_socket and mode in SAFE_MODES:
        raise ValueError(f"there is no TLS on a Unix socket: leave out sslmode={mode}, or name a host")
    return {"ssl": mode, "driver": tuple((name, given[name]) for name in FOR_THE_DRIVER if name in given)}


def _limits(given: Mapping[str, str]) -> dict[str, Any]:
    name = given.get("application_name")
    if name and len(name) > NAME_MAX:
        raise ValueError(f"application_name is longer than {NAME_MAX} characters")
    if SEARCH_PATH.search(given.get("options", "")):
        raise ValueError("options sets search_path: write schema=NAME instead")
    return {
        "connection_limit": _positive("connection_limit", given, int),
        "pool_timeout_s": _positive("pool_timeout", given, float),
        "connect_timeout_s": _positive("connect_timeout", given, float),
        "application_name": name,
        "prepared_statements": not WITHOUT_PREPARED & set(given.items()),
    }


def _positive(name: str, given: Mapping[str, str], kind: type[Any]) -> Any:
    if name not in given:
        return None
    try:
        value = kind(given[name])
    except ValueError:
        value = 0
    if not 0 < value < inf:
        raise ValueError(f"{name} is not a number above zero")
    return value


def _identifier(name: str) -> str:
    if not name.replace("_", "").isalnum() or name[0].isdigit() or name != name.lower():
        raise ValueError(f"{name!r} is not a plain schema name")
    return name
