"""Idempotency keys: the answer to a first call, kept in the transaction of its effect and given again.

A try-lock of the transaction distinguishes "still running" from "never seen": a plain unique insert would wait for the
first call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from asyncpg import UniqueViolationError
from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from crossdock.errors import Conflict, Invalid, ProgrammingError
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import driver_error

KEPT_FOR = timedelta(days=1)
"""Longer than any client goes on sending a request again; after it the same key is a first call."""
Owner: TypeAlias = Mapping[str, Any]
"""Whose a key is: the columns of the tenancy. Two owners may use the same key."""
ROWS_AT_ONCE = 5_000
"""Forgotten in one short transaction, of which there are as many as it takes."""


class IdempotencyKeyInUse(Conflict):
    """The first call with this Idempotency-Key is still running: wait for its answer.

    Send it again after a moment with the same key: it is answered as the first call was.
    """


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used for another request: take a new one.

    Make a key for each request. The same key is for the same request, sent again.
    """


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered: status, the headers that belong to the answer, body."""

    status: int
    headers: dict[str, str]
    body: bytes


async def find_answer(tx: Transaction, owner: Owner, key: str, request_hash: bytes) -> StoredAnswer | None:
    """The kept answer, or None for a first call, which from now on holds the key until its transaction ends.

    The lock has two halves, the owner's and the key's. PostgreSQL keeps such locks apart from those of one number,
    which migrations take; and no key that a client may make up is the lock of another owner's key.

    Raises ProgrammingError for the platform: an answer is kept for a tenant.
    """
    if None in owner.values():
        raise ProgrammingError("An answer is kept for a tenant, and this unit of work runs for the platform.")
    kept = tx.own_tables.idempotency_keys
    whose = "|".join(str(value) for value in owner.values())
    lock = func.pg_try_advisory_xact_lock(func.hashtext(literal(whose)), func.hashtext(literal(key)))
    if not (await tx.sql.execute(select(lock))).scalar_one():
        raise IdempotencyKeyInUse
    of_owner = [kept.c[column] == value for column, value in owner.items()]
    wanted = select(kept.c.request_hash, kept.c.status, kept.c.headers, kept.c.body).where(*of_owner, kept.c.key == key)
    row = (await tx.sql.execute(wanted)).one_or_none()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise IdempotencyKeyReused
    return StoredAnswer(row.status, row.headers, row.body)


async def keep_answer(tx: Transaction, owner: Owner, key: str, request_hash: bytes, answer: StoredAnswer) -> None:
    """Keeps the answer, in the effect's transaction. Raises IdempotencyKeyInUse.

    Release 0.1 has another lock for the same key: of two first calls, one to each, the unique constraint refuses one.
    """
    row = {
        "id": new_id(),
        **owner,
        "key": key,
        "request_hash": request_hash,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "created_at": tx.clock.now(),
    }
    try:
        await tx.sql.execute(insert(tx.own_tables.idempotency_keys).values(row))
    except IntegrityError as error:
        if not isinstance(driver_error(error), UniqueViolationError):
            raise
        raise IdempotencyKeyInUse from error


async def forget_old_answers(database: Database) -> int:
    """The job that removes answers kept for longer than `KEPT_FOR`. Returns how many.

    All of them: the answers of one tenant that makes many do not keep those of others.
    """
    forgotten, before = 0, database.clock.now() - KEPT_FOR
    while True:
        async with database.transaction(Platform("forget old answers")) as tx:
            batch = await forget_answers(tx, before, ROWS_AT_ONCE)
        forgotten += batch
        if batch < ROWS_AT_ONCE:
            return forgotten


async def forget_answers(tx: Transaction, before: datetime, limit: int) -> int:
    """Removes at most `limit` answers kept before a time, but for those that another worker removes. Returns how many.

    As the platform: a tenant may not remove what it was answered.
    """
    kept = tx.own_tables.idempotency_keys
    old = select(kept.c.id).where(kept.c.created_at < before).order_by(kept.c.created_at)
    taken = old.limit(limit).with_for_update(skip_locked=True).cte("taken")
    result = await tx.sql.execute(delete(kept).where(kept.c.id.in_(select(taken.c.id))))
    return result.rowcount
