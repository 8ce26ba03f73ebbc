"""Signing in: the password is compared between two units of work, the verdict is given under the throttle's lock."""

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
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.signing_in import Credentials

SCOPE = Platform("sign in")


class WrongCredentials(Unauthenticated):
    """The e-mail address or the password is wrong.

    Check both. After a few failures each next try has to wait.
    """


@dataclass(frozen=True, slots=True)
class Device:
    """Where a sign-in comes from, as far as the connection and its headers tell."""

    address: str | None
    user_agent: str | None


async def sign_in(database: Database, tokens: Tokens, *, email: str, password: str, device: Device) -> Signed:
    """The same steps, time and words whether the user exists or not. Raises WrongCredentials, TooManySignIns."""
    email = _as_kept(email)
    keys = throttle.keys_of(email, device.address)
    async with database.reading(SCOPE, AccountStore) as store:
        await throttle.check_wait(store, keys.all(), database.clock.now())
        found = await store.find_credentials(email)
    right = await PASSWORDS.matches(password, found.password_hash if found else None)
    signed = await _succeed(database, tokens, found, keys, device) if found and right else None
    if signed is None:
        await count_failure(database, keys)
        raise WrongCredentials
    return signed


def _as_kept(email: str) -> str:
    """As registering keeps it. A phone's keyboard adds a space."""
    return unicodedata.normalize("NFC", email.strip()).lower()


async def _succeed(database: Database, tokens: Tokens, found: Credentials, keys: Keys, device: Device) -> Signed | None:
    """None for a user who was suspended, or changed the password, while it was compared."""
    async with database.transaction(SCOPE) as tx:
        store, now = tx.store(AccountStore), tx.clock.now()
        await throttle.check_wait(store, [keys.account], now, lock=True)
        if not await store.note_sign_in(found.user_id, now, password_hash=found.password_hash):
            return None
        await throttle.clear(store, keys, now)
        return await open_session(
            tx, tokens, found.user_id, found.company_id, address=device.address, user_agent=device.user_agent
        )


async def count_failure(database: Database, keys: Keys) -> None:
    """One more wrong password. Raises TooManySignIns when enough others failed meanwhile: nothing is told then."""
    async with database.transaction(SCOPE) as tx:
        await throttle.count_failure(tx.store(AccountStore), keys.all(), tx.clock.now())
