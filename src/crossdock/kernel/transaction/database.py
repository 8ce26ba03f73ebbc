"""The three pools, the modules and the clock, opened and closed together; units of work begin here."""

from typing import TypeVar

import structlog

from crossdock.kernel.clock import Clock
from crossdock.kernel.config import Settings
from crossdock.kernel.documents.catalogue import compile_all
from crossdock.kernel.pools import DirectPool, LegacyPool, NewPool, Pool
from crossdock.kernel.pools.budget import check_budget, check_pooled_lane
from crossdock.kernel.pools.driver import DriverSettings
from crossdock.kernel.pools.probe import Probe
from crossdock.kernel.registry import Orm, Registry
from crossdock.kernel.tenancy import Scope, statements
from crossdock.kernel.transaction.reading import Reading, StoreReading
from crossdock.kernel.transaction.transaction import Transaction

log = structlog.get_logger(__name__)

Store = TypeVar("Store")


class Database:
    """`async with` it for the life of the process (or of a test)."""

    def __init__(self, settings: Settings, registry: Registry, clock: Clock | None = None) -> None:
        self.settings = settings
        self.registry = registry
        self.clock = clock or Clock()
        self.limits = settings.limits
        self.search_path = None if settings.pooled.schema == "public" else settings.pooled.schema
        self.module_settings = registry.settings()
        session_sql = statements.keep(self.limits, self.search_path) if settings.keep_sessions else None
        driver = DriverSettings(settings.prepares, self.limits.command_timeout_s, session_sql)
        models = registry.model_modules(Orm.TORTOISE)
        self.legacy = LegacyPool(settings.pooled, settings.pool(settings.legacy_pool), driver, models)
        self.new = NewPool(settings.pooled, settings.pool(settings.new_pool), driver)
        self.direct = DirectPool(settings.direct, settings.direct_pool_limited())
        self.probe = Probe(settings.pooled)

    @property
    def pools(self) -> tuple[Pool, ...]:
        return (self.legacy, self.new, self.direct)

    async def __aenter__(self) -> "Database":
        compile_all(self.registry)  # a wrong document stops the service here, not a request
        try:
            await check_budget(self.settings, self.pools)
            await check_pooled_lane(self.settings)
            for pool in self.pools:
                await pool.open()
                log.info(f"connected: {pool.describe()}")
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self.probe.close()
        for pool in self.pools:
            await pool.close()

    def transaction(self, scope: Scope) -> Transaction:
        """`async with database.transaction(scope) as tx`: the only way to write, whatever the ORM."""
        return Transaction(self, scope, self.new)

    def reading(self, scope: Scope, contract: type[Store]) -> StoreReading[Store]:
        """`async with database.reading(scope, BookingStore) as store`: on the pool of the ORM that holds the truth."""
        module, _ = self.registry.store(contract)
        pool = self.legacy if module.orm is Orm.TORTOISE else self.new
        return StoreReading(Reading(self, scope, pool), contract)
