"""The database of a command: the configured one, or the embedded server for as long as the command runs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from crossdock.cli.ending import ended_by_signals
from crossdock.cli.output import steps
from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError
from crossdock.extras import need_extra
from crossdock.logging import configure
from crossdock.registry import load_settings


def command_settings() -> Settings:
    """Settings for a command that ends: its log says warnings and worse."""
    settings = load_settings()
    level = settings.log.level if settings.log.level in ("debug", "error") else "warning"
    configure(settings.log.model_copy(update={"level": level}))
    return settings


@contextmanager
def with_database(settings: Settings, *, pooler: bool = False) -> Iterator[Settings]:
    """The settings, with the embedded server's addresses in them where no database is configured. Inside, a signal
    raises Ended. `pooler`: the pooled lane goes through a PgBouncer before the embedded server. Raises
    ConfigurationError where another database is configured: what stands before that is not ours to start."""
    with ended_by_signals():
        if settings.uses_embedded_database:
            with _embedded(settings, pooler=pooler) as located:
                yield located
        elif pooler:
            raise ConfigurationError(
                "--pooler puts PgBouncer before the embedded PostgreSQL, and another database is configured: start one"
                " before that yourself, and set DATABASE_URL to it."
            )
        else:
            yield settings


@contextmanager
def _embedded(settings: Settings, *, pooler: bool) -> Iterator[Settings]:
    refuse_embedded_in_production(settings)
    need_extra("embedded", "No database is configured, and the embedded PostgreSQL")
    # Here: who has a database of their own need not install it.
    from crossdock.embedded import EmbeddedPooler, EmbeddedServer

    with ExitStack() as stack:
        with steps("Starting the embedded PostgreSQL"):
            server = stack.enter_context(EmbeddedServer(settings.data_dir / "postgresql"))
        tenants, service = server.tenants, server.service
        if pooler:
            owner, logins = server.owner.user, (tenants.user, service.user)
            between = stack.enter_context(EmbeddedPooler(settings.data_dir / "pgbouncer", tenants, owner, *logins))
            tenants, service = between.address(tenants), between.address(service)
        yield settings.with_database(tenants, server.owner, service)


def refuse_embedded_in_production(settings: Settings) -> None:
    """Raises ConfigurationError: production has a database of its own."""
    if settings.is_production and settings.uses_embedded_database:
        raise ConfigurationError(
            "No database is configured, and the embedded one is refused in production: set DATABASE_URL."
        )
