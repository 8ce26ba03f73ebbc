"""alembic's entry: on the runner's connection when there is one, else on one of its own to the direct URL, under the
runner's lock and on its conditions."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.util import CommandError
from sqlalchemy import Connection

from crossdock.errors import CrossdockError
from crossdock.migrations.agreement import by_hand, check_needed, check_needs
from crossdock.migrations.history import Locations
from crossdock.migrations.journal import MARK, STAMPED
from crossdock.migrations.owners import check_owners
from crossdock.migrations.status import Chains
from crossdock.migrations.tools.new_tool import import_models, migration_engine, ours
from crossdock.models.base import Base
from crossdock.registry import Registry, load_settings


@contextmanager
def told_by_alembic() -> Iterator[None]:
    """What we refuse, in one line of alembic's own instead of a traceback."""
    try:
        yield
    except CrossdockError as error:
        raise CommandError(str(error)) from None


with told_by_alembic():
    settings = load_settings()
    registry = Registry.found()
import_models(registry)


def migrate(**options: Any) -> None:
    context.configure(
        target_metadata=Base.metadata,
        include_object=ours(registry),
        compare_server_default=True,
        transaction_per_migration=True,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_by_hand() -> None:
    check_owners(registry, Locations())
    chains = Chains(settings.direct)
    async with by_hand(chains, settings.migrations.wait_s) as applied:

        def check(*, ctx: MigrationContext, step: MigrationInfo, **_: Any) -> None:
            if step.is_stamp:
                assert ctx.connection is not None
                ctx.connection.exec_driver_sql(MARK.format(STAMPED))
                return
            look = check_needs if step.is_upgrade else check_needed
            look(chains, "new", step.up_revision_id or "", applied)

        def work(connection: Connection) -> None:
            migrate(connection=connection, on_version_apply=check)

        engine = migration_engine(settings.direct, settings.migrations.timeouts())
        async with engine.connect() as connection:
            await connection.run_sync(work)
        await engine.dispose()


given = context.config.attributes.get("connection")
if context.is_offline_mode():
    migrate(dialect_name="postgresql", literal_binds=True)
elif given is not None:
    migrate(connection=given)
else:
    with told_by_alembic():
        asyncio.run(migrate_by_hand())
