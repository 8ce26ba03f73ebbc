"""The key that signs tenants' scopes, read with the platform's rights."""

from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from crossdock.transaction.transaction import Transaction


async def read_key(tx: Transaction) -> bytes | None:
    """The newest; None in a database that is not migrated yet."""
    keys = tx.own_tables.tenancy_keys
    newest = select(keys.c.secret).order_by(keys.c.created_at.desc(), keys.c.id.desc()).limit(1)
    try:
        async with tx.savepoint():
            key: bytes | None = (await tx.sql.execute(newest)).scalar_one_or_none()
    except ProgrammingError:  # there is no such table, or the role may not read it yet
        return None
    return key
