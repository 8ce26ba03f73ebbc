"""Installs the lock file and this checkout into the environment of the Python that runs it: by uv, or else by pip.

uv does in seconds what takes pip a minute. It is a package as any other: pip gets it from the index that pip is
configured for, against the hashes of `uv.lock`. uv then asks the same index, and checks the hashes of the lock file as
pip does. Where uv cannot be had, or cannot do it, pip does all of it. Only the standard library and pip are needed.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).parent
ROOT = TOOLS.parent
LOCKED = ("--require-hashes", "--requirement", str(ROOT / "requirements.lock"))
CHECKOUT = ("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
UV = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable)

ALONE = {
    "UV_NO_CONFIG": "1",  # its own files: what pip is told counts
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_INDEX_STRATEGY": "unsafe-best-match",  # as pip: any index may have it. The hashes say what it must be
}
SPOKEN = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
"""What pip is told, and how uv is told the same."""
ORDER = ("global", "install", ":env:")
"""Where pip is told something: the last of these counts."""


def main() -> None:
    """Exit status 1 where pip could not do it either; pip has said why by then."""
    if _run(*PIP, "--require-hashes", "--requirement", str(TOOLS / "uv.lock"), quiet=True) and _by_uv():
        return
    sys.stderr.write("uv could not be had here: pip installs the packages, which takes a minute.\n")
    if not (_run(*PIP, *LOCKED) and _run(*PIP, *CHECKOUT)):
        sys.exit(1)


def _by_uv() -> bool:
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    environment = os.environ | ALONE | uv_settings(told.stdout)
    return all(_run(*UV, *what, environment=environment, quiet=True) for what in (LOCKED, CHECKOUT))


def uv_settings(pip_config: str) -> dict[str, str]:
    """uv's variables for what `pip config list` says, a line each: `global.index-url='https://...'`."""
    found: dict[str, dict[str, str]] = {section: {} for section in ORDER}
    for line in pip_config.splitlines():
        place, equals, value = line.partition("=")
        section, _, name = place.rpartition(".")
        if equals and section in found and name in SPOKEN:
            found[section][name] = " ".join(str(ast.literal_eval(value)).split())
    told = {name: value for section in ORDER for name, value in found[section].items()}
    if "find-links" in told:  # pip passes over those that are not there, uv ends
        told["find-links"] = ",".join(
            each for each in told["find-links"].split() if "://" in each or Path(each).exists()
        )
    return {SPOKEN[name]: value for name, value in told.items() if value}


def _run(*command: str, environment: dict[str, str] | None = None, quiet: bool = False) -> bool:
    silence = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, env=environment, stdout=silence, stderr=silence, check=False).returncode == 0


if __name__ == "__main__":
    main()
