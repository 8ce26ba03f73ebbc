"""What the doctor looks at: lanes, connections, roles, migrations, schema, isolation."""

from crossdock.cli.diagnosis.isolation import look_at_isolation
from crossdock.cli.diagnosis.proxies import look_at_proxies
from crossdock.cli.diagnosis.reach import look_at_connections, look_at_lane, look_at_pooler
from crossdock.cli.diagnosis.rights import look_at_roles
from crossdock.cli.diagnosis.schema import look_at_mark, look_at_migrations, look_at_schema
from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.migrations.status import Chains
from crossdock.operations.check import Check, State, failed, ok, skipped
from crossdock.pools.budget import Budget, sizes
from crossdock.registry import Registry
from crossdock.transaction import Database

__all__ = ["Check", "State", "examine", "failed", "ok"]

NEED_TRANSACTIONS = ("roles", "migrations", "schema", "isolation", "environment", "proxies")
NEED_A_CONNECTION = ("connections", "pooler", *NEED_TRANSACTIONS)


async def examine(settings: Settings) -> list[Check]:
    """Everything about the database; what needs a connection is skipped where there is none."""
    registry = Registry.found()
    pools = Database(settings, registry).pools
    wanted = Budget(settings.workers, sizes(pools, settings.moves.connections), 0, 0)
    lanes = [
        await look_at_lane("pooled lane", "DATABASE_URL", settings.pooled, wanted),
        await look_at_lane("direct lane", "DIRECT_URL", settings.direct, wanted),
    ]
    if settings.has_platform_login:
        lanes.append(await look_at_lane("platform's login", "CROSSDOCK_PLATFORM_URL", settings.platform, wanted))
    found = [check for check, _ in lanes]
    if not all(is_there for _, is_there in lanes):
        return found + [skipped(name, "needs a connection") for name in NEED_A_CONNECTION]
    found += [await look_at_connections(settings, pools), pooler := await look_at_pooler(settings)]
    if pooler.state is State.FAILED:
        return found + [skipped(name, "needs transactions") for name in NEED_TRANSACTIONS]
    return found + await _inside(settings, registry)


async def _inside(settings: Settings, registry: Registry) -> list[Check]:
    direct, pooled, platform = [await connect(lane) for lane in (settings.direct, settings.pooled, settings.platform)]
    try:
        migrations = await look_at_migrations(Chains(settings.direct, registry.application), direct)
        is_current = all(check.state is State.OK for check in migrations)
        own = await registry.application.check_database(settings, platform)
        found = [
            *await look_at_roles(registry.application.tenancy_object, pooled, platform),
            *migrations,
            await look_at_schema(settings, registry, is_current=is_current),
            *await look_at_isolation(direct, settings, registry),
            await look_at_mark(direct, settings),
            look_at_proxies(settings),
        ]
        return [check for check in found if check.name not in {each.name for each in own}] + own
    finally:
        await direct.close()
        await pooled.close()
        await platform.close()
