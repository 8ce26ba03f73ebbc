"""The key that signs tenants' scopes, read at start with the platform's rights."""

from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from crossdock.kernel.errors import ConfigurationError
from crossdock.kernel.schema.tables import TenancyKey
from crossdock.kernel.transaction.transaction import Transaction

NEWEST = select(TenancyKey.secret).order_by(TenancyKey.created_at.desc(), TenancyKey.id.desc()).limit(1)


async def read_key(tx: Transaction) -> bytes:
    """The newest. Raises ConfigurationError where there is none: no tenant would see a row of theirs."""
    try:
        async with tx.savepoint():
            key: bytes | None = (await tx.sql.execute(NEWEST)).scalar_one_or_none()
    except ProgrammingError:  # there is no such table yet
        key = None
    if key is None:
        raise ConfigurationError("The database has no key to sign tenants' scopes with: run `crossdock migrate up`.")
    return key
