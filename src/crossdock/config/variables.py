"""The environment variables of all settings. A CROSSDOCK_ variable that no setting reads is refused by its name."""

import difflib
from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings

from crossdock.errors import ConfigurationError

PREFIX = "CROSSDOCK_"
FOR_TESTS = "CROSSDOCK_TEST_"
"""Read by the tests, and by nothing else."""
OF_THE_APPLICATION = ("CROSSDOCK_PROJECT", "CROSSDOCK_MODULES_PACKAGE")
"""Read before there are settings: which application it is (`crossdock/application.py`)."""
FORMER_NAMES = {"CROSSDOCK_LEGACY_POOL": "CROSSDOCK_TORTOISE_POOL", "CROSSDOCK_NEW_POOL": "CROSSDOCK_TRANSACTION_POOL"}
"""Groups of release 0.1 that have another name now. Both names are read."""
DB_VARIABLES = ("DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME")
NOT_READ = ("DB_SSL", "DB_TLS", "DB_PASS", "DB_PASSWD", "DB_USERNAME", "DB_DATABASE", "DB_SCHEMA")
"""What people write beside them; the first two with any ending."""


def variables(kind: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every variable that settings are read from; a group also as a whole, in JSON."""
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"{prefix}{name.upper()}"
        yield variable
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from variables(field.annotation, f"{variable}__")


def current_name(name: str) -> str:
    """The name that a variable has today, in the case that it was written in."""
    group, delimiter, rest = name.partition("__")
    current = FORMER_NAMES.get(group.upper())
    if current is None:
        return name
    return f"{current if group.isupper() else current.lower()}{delimiter}{rest}"


def with_current_names(written: Mapping[str, str | None]) -> dict[str, str | None]:
    """Variables and their values, those with a former name under the one of today.

    Raises ConfigurationError where a variable is set by both names, to two values.
    """
    renamed = {name: current_name(name) for name in written}
    for former, current in renamed.items():
        if former != current and current in written and written[former] != written[current]:
            raise ConfigurationError(
                f"{former.upper()} is the former name of {current.upper()}, and the two differ: set the second alone."
            )
    return {renamed[name]: value for name, value in written.items()}


def refuse_unknown(written: Iterable[str], kinds: Iterable[type[BaseSettings]]) -> None:
    """Raises ConfigurationError for a variable with our prefix that none of the settings has, with the nearest name."""
    known = [*OF_THE_APPLICATION]
    known += [name for kind in kinds for name in variables(kind, kind.model_config.get("env_prefix", ""))]
    unknown = [
        name
        for name in sorted(written)
        if name.upper().startswith(PREFIX)
        and not name.upper().startswith(FOR_TESTS)
        and current_name(name.upper()) not in known
    ]
    if unknown:
        raise ConfigurationError(" ".join(_unknown(name, known) for name in unknown))


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(current_name(name.upper()), known, 1)
    advice = f"Did you mean {near[0]}?" if near else "docs/operations/running.md lists those that there are."
    return f"There is no setting {name}. {advice}"


def refuse_unread(written: Iterable[str]) -> None:
    """Where the database is given by DB_*, raises ConfigurationError for one of them that would do nothing."""
    for name in sorted(written):
        if name in NOT_READ or name.startswith(NOT_READ[:2]):
            raise ConfigurationError(
                f"{name} is not read: there are {', '.join(DB_VARIABLES)}. Write all else into DATABASE_URL, as in"
                " postgresql://user:password@host/name?sslmode=verify-full."
            )


def wrong(error: ValidationError, prefix: str = PREFIX) -> ConfigurationError:
    """What is wrong, by the names of the variables, and never a value."""
    faults = "; ".join(f"{_variable(item['loc'], prefix)}: {item['msg']}" for item in error.errors())
    return ConfigurationError(f"The settings in the environment are wrong: {faults}.")


def _variable(location: tuple[int | str, ...], prefix: str) -> str:
    """The environment variable of a field: those without our prefix go by their alias, which is in capitals."""
    name = "__".join(str(part) for part in location)
    return name if name.isupper() else f"{prefix}{name.upper()}"
