"""Finding the caller of an access token. The database is read once for each token; every unit of work confirms it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cachetools import LRUCache

from crossdock.errors import Unauthenticated
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.caller import Caller
from freight.modules.accounts.service.signing_in.tokens import Tokens
from freight.modules.accounts.store import AccountReads
from freight.modules.accounts.store.signing_in import SignedInRow

REMEMBERED_MAX = 10_000
"""How many tokens a process remembers, in some 10 MB. The one that was used longest ago is dropped first."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The caller of a token as the database had them when the token was first seen, and when the token expires."""

    expires_at: datetime
    row: SignedInRow


class Callers:
    """Finds callers, and remembers them for each token. That saves a read and grants nothing.

    The caller's scope has a guard, a question that PostgreSQL answers in each unit of work: is this session still live,
    with this role? So a revoked session or a removed role has its effect at once, in every process.
    """

    def __init__(self, database: Database, tokens: Tokens) -> None:
        self._database = database
        self._tokens = tokens
        self._remembered: LRUCache[bytes, Remembered] = LRUCache(REMEMBERED_MAX)

    async def find(self, token: str) -> Caller:
        """The caller of an access token, not yet confirmed. Raises Unauthenticated."""
        now, key = self._database.clock.now(), _key(token)
        known = self._remembered.get(key)
        if known is None:
            known = await self._read(token, now)
            self._remembered[key] = known
        elif known.expires_at <= now:
            raise Unauthenticated
        return Caller.signed_in(known.row, now)

    async def find_again(self, token: str) -> Caller:
        """The caller, read anew: for a caller whose guard refused what was remembered. Raises Unauthenticated."""
        self._remembered.pop(_key(token), None)
        return await self.find(token)

    async def _read(self, token: str, now: datetime) -> Remembered:
        claims, expires_at = self._tokens.verify(token, now)
        async with self._database.reading(Platform("find out who calls"), AccountReads) as store:
            row = await store.signed_in(claims.session_id, now)
        if row is None or (row.user_id, row.company_id) != (claims.user_id, claims.company_id):
            raise Unauthenticated
        return Remembered(expires_at, row)


def _key(token: str) -> bytes:
    """The token's hash. The token itself is a secret, and the memory of a process may end up in a dump."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
