"""Who is calling: read once for each access token, and confirmed by PostgreSQL in every unit of work."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cachetools import LRUCache

from crossdock.errors import Unauthenticated
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.caller import Caller
from freight.modules.accounts.service.signing_in.tokens import Tokens
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.signing_in import SignedInRow

REMEMBERED_MAX = 10_000
"""Tokens of one process, some 10 MB; who comes back after as many others is read again."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a token stood for when it was last read."""

    expires_at: datetime
    row: SignedInRow


class Callers:
    """What is remembered only spares a read: the guard of a caller's scope asks whether it still holds, so a revoked
    session or a removed role acts at once, in every process."""

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
        """The same, as the database has it now: for a caller whose guard said no. Raises Unauthenticated."""
        self._remembered.pop(_key(token), None)
        return await self.find(token)

    async def _read(self, token: str, now: datetime) -> Remembered:
        claims, expires_at = self._tokens.verify(token, now)
        async with self._database.reading(Platform("find out who calls"), AccountStore) as store:
            row = await store.signed_in(claims.session_id, now)
        if row is None or (row.user_id, row.company_id) != (claims.user_id, claims.company_id):
            raise Unauthenticated
        return Remembered(expires_at, row)


def _key(token: str) -> bytes:
    """Not the token itself: it is a secret, and memory gets dumped."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
