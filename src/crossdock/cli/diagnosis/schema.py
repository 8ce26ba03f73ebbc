"""Do the tables fit this release?"""

import asyncpg

from crossdock.config.settings import Settings
from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.status import Chains, ChainStatus
from crossdock.operations.check import Check, failed, ok, skipped, warning
from crossdock.operations.environment import is_production
from crossdock.registry import Registry
from crossdock.schema.drift import check as differences
from crossdock.schema.drift import summary
from crossdock.schema.expected import NoScratch


async def look_at_migrations(chains: Chains, direct: asyncpg.Connection) -> list[Check]:
    try:
        return [_chain(chain) for chain in await chains.status_on(direct)]
    except MigrationsRefused as error:
        return [failed("migrations", str(error))]


def _chain(chain: ChainStatus) -> Check:
    name = f"{chain.name} migrations"
    if chain.problems:
        return failed(name, "\n".join(chain.problems))
    if chain.pending:
        return failed(name, f"pending in {chain.name}: {', '.join(chain.pending)}", "Run `crossdock migrate up`.")
    return ok(name, f"{len(chain.applied)} applied, none pending")


async def look_at_schema(settings: Settings, registry: Registry, *, is_current: bool) -> Check:
    """Only where all chains are at their heads: else a difference is a migration that is still to come."""
    if not is_current:
        return skipped("schema", "needs the migrations to be right")
    try:
        found = await differences(settings.direct, registry, settings.pooled.user)
    except NoScratch as error:
        return warning("schema", "models and database were not compared", str(error))
    drift = [each for each in found if each.kind != "isolation"]
    if drift:
        return failed("schema", summary(drift), "`crossdock schema check` has a line for each, and what to do.")
    return ok("schema", summary(drift))


async def look_at_mark(direct: asyncpg.Connection, settings: Settings) -> Check:
    marked = await is_production(direct)
    if marked and not settings.is_production:
        return warning(
            "environment",
            f"the database is marked as production, and this is {settings.environment}",
            "Set CROSSDOCK_ENVIRONMENT=production, or use another database. A copy of production has the mark as well:"
            " where this is one, COMMENT ON TABLE alembic_version IS NULL; as the owner.",
        )
    return ok("environment", "marked as production" if marked else "not marked as production")
