"""The growing wait after failed sign-ins, per account and per address.

The verdict is given under a lock: of a thousand guesses sent at once, only the free ones are told right or wrong.
"""

import hashlib
import ipaddress
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crossdock.errors import TooManyRequests
from freight.modules.accounts.store.signing_in import ThrottleRow, ThrottleStore

ACCOUNT, ADDRESS = "account", "address"
FREE = {ACCOUNT: 5, ADDRESS: 300}
"""After so many failures the next try has to wait. A whole company may sit behind one address."""
WAIT_MAX_S = 900
"""The wait doubles from one second up to this: long enough to make guessing hopeless, short enough for its owner."""
FORGET_AFTER = timedelta(hours=1)
"""Without a failure for so long the count starts again, and the row may go."""


class TooManySignIns(TooManyRequests):
    """Too many failed sign-ins: wait before the next one."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a sign-in is counted under."""

    account: str
    address: str | None

    def all(self) -> list[str]:
        return [self.account] if self.address is None else [self.account, self.address]


def keys_of(email: str, address: str | None) -> Keys:
    """The account is kept as a hash: people type their password into the wrong field. It need not exist."""
    account = hashlib.sha256(email.encode()).hexdigest()
    return Keys(f"{ACCOUNT}:{account}", f"{ADDRESS}:{_network(address)}" if address else None)


def _network(address: str) -> str:
    """An IPv6 client owns its /64 and can take a new address for every try. An IPv4 client that came by a socket for
    both is told by its own address: all of them together are one /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


async def check_wait(store: ThrottleStore, keys: list[str], now: datetime, *, lock: bool = False) -> None:
    """Raises TooManySignIns while one of the keys has to wait."""
    _refuse(await store.throttles(keys, lock=lock), now)


async def count_failure(store: ThrottleStore, keys: list[str], now: datetime) -> None:
    """One more failure for each key. Raises TooManySignIns, and counts nothing, while one of them has to wait."""
    await store.add_throttles(sorted(keys), now)
    rows = await store.throttles(keys, lock=True)
    _refuse(rows, now)
    for row in rows:
        await store.change_throttle(failed(row, now))


async def clear(store: ThrottleStore, keys: Keys, now: datetime) -> None:
    """A success: the account starts again from nothing. The address does not: it may hold an account of its own."""
    for row in await store.throttles([keys.account], lock=True):
        await store.change_throttle(replace(row, failures=0, blocked_until=None, updated_at=now))


def failed(row: ThrottleRow, now: datetime) -> ThrottleRow:
    """The count after one more failure."""
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
