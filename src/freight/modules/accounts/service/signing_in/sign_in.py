"""Signing in. The password is compared while no connection is held; the answer is decided under the throttle's lock.

Who reads has to sign in first, so this goes on while all modules are read-only.
"""

import unicodedata
from dataclasses import dataclass

from crossdock.errors import Unauthenticated
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.service.signing_in import throttle
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from freight.modules.accounts.service.signing_in.sessions import open_session
from freight.modules.accounts.service.signing_in.throttle import Keys
from freight.modules.accounts.service.signing_in.tokens import Signed, Tokens
from freight.modules.accounts.store import AccountReads, AccountStore
from freight.modules.accounts.store.signing_in import Credentials

SCOPE = Platform("sign in")


class WrongCredentials(Unauthenticated):
    """The e-mail address or the password is wrong.

    Check both. After a few failures each next try has to wait.
    """


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from: the address of the connection and the User-Agent header."""

    address: str | None
    user_agent: str | None


async def sign_in(database: Database, tokens: Tokens, *, email: str, password: str, device: Device) -> Signed:
    """Checks a password and opens a session. Raises WrongCredentials, TooManySignIns.

    A user who does not exist takes the same steps and the same time, and gets the same answer.
    """
    email = _as_stored(email)
    keys = throttle.keys_of(email, device.address)
    async with database.reading(SCOPE, AccountReads) as store:
        await throttle.check_wait(store, keys.all(), database.clock.now())
        found = await store.find_credentials(email)
    # No connection is held here: a hash takes some 20 ms of a core, and there may be a queue for it.
    right = await PASSWORDS.matches(password, found.password_hash if found else None)
    signed = await _succeed(database, tokens, found, keys, device) if found and right else None
    if signed is None:
        await count_failure(database, keys)
        raise WrongCredentials
    return signed


def _as_stored(email: str) -> str:
    """The spelling under which the address was registered. Keyboards of phones add a space."""
    return unicodedata.normalize("NFC", email.strip()).lower()


async def _succeed(database: Database, tokens: Tokens, found: Credentials, keys: Keys, device: Device) -> Signed | None:
    """Opens the session. None for a user who was suspended, or changed the password, while it was compared."""
    async with database.transaction(SCOPE, while_read_only=True) as tx:
        store, now = tx.store(AccountStore), tx.clock.now()
        # Locks the account's count until the commit. Failures that others counted meanwhile refuse this sign-in too,
        # even with the right password: else one could send a thousand guesses at once and see which one is answered.
        await throttle.lock_and_check_wait(store, keys.account, now)
        if not await store.note_sign_in(found.user_id, now, password_hash=found.password_hash):
            return None
        await throttle.clear(store, keys, now)
        return await open_session(
            tx, tokens, found.user_id, found.company_id, address=device.address, user_agent=device.user_agent
        )


async def count_failure(database: Database, keys: Keys) -> None:
    """Counts a wrong password. Raises TooManySignIns when enough others failed meanwhile: then nobody learns whether
    this one was wrong."""
    async with database.transaction(SCOPE, while_read_only=True) as tx:
        await throttle.count_failure(tx.store(AccountStore), keys.all(), tx.clock.now())
