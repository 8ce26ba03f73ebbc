"""What alembic runs instead of, or inside of, a project's `env.py`.

An `env.py` for the raw `alembic` command is these lines:

    from crossdock.migrations.tools.alembic_env import run_by_hand

    run_by_hand()
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.util import CommandError
from sqlalchemy import Connection

from crossdock.config.settings import Settings
from crossdock.errors import CrossdockError
from crossdock.migrations.chain import Chain
from crossdock.migrations.history.agreement import by_hand, check_needed, check_needs
from crossdock.migrations.history.journal import MARK, STAMPED
from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.names import ALEMBIC
from crossdock.migrations.owners import check_owners
from crossdock.migrations.status import Chains
from crossdock.migrations.tools.alembic_tool import GIVEN, Given, migration_engine, options_of
from crossdock.registry import Registry, load_settings


def run_given() -> None:
    """On the connection that the runner gives, with its options."""
    given: Given = context.config.attributes[GIVEN]
    _migrate(given.options, connection=given.connection)


def run_by_hand() -> None:
    """For the raw command: on a connection of its own to the direct URL, under the runner's lock and on its conditions.

    Raises alembic's CommandError with what Crossdock refuses, so that the command says it in one line.
    """
    with _as_command_error():
        registry = Registry.found()
        settings = load_settings(registry)
        chains = Chains(settings.direct, registry.application)
        options = options_of(registry, _chain_of_alembic(chains))
        if context.is_offline_mode():
            _migrate(options, dialect_name="postgresql", literal_binds=True)
        else:
            asyncio.run(_migrate_by_hand(settings, registry, chains, options))


def _chain_of_alembic(chains: Chains) -> Chain:
    for chain in chains.chains:
        if chain.tool == ALEMBIC and chain.location.resolve() == Path(context.script.dir).resolve():
            return chain
    raise MigrationsRefused(f"[tool.crossdock.alembic] of the pyproject does not name {context.script.dir}.")


@contextmanager
def _as_command_error() -> Iterator[None]:
    """One line of alembic's own instead of a traceback."""
    try:
        yield
    except CrossdockError as error:
        raise CommandError(str(error)) from None


def _migrate(options: Mapping[str, Any], **more: Any) -> None:
    context.configure(**options, **more)
    with context.begin_transaction():
        context.run_migrations()


async def _migrate_by_hand(settings: Settings, registry: Registry, chains: Chains, options: Mapping[str, Any]) -> None:
    check_owners(registry, chains.chains)
    chain = _chain_of_alembic(chains)
    # The deployer's lock is held until the command is done: neither the runner nor aerich begins meanwhile.
    async with by_hand(chains, settings.migrations.wait_s) as applied:

        def check(*, ctx: MigrationContext, step: MigrationInfo, **_: Any) -> None:
            if step.is_stamp:
                assert ctx.connection is not None
                ctx.connection.exec_driver_sql(MARK.format(STAMPED))
                return
            look = check_needs if step.is_upgrade else check_needed
            look(chains, chain.name, step.up_revision_id or "", applied)

        def work(connection: Connection) -> None:
            _migrate(options, connection=connection, on_version_apply=check)

        engine = migration_engine(settings.direct, settings.migrations.timeouts())
        async with engine.connect() as connection:
            await connection.run_sync(work)
        await engine.dispose()
