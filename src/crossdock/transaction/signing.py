"""The key that signs tenants' scopes, read with the platform's rights."""

from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from crossdock.models.tables import TenancyKey
from crossdock.transaction.transaction import Transaction

NEWEST = select(TenancyKey.secret).order_by(TenancyKey.created_at.desc(), TenancyKey.id.desc()).limit(1)


async def read_key(tx: Transaction) -> bytes | None:
    """The newest; None in a database that is not migrated yet."""
    try:
        async with tx.savepoint():
            key: bytes | None = (await tx.sql.execute(NEWEST)).scalar_one_or_none()
    except ProgrammingError:  # there is no such table, or the role may not read it yet
        return None
    return key
