"""The growing wait after failed sign-ins, for each account and for each address.

Whether a password was right is answered under the lock of its count. So of a thousand guesses that are sent at once,
only the first few are answered with right or wrong; the others are refused as too many.
"""

import hashlib
import ipaddress
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crossdock.errors import TooManyRequests
from freight.modules.accounts.store.signing_in import ThrottleReads, ThrottleRow, ThrottleStore

ACCOUNT, ADDRESS = "account", "address"
FREE = {ACCOUNT: 5, ADDRESS: 300}
"""How many failures have no wait after them. A whole company may be behind one address."""
WAIT_MAX_S = 900
"""The wait doubles from one second up to this: too long for guessing, and short enough for the owner of the account."""
FORGET_AFTER = timedelta(hours=1)
"""After so long without a failure the count starts again at zero, and its row may be deleted."""


class TooManySignIns(TooManyRequests):
    """Too many failed sign-ins: wait before the next one."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the two counts that a failed sign-in adds to."""

    account: str
    address: str | None

    def all(self) -> list[str]:
        return [self.account] if self.address is None else [self.account, self.address]


def keys_of(email: str, address: str | None) -> Keys:
    """The keys of a sign-in. The account need not exist.

    Its key is a hash of the e-mail address: people type their password into the wrong field, and it must not be stored.
    """
    account = hashlib.sha256(email.encode()).hexdigest()
    return Keys(f"{ACCOUNT}:{account}", f"{ADDRESS}:{_network(address)}" if address else None)


def _network(address: str) -> str:
    """What is counted as one address. For IPv6 it is the /64, in which a client can take a new address for each try.

    An IPv4 client may appear as an IPv6 address that contains its own (::ffff:192.0.2.1). All of these are in one /64,
    so the IPv4 address in it is counted.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


async def check_wait(store: ThrottleReads, keys: list[str], now: datetime) -> None:
    """Raises TooManySignIns while one of the keys has to wait."""
    _refuse(await store.throttles(keys), now)


async def lock_and_check_wait(store: ThrottleStore, key: str, now: datetime) -> None:
    """The same, and holds the key's count until the commit."""
    _refuse(await store.throttles([key], lock=True), now)


async def count_failure(store: ThrottleStore, keys: list[str], now: datetime) -> None:
    """Adds a failure to each key. Raises TooManySignIns, and adds nothing, while one of them has to wait."""
    # Inserted and locked in the order of the keys, so that two failed sign-ins never deadlock.
    await store.add_throttles(sorted(keys), now)
    rows = await store.throttles(keys, lock=True)
    _refuse(rows, now)
    for row in rows:
        await store.change_throttle(failed(row, now))


async def clear(store: ThrottleStore, keys: Keys, now: datetime) -> None:
    """Sets the account's count to zero after a success. Not the address's: an attacker could sign in to an account of
    their own in between, and go on guessing."""
    for row in await store.throttles([keys.account], lock=True):
        await store.change_throttle(replace(row, failures=0, blocked_until=None, updated_at=now))


def failed(row: ThrottleRow, now: datetime) -> ThrottleRow:
    """The count with one more failure, and until when the next try has to wait."""
    failures = 1 if row.updated_at < now - FORGET_AFTER else row.failures + 1
    wait_s = _wait_s(failures - FREE[row.key.partition(":")[0]])
    blocked_until = now + timedelta(seconds=wait_s) if wait_s else None
    return replace(row, failures=failures, blocked_until=blocked_until, updated_at=now)


def _wait_s(beyond: int) -> int:
    return 0 if beyond < 0 else min(2 ** min(beyond, 20), WAIT_MAX_S)


def _refuse(rows: list[ThrottleRow], now: datetime) -> None:
    until = max((row.blocked_until for row in rows if row.blocked_until), default=now)
    if until > now:
        raise TooManySignIns(retry_after_s=math.ceil((until - now).total_seconds()))
