"""alembic's entry: on the runner's connection when there is one, else on one of its own to the direct URL."""

import asyncio
from importlib import import_module
from typing import Any

from alembic import context
from sqlalchemy import Connection

from crossdock.kernel import config as settings_of
from crossdock.kernel.migrations.chains import migration_engine
from crossdock.kernel.registry import Orm, Registry
from crossdock.kernel.schema import tables  # noqa: F401  the kernel's own tables
from crossdock.kernel.schema.base import Base
from crossdock.kernel.schema.foreign import FOREIGN


def ours(item: Any, _name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Sees its own tables only: what is in the database and not in our models belongs to the other tool."""
    if kind != "table":
        return True
    if item.info.get(FOREIGN):
        return False
    return not reflected or item.name in Base.metadata.tables


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=ours,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_by_hand() -> None:
    engine = migration_engine(settings_of.load().direct)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


for module in Registry.discover(settings_of.load().modules_package).model_modules(Orm.SQLALCHEMY):
    import_module(module)

given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(migrate_by_hand())
