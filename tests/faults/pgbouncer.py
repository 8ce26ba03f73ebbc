"""PgBouncer before the test's PostgreSQL: the library's own, with settings of a test's.

Debian 12 ships 1.18. A newer one, which can carry prepared statements, is told to carry none, as that one does.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crossdock.address import Address
from crossdock.embedded import EmbeddedPooler
from crossdock.embedded.pooler import find_program


@contextmanager
def pgbouncer(target: Address, owner: str, *logins: str, **settings: str) -> Iterator[Address]:
    """The address of `target` through PgBouncer, four sessions in transaction mode. `owner` may give it orders; all
    logins see its console."""
    with running_pooler(target, owner, *logins, **settings) as pooler:
        yield pooler.address(target)


@contextmanager
def running_pooler(target: Address, owner: str, *logins: str, **settings: str) -> Iterator[EmbeddedPooler]:
    """The same, itself."""
    carries_none = {"max_prepared_statements": "0"} if can_carry(version()) else {}
    configuration = {"default_pool_size": "4", "max_client_conn": "200"} | carries_none | settings
    with (
        tempfile.TemporaryDirectory(prefix="crossdock-pgbouncer-") as folder,
        EmbeddedPooler(
            Path(folder) / "pgbouncer", target, owner, target.user, *logins, configuration=configuration
        ) as it,
    ):
        yield it


def version() -> str:
    """As its console says it: 1.18.0."""
    said = subprocess.run([find_program(), "--version"], capture_output=True, text=True, check=True).stdout
    (found,) = re.findall(r"^PgBouncer (\S+)$", said, re.MULTILINE)
    return str(found)


def can_carry(version: str) -> bool:
    """Whether it knows of prepared statements."""
    major, minor, *_ = map(int, version.split("."))
    return (major, minor) >= (1, 21)
