"""Changing one's own password. Hashing takes long, so it comes before the transaction that holds a lock."""

from crossdock.errors import Forbidden, Unauthenticated
from crossdock.transaction import Database
from freight.modules.accounts.caller import Caller
from freight.modules.accounts.events import PasswordChanged
from freight.modules.accounts.service.signing_in import throttle
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from freight.modules.accounts.service.signing_in.sessions import revoke_all
from freight.modules.accounts.service.signing_in.sign_in import count_failure
from freight.modules.accounts.service.signing_in.throttle import Keys
from freight.modules.accounts.store import AccountReads, AccountStore
from freight.modules.accounts.store.signing_in import Credentials

REASON = "change a password"


class WrongPassword(Forbidden):
    """This is not your current password.

    Send the one that you sign in with. A wrong one counts as a failed sign-in.
    """


async def change_password(database: Database, caller: Caller, *, current: str, new: str, address: str | None) -> None:
    """Gives the caller a new password and ends all of their sessions but this one.

    Somebody with a stolen access token must not be able to guess the password here. So a wrong current password counts
    as a failed sign-in. The new password is checked before it, so that a refusal of the new one reveals nothing about
    the current one. Raises TooManySignIns, CommonPassword, WrongPassword.
    """
    found, keys = await _credentials(database, caller, address)
    password_hash = await PASSWORDS.hash(new, field="body.new_password")
    if not await PASSWORDS.matches(current, found.password_hash):
        await count_failure(database, keys)
        raise WrongPassword(field="body.current_password")
    await _change(database, caller, found, password_hash, keys)


async def _credentials(database: Database, caller: Caller, address: str | None) -> tuple[Credentials, Keys]:
    """The caller's credentials, and the keys under which a failure is counted. Raises TooManySignIns."""
    async with database.reading(caller.platform(REASON), AccountReads) as store:
        found = await store.get_credentials(caller.user_id)
        if found is None:  # the user was suspended after the token was verified
            raise Unauthenticated
        keys = throttle.keys_of(found.email, address)
        await throttle.check_wait(store, keys.all(), database.clock.now())
    return found, keys


async def _change(database: Database, caller: Caller, found: Credentials, password_hash: str, keys: Keys) -> None:
    """Writes the new password. Of two changes at once one wins: the other compared with a password that is gone."""
    async with database.transaction(caller.tenant, elevates=True) as tx:
        store, now = tx.store(AccountStore), tx.clock.now()
        async with tx.as_platform(REASON):  # no tenant may read or write the counts of failures
            # Locks the account's count until the commit. Failures that others counted meanwhile refuse this change too,
            # even with the right password, as in a sign-in.
            await throttle.lock_and_check_wait(store, keys.account, now)
            await throttle.clear(store, keys, now)
        # Compare and swap on the old hash. It locks the user, so that no sign-in opens a session while all are revoked.
        if not await store.change_password(caller.user_id, password_hash, old=found.password_hash):
            raise WrongPassword(field="body.current_password")
        tx.emit(PasswordChanged(subject_id=caller.user_id))
        await revoke_all(tx, caller.user_id, reason="password changed", besides=caller.session_id)
