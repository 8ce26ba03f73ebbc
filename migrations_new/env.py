"""alembic's entry: on the runner's connection when there is one, else on one of its own to the direct URL, under the
runner's lock and on its conditions."""

import asyncio
from importlib import import_module
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection

from crossdock.kernel import config as settings_of
from crossdock.kernel.migrations.agreement import by_hand, check_needs
from crossdock.kernel.migrations.new_tool import migration_engine
from crossdock.kernel.migrations.status import Chains
from crossdock.kernel.registry import Orm, Registry
from crossdock.kernel.schema import tables  # noqa: F401  the kernel's own tables
from crossdock.kernel.schema.base import Base
from crossdock.kernel.schema.foreign import FOREIGN

settings = settings_of.load()
registry = Registry.discover(settings.modules_package)
for module in registry.model_modules(Orm.SQLALCHEMY):
    import_module(module)
OWN = registry.tables_of(Orm.SQLALCHEMY)


def ours(item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Sees the tables of its own chain only. The other tool's are known as the targets of foreign keys, or not at all;
    a table of ours without a model is an error of ownership, never a DROP."""
    if kind != "table":
        return True
    if item.info.get(FOREIGN) or name not in OWN:
        return False
    return not reflected or name in Base.metadata.tables


def configure(**options: Any) -> None:
    context.configure(
        target_metadata=Base.metadata,
        include_object=ours,
        compare_server_default=True,
        transaction_per_migration=True,
        **options,
    )


def migrate(connection: Connection, **options: Any) -> None:
    configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_by_hand() -> None:
    chains = Chains(settings.direct)
    async with by_hand(chains, "alembic", settings.migrations.wait_s) as applied:

        def check(*, ctx: MigrationContext, step: MigrationInfo, **_: Any) -> None:
            if step.is_upgrade and step.up_revision_id:
                check_needs(chains, "new", step.up_revision_id, applied)

        engine = migration_engine(settings.direct)
        async with engine.connect() as connection:
            await connection.run_sync(lambda given: migrate(given, on_version_apply=check))
        await engine.dispose()


given = context.config.attributes.get("connection")
if context.is_offline_mode():
    configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
elif given is not None:
    migrate(given)
else:
    asyncio.run(migrate_by_hand())
