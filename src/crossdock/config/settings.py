"""One frozen settings object, built from the environment at the entry point and passed down."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, SecretStr, computed_field, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from crossdock.address import Address
from crossdock.address.reading import one_host
from crossdock.config import order_of_limits
from crossdock.config.guards import GuardSettings
from crossdock.config.limits import MS_MAX, Limits
from crossdock.config.lists import Networks, Origins
from crossdock.config.variables import with_current_names
from crossdock.errors import ConfigurationError

DB_FIELDS = {"db_host", "db_port", "db_user", "db_password", "db_name"}
"""Any one of `DB_*` says that a database is configured; the others have defaults."""


class Group(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """Settings that are nested in others. A name that is none of them is refused."""


class PoolSettings(Group, frozen=True):
    """How many connections a pool keeps and allows, and how long a caller may wait for one."""

    min_size: int = Field(default=5, ge=0, le=1000)
    max_size: int = Field(default=20, ge=1, le=1000)
    timeout_s: float = Field(default=5.0, gt=0, le=120)
    waiting_max: int = Field(default=1000, ge=0, le=1_000_000)

    @model_validator(mode="before")
    @classmethod
    def _keep_no_more_than_allowed(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Whoever sets `max_size` alone, below what is kept by default, has said how many to keep as well."""
        least = cls.model_fields["min_size"].default
        try:
            return {"min_size": min(least, int(given["max_size"]))} | given
        except (KeyError, ValueError, TypeError):
            return given  # not set, or wrong, which is said by the field

    @model_validator(mode="after")
    def _least_is_no_more_than_most(self) -> Self:
        if self.min_size > self.max_size:
            raise ValueError(f"min_size is {self.min_size}, above max_size, {self.max_size}")
        return self


class PlatformPoolSettings(PoolSettings, frozen=True):
    """The same, for sign-in, deals and timers. With the other pools' defaults, two workers fit into a server's 100."""

    min_size: int = Field(default=1, ge=0, le=1000)
    max_size: int = Field(default=4, ge=1, le=1000)


class DirectPoolSettings(PoolSettings, frozen=True):
    """The same, for the lane that few use at once."""

    min_size: int = Field(default=1, ge=0, le=1000)
    max_size: int = Field(default=1, ge=1, le=1000)


class MigrationSettings(Group, frozen=True):
    """What a migration may wait for and spend. Traffic queues behind a lock that is waited for, so that wait is short
    and is tried again; an index that is built beside the traffic may take its time.

    `lock_timeout_ms` stays under PostgreSQL's `deadlock_timeout` (1 s): where a revision and a request wait for each
    other, it is then the revision that gives way, and is tried again, and not the request that fails.
    """

    wait_s: float = Field(default=60.0, ge=0, le=86_400)
    lock_timeout_ms: int = Field(default=500, gt=0, le=MS_MAX)
    lock_tries: int = Field(default=30, ge=1, le=1_000)
    statement_timeout_ms: int = Field(default=60_000, gt=0, le=MS_MAX)
    concurrent_timeout_ms: int = Field(default=4 * 3_600_000, gt=0, le=MS_MAX)

    def timeouts(self, *, stands_alone: bool = False) -> dict[str, str]:
        """PostgreSQL's own settings. A statement that stands alone waits for old transactions, and blocks nobody.

        The last one: without it PostgreSQL would go on for hours with what a killed client has begun.
        """
        alone = self.concurrent_timeout_ms
        return {
            "lock_timeout": str(alone if stands_alone else self.lock_timeout_ms),
            "statement_timeout": str(alone if stands_alone else self.statement_timeout_ms),
            "idle_in_transaction_session_timeout": "60000",
            "client_connection_check_interval": "1000",
        }


class StageSettings(Group, frozen=True):
    """How the stages of modules are heard of. `poll_s`: they are read so often where nothing is notified. `deaf_max_s`:
    so long the last known ones count while the direct lane is lost; then modules are answered for as their manifests
    say."""

    poll_s: float = Field(default=5.0, gt=0, le=60)
    deaf_max_s: float = Field(default=30.0, gt=0, le=3_600)

    @model_validator(mode="after")
    def _is_deaf_after_a_poll(self) -> Self:
        """Else whoever hears nothing because nothing changes would count as deaf."""
        if self.deaf_max_s <= self.poll_s:
            raise ValueError(f"deaf_max_s is {self.deaf_max_s}, and has to be above poll_s, {self.poll_s}")
        return self


class MoveSettings(Group, frozen=True):
    """What comparing may cost, and what a step forward asks for.

    `connections` are for comparisons alone, and `waiting_max` calls wait for one, each compared within `timeout_s`. At
    most `time_share_max` of a worker's time goes to comparisons; over 1, several at a time. The
    first `noise_first` of each method ask the control twice. A step forward asks for `comparisons_min` of each method
    and `stage_min_s` at the stage. Past `mismatches_max` the module steps back by itself. `slower_max` is how many
    times the control's time the candidate may take, on average, and `statements_max` how many times its statements.
    `kept_max` mismatches are kept of each module.
    """

    connections: int = Field(default=1, ge=1, le=100)
    waiting_max: int = Field(default=100, ge=1, le=10_000)
    timeout_s: float = Field(default=2.0, gt=0, le=60)
    time_share_max: float = Field(default=0.05, gt=0, le=100)
    noise_first: int = Field(default=10, ge=0, le=10_000)
    comparisons_min: int = Field(default=100, ge=1, le=10_000_000)
    stage_min_s: float = Field(default=600.0, ge=0, le=30 * 86_400)
    mismatches_max: int = Field(default=10, ge=0, le=1_000_000)
    slower_max: float = Field(default=1.25, gt=0, le=1_000)
    statements_max: float = Field(default=1.0, ge=1, le=1_000)
    kept_max: int = Field(default=200, ge=1, le=100_000)


class HttpSettings(Group, frozen=True):
    """Limits of the HTTP shell, and whom it believes. `request_timeout_s` ends a request that hangs, as 503, and
    `headers_timeout_s` one whose headers have no end, as 408."""

    body_max_bytes: int = Field(default=1_000_000, ge=1_000, le=1_000_000_000)
    request_timeout_s: float = Field(default=30.0, gt=0, le=3_600)
    headers_timeout_s: float = Field(default=10.0, gt=0, le=3_600)
    trusted_proxies: Networks = ()
    cors_origins: Origins = ()


class LogSettings(Group, frozen=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """Everything that can be set from outside. `DATABASE_URL`, `DIRECT_URL` and `DB_*` carry no prefix."""

    model_config = SettingsConfigDict(
        env_prefix="CROSSDOCK_",
        env_nested_delimiter="__",
        env_ignore_empty=True,  # `DATABASE_URL= make run`, or an empty line of a compose file: not set
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    environment: Literal["development", "test", "production"] = "development"
    data_dir: Path = Path(".crossdock")
    workers: int = Field(default=1, ge=1, le=64)

    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    direct_url: SecretStr | None = Field(default=None, validation_alias="DIRECT_URL")
    db_host: str = Field(default="localhost", validation_alias="DB_HOST")
    db_port: int = Field(default=5432, ge=1, le=65_535, validation_alias="DB_PORT")
    db_user: str = Field(default="postgres", validation_alias="DB_USER")
    db_password: SecretStr | None = Field(default=None, validation_alias="DB_PASSWORD")
    db_name: str = Field(default="crossdock", validation_alias="DB_NAME")
    platform_url: SecretStr | None = None
    """The same database for the login that may become the platform's role; None: the login of `database_url` may."""

    tortoise_pool: PoolSettings = PoolSettings()
    transaction_pool: PoolSettings = PoolSettings()
    platform_pool: PlatformPoolSettings = PlatformPoolSettings()
    direct_pool: DirectPoolSettings = DirectPoolSettings()
    limits: Limits = Limits()
    migrations: MigrationSettings = MigrationSettings()
    stages: StageSettings = StageSettings()
    moves: MoveSettings = MoveSettings()
    prepared_statements: bool = True
    """On: they are used where whatever stands before PostgreSQL carries them, which is found out at the start. A pooler
    in transaction mode does so from PgBouncer 1.21 on, with `max_prepared_statements`."""
    keep_sessions: bool = True
    """Off: each read has a transaction of its own, as behind a pooler, which is found out by itself."""
    http: HttpSettings = HttpSettings()
    log: LogSettings = LogSettings()
    guards: GuardSettings = GuardSettings()
    tracing: bool = False
    """Where to, the standard `OTEL_*` variables say."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment's variables, by their former names too. Raises ConfigurationError."""
        assert isinstance(env_settings, EnvSettingsSource)
        env_settings.env_vars = with_current_names(env_settings.env_vars)
        return init_settings, env_settings, dotenv_settings, file_secret_settings

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> Self:
        order_of_limits.check(order_of_limits.of(self))
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def uses_embedded_database(self) -> bool:
        return self.database_url is None and self.direct_url is None and not self.model_fields_set & DB_FIELDS

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def pooled(self) -> Address:
        """The lane of the two ORMs' pools, through a pooler when there is one."""
        if self.database_url is not None:
            return Address.parse(self.database_url.get_secret_value(), "DATABASE_URL")
        if self.direct_url is not None and not self.model_fields_set & DB_FIELDS:
            raise ConfigurationError("DIRECT_URL is set without DATABASE_URL: set both, or neither.")
        if not self.model_fields_set & DB_FIELDS:
            raise ConfigurationError("No database is configured: set DATABASE_URL, or let `crossdock serve` start one.")
        return self._by_parts()

    def _by_parts(self) -> Address:
        password = self.db_password.get_secret_value() if self.db_password else None
        try:
            host = one_host(self.db_host)
        except ValueError as error:
            raise ConfigurationError(f"DB_HOST cannot be read: {error}.") from None
        return Address(host, self.db_port, self.db_user, self.db_name, password, variable="DB_HOST")

    @property
    def platform(self) -> Address:
        """The pooled lane for work across tenants. The tenants' login where no other is given."""
        if self.platform_url is None:
            return self.pooled
        return Address.parse(self.platform_url.get_secret_value(), "CROSSDOCK_PLATFORM_URL")

    @property
    def has_platform_login(self) -> bool:
        """Whether tenants' statements run as a login that cannot become the platform's role."""
        return self.platform.user != self.pooled.user

    @property
    def direct(self) -> Address:
        """The lane straight to PostgreSQL: migrations, the command line, LISTEN."""
        if self.direct_url is None:
            return replace(self.pooled, needs_session=True)
        direct = replace(Address.parse(self.direct_url.get_secret_value(), "DIRECT_URL"), needs_session=True)
        if self._has_pooled and direct.schema != self.pooled.schema:
            raise ConfigurationError(
                f"DIRECT_URL is about the schema {direct.schema}, {self.pooled.variable} about {self.pooled.schema}:"
                " what is migrated and what is served have to be the same. Write one schema= into both."
            )
        return direct

    @property
    def has_one_address(self) -> bool:
        """Whether both lanes are the same address, since only one is given."""
        return self.direct_url is None

    @property
    def _has_pooled(self) -> bool:
        return self.database_url is not None or bool(self.model_fields_set & DB_FIELDS)

    def check_addresses(self) -> None:
        """Raises ConfigurationError for one that cannot be read, before anything is begun with them."""
        if self._has_pooled or self.direct_url is not None:
            _ = self.direct
        if self._has_pooled and self.platform.schema != self.pooled.schema:
            raise ConfigurationError(
                f"CROSSDOCK_PLATFORM_URL is about the schema {self.platform.schema}, {self.pooled.variable} about"
                f" {self.pooled.schema}: write one schema= into both."
            )

    @property
    def prepares(self) -> bool:
        """Whether the pooled lane uses prepared statements: the setting's word, or the URL's."""
        said = (self.prepared_statements, self.pooled.prepared_statements, self.platform.prepared_statements)
        return all(said)

    def pool(self, settings: PoolSettings, address: Address | None = None) -> PoolSettings:
        """The pool's settings, with what the URL itself limits (`connection_limit`, `pool_timeout`) on top."""
        address = address or self.pooled
        timeout_s = address.pool_timeout_s
        for name, seconds in (("pool_timeout", timeout_s), ("connect_timeout", address.connect_timeout_s)):
            if seconds is not None:
                name_and_place = f"{name} in {address.variable}"
                order_of_limits.check([order_of_limits.within_a_request(name_and_place, seconds, self)])
        size = address.connection_limit or settings.max_size
        return settings.model_copy(
            update={
                "max_size": size,
                "min_size": min(settings.min_size, size),
                "timeout_s": timeout_s or settings.timeout_s,
            }
        )

    def platform_pool_limited(self) -> PoolSettings:
        """The platform's pool: its own URL limits it."""
        return self.pool(self.platform_pool, self.platform)

    def direct_pool_limited(self) -> PoolSettings:
        """The direct pool's settings: DIRECT_URL limits them, and DATABASE_URL, in its place, does not."""
        return self.direct_pool if self.direct_url is None else self.pool(self.direct_pool, self.direct)

    def with_database(self, pooled: Address, direct: Address | None = None, platform: Address | None = None) -> Self:
        """These settings on another database (the embedded one, a test's), with the same logins unless others are
        given: the platform's goes the way of the tenants'."""
        if platform is None and self.platform_url is not None and pooled.user == self.pooled.user:
            platform = pooled.with_user(self.platform.user, self.platform.password)
        direct = direct or replace(pooled, connection_limit=None, pool_timeout_s=None)
        return self.model_copy(
            update={
                "database_url": SecretStr(pooled.url),
                "direct_url": SecretStr(direct.url),
                "platform_url": SecretStr(platform.url) if platform else None,
            }
        )
