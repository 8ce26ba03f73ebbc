"""Changing one's own password: compared and hashed before the transaction, decided under the throttle's lock."""

from crossdock.errors import Forbidden, Unauthenticated
from crossdock.transaction import Database
from freight.modules.accounts.caller import Caller
from freight.modules.accounts.events import PasswordChanged
from freight.modules.accounts.service.signing_in import throttle
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from freight.modules.accounts.service.signing_in.sessions import revoke_all
from freight.modules.accounts.service.signing_in.sign_in import count_failure
from freight.modules.accounts.service.signing_in.throttle import Keys
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.signing_in import Credentials

REASON = "change a password"


class WrongPassword(Forbidden):
    """This is not your current password.

    Send the one that you sign in with. A wrong one counts as a failed sign-in.
    """


async def change_password(database: Database, caller: Caller, *, current: str, new: str, address: str | None) -> None:
    """Gives the caller a new password and ends all of their sessions but this one.

    A stolen access token must not be a way to guess the password: wrong ones count as failed sign-ins, and the new one
    is judged first, so that its refusal tells nothing of the current one. Raises TooManySignIns, CommonPassword,
    WrongPassword.
    """
    found, keys = await _credentials(database, caller, address)
    password_hash = await PASSWORDS.hash(new, field="body.new_password")
    if not await PASSWORDS.matches(current, found.password_hash):
        await count_failure(database, keys)
        raise WrongPassword(field="body.current_password")
    await _change(database, caller, found, password_hash, keys)


async def _credentials(database: Database, caller: Caller, address: str | None) -> tuple[Credentials, Keys]:
    """What the caller's password is compared with, and what a failure is counted under. Raises TooManySignIns."""
    async with database.reading(caller.platform(REASON), AccountStore) as store:
        found = await store.get_credentials(caller.user_id)
        if found is None:  # suspended since the token was looked at
            raise Unauthenticated
        keys = throttle.keys_of(found.email, address)
        await throttle.check_wait(store, keys.all(), database.clock.now())
    return found, keys


async def _change(database: Database, caller: Caller, found: Credentials, password_hash: str, keys: Keys) -> None:
    """Of two changes at once one wins: what the other one compared is no more the current password."""
    async with database.transaction(caller.tenant, elevates=True) as tx:
        store, now = tx.store(AccountStore), tx.clock.now()
        async with tx.as_platform(REASON):  # the counts of failures are the platform's
            await throttle.check_wait(store, [keys.account], now, lock=True)
            await throttle.clear(store, keys, now)
        if not await store.change_password(caller.user_id, password_hash, old=found.password_hash):
            raise WrongPassword(field="body.current_password")
        tx.emit(PasswordChanged(subject_id=caller.user_id))
        await revoke_all(tx, caller.user_id, reason="password changed", besides=caller.session_id)
