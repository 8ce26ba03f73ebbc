"""Where it is measured: the machine, and the versions of everything that takes part."""

import os
import platform
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import psutil

from benchmarks.world.server import Server

PACKAGES = (
    "crossdock",
    "uvicorn",
    "uvloop",
    "httptools",
    "fastapi",
    "starlette",
    "pydantic",
    "sqlalchemy",
    "tortoise-orm",
    "asyncpg",
    "orjson",
)
GIGABYTE = 1e9


class WrkMissing(Exception):
    """wrk is not installed, and could not be: apt-get install wrk, or your system's way, and run this again."""

    def __str__(self) -> str:
        return str(self.__doc__)


def need_wrk() -> None:
    """Installs wrk where apt-get and the right to use it are there. Raises WrkMissing."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if shutil.which("wrk") is None and shutil.which("apt-get"):
        for arguments in ("update", "-qq"), ("install", "-qq", "-y", "wrk"):
            # Output to stderr: what a command prints on stdout is its result.
            with suppress(FileNotFoundError):  # no sudo
                subprocess.run([*sudo, "apt-get", *arguments], stdout=sys.stderr, check=False)
    if shutil.which("wrk") is None:
        raise WrkMissing


def machine() -> dict[str, str]:
    """What a reader needs to know of it, and no name."""
    return {
        "processors": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{psutil.virtual_memory().total / GIGABYTE:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}",
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", information.read_text(), re.MULTILINE) if information.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


async def versions(server: Server) -> dict[str, str]:
    """Program → version."""
    connection = await server.connect("postgres")
    postgresql = await connection.fetchval("SHOW server_version")
    await connection.close()
    programs = {"Python": platform.python_version(), "PostgreSQL": str(postgresql).split()[0], "wrk": _wrk()}
    return programs | {package: metadata.version(package) for package in PACKAGES}


def _wrk() -> str:
    told = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"wrk (?:debian/)?(\S+)", told.stdout + told.stderr)
    return found[1] if found else "unknown"
