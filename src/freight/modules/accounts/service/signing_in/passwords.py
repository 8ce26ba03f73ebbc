"""Passwords: which ones are refused, and their argon2 hashes. Slow: call it while no connection is held."""

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from crossdock.errors import Invalid, Unavailable

Result = TypeVar("Result")

LENGTH_MIN, LENGTH_MAX = 12, 128
COMMON: frozenset[str] = frozenset(FREQUENCY_LISTS["passwords"])
"""The 30,000 passwords that people choose most, as zxcvbn lists them."""
ESTIMATED_LENGTH_MAX = 24
"""How many characters zxcvbn is given. Its time grows much faster than the text: milliseconds for so many characters,
and over a second for some texts of 72, while other requests wait. Where the beginning is hard to guess, so is the whole
password."""

MEMORY_KIB, ROUNDS, LANES = 19 * 1024, 2, 1
"""The lowest parameters that OWASP's Password Storage Cheat Sheet allows for argon2id. A hash takes about 20 ms."""
AT_ONCE = 2
"""How many hashes are computed at once in a process. Each takes 19 MiB and a core. Two make about 100 hashes a second,
and leave the event loop and the other workers their share of a small machine."""
WAITING_MAX = 400
"""How many may wait for a hash: a few seconds of work. More than that are refused: 503 with Retry-After."""

_hasher = PasswordHash((Argon2Hasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES),))


class CommonPassword(Invalid):
    """This password is one of the most common ones, or as easy to guess: choose another.

    Take a longer one: several words that do not belong together.
    """


class SignInsExhausted(Unavailable):
    """Too many people are signing in right now; try again.

    Wait for as many seconds as `Retry-After` says, then sign in again.
    """


class Passwords:
    """Hashes and compares passwords in a few threads, which have a bounded queue."""

    def __init__(self, at_once: int = AT_ONCE, waiting_max: int = WAITING_MAX) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._most = at_once + waiting_max
        self._inside = 0

    async def hash(self, password: str, *, field: str) -> str:
        """The argon2 hash. Raises CommonPassword naming `field`, SignInsExhausted."""
        made = await self._run(lambda: None if is_common(password) else _hasher.hash(_normal(password)))
        if made is None:
            raise CommonPassword(field=field)
        return made

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether a password has this hash. None, for a user who does not exist, takes as long and is always False."""
        known = password_hash or DECOY
        return await self._run(lambda: _hasher.verify(_normal(password), known)) and password_hash is not None

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._inside >= self._most:
            raise SignInsExhausted
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._inside -= 1


def is_common(password: str) -> bool:
    """Whether it is on the list of common passwords, or can be guessed in fewer tries than that list has entries, as
    `password12345` can."""
    text = password.lower()
    return text in COMMON or zxcvbn(text[:ESTIMATED_LENGTH_MAX])["guesses"] < len(COMMON)


def length(password: str) -> int:
    """How many characters a person sees. An accent may be a character of its own, which depends on the keyboard."""
    return len(_normal(password))


def _normal(password: str) -> str:
    """One spelling for passwords that look the same: keyboards differ in how they compose an accent."""
    return unicodedata.normalize("NFKC", password)


def _decoy() -> str:
    """A hash that belongs to no password. It has the parameters of real hashes, so that comparing takes as long."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p={LANES}${salt}${digest}"


DECOY = _decoy()
PASSWORDS = Passwords()
"""The one of this process, so that its limits hold for all requests together."""
