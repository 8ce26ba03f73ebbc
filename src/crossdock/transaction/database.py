"""The pools, the modules and the clock, opened and closed together; units of work begin here."""

from typing import TypeVar, overload

import structlog

from crossdock.clock import Clock
from crossdock.config.settings import Settings
from crossdock.documents.catalogue import compile_all
from crossdock.driver.probe import Probe
from crossdock.driver.settings import DriverSettings
from crossdock.errors import ProgrammingError
from crossdock.guards.guards import Guards
from crossdock.models.tables import OwnTables
from crossdock.pools import DirectPool, Pool, SqlAlchemyPool, TortoisePool
from crossdock.pools.budget import check_budget
from crossdock.pools.lane import PooledLane, find_pooled_lane
from crossdock.registry import Orm, Registry
from crossdock.stages import Stages
from crossdock.tenancy import Everybody, Platform, Scope, Signer, Statements
from crossdock.transaction.appending import Appending
from crossdock.transaction.environment import Environment
from crossdock.transaction.reading import Reading, StoreReading, need_reads
from crossdock.transaction.signing import read_key
from crossdock.transaction.stores import Stores
from crossdock.transaction.transaction import Transaction

log = structlog.get_logger(__name__)

EVERYBODY = Everybody()
ONE_LOGIN = (
    "The login of DATABASE_URL may become the platform's role, so a statement of a tenant's could too:"
    " give the platform a login of its own in CROSSDOCK_PLATFORM_URL."
)

ONE_ADDRESS = "DIRECT_URL is not set, so both lanes are the one address of {variable}: no pooler may stand before it."
UNPREPARED = (
    "The pooler does not carry prepared statements (PgBouncer before 1.21, or without max_prepared_statements), so none"
    " are used, which costs time at each statement. CROSSDOCK_PREPARED_STATEMENTS=false says that this is as wanted."
)

Store = TypeVar("Store")


class Database:
    """`async with` it for the life of the process (or of a test)."""

    def __init__(self, settings: Settings, registry: Registry, clock: Clock | None = None) -> None:
        self.settings = settings
        self.registry = registry
        self.clock = clock or Clock()
        self.module_settings = registry.settings()
        self.tenancy = registry.application.tenancy_object
        self.statements = Statements(self.tenancy, settings.limits, settings.pooled.schema)
        self.signer = Signer(self.tenancy, is_needed=settings.has_platform_login)
        session_sql = self.statements.keep() if settings.keep_sessions else None
        driver = self.driver = DriverSettings(settings.prepares, settings.limits.command_timeout_s, session_sql)
        models, app = registry.all_models(Orm.TORTOISE), registry.application.tortoise_app
        self.tortoise = TortoisePool(settings.pooled, settings.pool(settings.tortoise_pool), driver, models, app)
        self.transactions = SqlAlchemyPool(
            "transactions", settings.pooled, settings.pool(settings.transaction_pool), driver
        )
        self.platform = self.transactions
        if settings.has_platform_login:
            self.platform = SqlAlchemyPool("platform", settings.platform, settings.platform_pool_limited(), driver)
        self.direct = DirectPool(settings.direct, settings.direct_pool_limited())
        self.probe = Probe(settings.pooled)
        self.stages = Stages(settings.direct, **settings.stages.model_dump())
        self.stores = Stores(registry, self.stages, self.tenancy)
        own_tables = OwnTables.of(registry.application)
        self.environment = Environment(
            clock=self.clock,
            stores=self.stores,
            module_settings=self.module_settings,
            tenancy=self.tenancy,
            statements=self.statements,
            own_tables=own_tables,
            outbox=Appending(own_tables.outbox),
            signer=self.signer,
            take_key=self.take_key,
            commit_and_restore=self.statements.commit_and_restore(),
            tortoise=self.tortoise,
            guards=Guards(settings.guards.in_environment(settings.environment)),
        )

    @property
    def pooled(self) -> tuple[Pool, ...]:
        """Those of requests, each once: where one login serves tenants and platform, they share a pool too."""
        return tuple(dict.fromkeys((self.tortoise, self.transactions, self.platform)))

    @property
    def pools(self) -> tuple[Pool, ...]:
        return (*self.pooled, self.direct)

    async def __aenter__(self) -> "Database":
        compile_all(self.registry)  # a wrong document stops the service here, not a request
        try:
            await check_budget(self.settings, self.pools)
            lane = await find_pooled_lane(self.settings)
            self.driver.prepared_statements = lane.prepares
            for pool in self.pools:
                await pool.open()
            await self.stages.open()
            self._tell(lane)
            if not self.tenancy.is_none and not self.settings.has_platform_login:
                log.warning("one_login", advice=ONE_LOGIN)
        except BaseException:
            await self.close()
            raise
        return self

    def _tell(self, lane: PooledLane) -> None:
        """Which lane is connected to what."""
        log.info(f"connected: {lane} → {', '.join(pool.describe() for pool in self.pooled)}")
        log.info(
            f"connected: direct lane at {self.direct.address.place} → {self.direct.describe()}, stages, migrations"
        )
        if self.settings.has_one_address:
            log.info("one_address", advice=ONE_ADDRESS.format(variable=self.settings.pooled.variable))
        if self.settings.prepares and not lane.prepares:
            log.warning("prepared_statements_off", advice=UNPREPARED)

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self.stages.close()
        self.probe.close()
        for pool in self.pools:
            await pool.close()

    async def take_key(self) -> None:
        """The key for tenants' signatures. Asked for by the first tenant's unit of work: at the start the database may
        not be migrated yet."""
        async with self.transaction(Platform("read the key that signs scopes"), while_read_only=True) as tx:
            self.signer.use(await read_key(tx))

    def transaction(
        self, scope: Scope | None = None, *, elevates: bool = False, while_read_only: bool = False
    ) -> Transaction:
        """`async with database.transaction(scope) as tx`: the only way to write, whatever the ORM.

        An application without tenants needs no scope; with them a missing one raises ProgrammingError.

        `elevates`: it will ask for the platform's rights (`tx.as_platform`), so it takes a connection whose login may
        become the platform's role. The tenants' own login may not, whatever a statement of theirs says.

        Raises ReadOnly where all modules are read-only. `while_read_only`: not this one, since reading needs it, as the
        sign-in of a reader does. A module that is read-only by itself is so for it too.
        """
        scope = self._scope(scope)
        if not while_read_only:
            self.stores.need_writable()
        pool = self.platform if elevates or isinstance(scope, Platform) else self.transactions
        return Transaction(self.environment, scope, pool, elevates=elevates)

    @overload
    def reading(self, scope: Scope | None = None) -> Reading: ...

    @overload
    def reading(self, scope: Scope | None, contract: type[Store]) -> StoreReading[Store]: ...

    def reading(self, scope: Scope | None = None, contract: type[Store] | None = None) -> Reading | StoreReading[Store]:
        """`async with database.reading(scope, BookReads) as books`: a store's reads, and none of its commands.

        It runs on the pool of the ORM that holds the truth; on the platform's, where it is the platform that reads.
        Without a contract, `async with database.reading(scope) as unit`: code that has no stores reads with Tortoise's
        models and `unit.session`, and PostgreSQL refuses a write. The scope may be left out as in `transaction`. Raises
        WriteInReading for a contract that has commands.
        """
        scope = self._scope(scope)
        if contract is None:
            pool = self.platform if isinstance(scope, Platform) else self.transactions  # both ORMs work there
            return Reading(self.environment, scope, pool)
        need_reads(contract)
        choice = self.stores.choose(contract, scope)
        return StoreReading(Reading(self.environment, scope, self._pool_to_read(scope, choice.orm)), choice)

    def _scope(self, given: Scope | None) -> Scope:
        if given is not None:
            return given
        if self.tenancy.is_none:
            return EVERYBODY
        raise ProgrammingError(
            "This application has tenants, so a unit of work needs to know for whom it runs:"
            " `database.transaction(scope)`, `database.reading(scope)`."
        )

    def _pool_to_read(self, scope: Scope, orm: Orm) -> Pool:
        if isinstance(scope, Platform):
            return self.platform
        return self.tortoise if orm is Orm.TORTOISE else self.transactions
