"""PgBouncer, as Debian ships it (1.18), in transaction mode before the test's PostgreSQL."""

import asyncio
import os
import pwd
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from crossdock.address import Address
from tests.library.proxy import Proxy

PROGRAMS = ("/usr/sbin", "/usr/local/sbin", os.environ.get("PATH", ""))
MISSING = "there is no pgbouncer here: `make test-all` installs Debian's where it may; else `apt-get install pgbouncer`"
PORT = 6432
"""PgBouncer's own: here it is part of a socket's name, and nobody else's."""
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
{more}
"""


@asynccontextmanager
async def pgbouncer(target: Address, *users: str, **settings: str) -> AsyncIterator[Address]:
    """The address of `target` through PgBouncer. It runs as `nobody` where the tests run as root, which it refuses."""
    program = shutil.which("pgbouncer", path=os.pathsep.join(PROGRAMS))
    assert program is not None, MISSING
    folder = Path(tempfile.mkdtemp(prefix="crossdock-pgbouncer-"))
    async with Proxy(target) as server:  # PostgreSQL listens on a socket that is its user's alone
        (folder / "users.txt").write_text("".join(f'"{user}" ""\n' for user in (target.user, *users)))
        more = "\n".join(f"{name} = {value}" for name, value in settings.items())
        file = folder / "pgbouncer.ini"
        file.write_text(CONFIGURATION.format(server=server.address.port, folder=folder, more=more))
        process = await asyncio.create_subprocess_exec(
            program, "-q", file, user=_user(folder), stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            await _answers(process, folder)
            yield replace(target, host=str(folder), port=PORT)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()
            shutil.rmtree(folder)


def _user(folder: Path) -> int | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in (folder, *folder.iterdir()):
        os.chown(path, nobody, -1)
    return nobody


async def _answers(process: asyncio.subprocess.Process, folder: Path) -> None:
    while True:
        assert process.returncode is None, (await process.communicate())[1].decode()
        try:
            _, writer = await asyncio.open_unix_connection(folder / f".s.PGSQL.{PORT}")
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
