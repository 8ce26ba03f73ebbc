"""The service of `crossdock serve`: a database, its migrations and the workers, started and ended together."""

import asyncio
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass
from typing import Any

from crossdock.cli.database import refuse_embedded_in_production, with_database
from crossdock.cli.ending import Ended
from crossdock.cli.output import note, progress_bar, steps
from crossdock.cli.serve import worker
from crossdock.cli.serve.announcement import Announcement
from crossdock.cli.serve.listening import bound, listen, url_of
from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.errors import ConfigurationError
from crossdock.extras import need_extra
from crossdock.isolation import ask_before_start
from crossdock.logging import configure
from crossdock.migrations.status import Chains
from crossdock.operations.check import State
from crossdock.operations.demo import Demo, demo_of, refuse_production
from crossdock.operations.environment import mark_production
from crossdock.pools.budget import check_budget
from crossdock.pools.lane import find_pooled_lane
from crossdock.registry import Registry, load_settings
from crossdock.transaction import Database

UNTIL_THEN = "Until then /readyz answers 503, where the app has it."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say; None where nothing was said, and the settings decide."""

    host: str
    port: int
    workers: int | None
    proxies: str | None
    _: KW_ONLY
    demo: bool
    pooler: bool
    reload: bool
    as_json: bool


def run(registry: Registry, wanted: Wanted) -> None:
    """Until a signal ends it. Raises ConfigurationError, DatabaseUnavailable or DidNotStart."""
    settings = load_settings(registry, **_given(wanted))
    configure(settings.log, tracing=settings.tracing)
    check_reload(settings, reload=wanted.reload)
    # The settings first: a wrong one is refused whether the port is free or not.
    check_production(settings, demo=wanted.demo)
    _check(registry, settings)
    demo = demo_of(registry) if wanted.demo else None
    refuse_embedded_in_production(settings)
    if settings.tracing:
        need_extra("tracing", "CROSSDOCK_TRACING")
    database = with_database(settings, pooler=wanted.pooler)
    with suppress(Ended), bound(wanted.host, wanted.port) as listener, database as located:
        asyncio.run(prepare(located, registry, embedded=settings.uses_embedded_database, demo=demo))
        listen(listener)
        with Announcement(url_of(listener), demo=demo, as_json=wanted.as_json):
            worker.run(located, listener, reload=wanted.reload)


def _given(wanted: Wanted) -> dict[str, Any]:
    """Settings that the options give, in place of those of the environment."""
    given: dict[str, Any] = {"workers": wanted.workers} if wanted.workers else {}
    return given if wanted.proxies is None else given | {"http": {"trusted_proxies": wanted.proxies}}


def _check(registry: Registry, settings: Settings) -> None:
    """Raises ConfigurationError with what a check of the application's has found wrong."""
    for check in registry.application.check(settings):
        if check.state is State.FAILED:
            raise ConfigurationError(check.message)


def check_reload(settings: Settings, *, reload: bool) -> None:
    """Raises ConfigurationError where code that changes under the service would be no help."""
    if reload and settings.is_production:
        raise ConfigurationError("--reload is refused in production: it serves whatever is being written.")
    if reload and settings.workers > 1:
        raise ConfigurationError(f"--reload serves by one process, and {settings.workers} workers are wanted.")


def check_production(settings: Settings, *, demo: bool) -> None:
    """Raises ConfigurationError for what production must not have."""
    if settings.is_production and demo:
        raise ConfigurationError("The demo data is refused in production: its passwords are public. Leave out --demo.")


async def prepare(settings: Settings, registry: Registry, *, embedded: bool, demo: Demo | None) -> None:
    """Everything that must be right before the port opens. Raises ConfigurationError or DatabaseUnavailable."""
    if demo is not None:
        await refuse_production(settings)
    await _migrate(settings, registry, wanted=embedded or demo is not None)
    await _isolate(settings, registry)
    await check_budget(settings, Database(settings, registry).pools)
    await find_pooled_lane(settings)  # one that nothing could go through ends the start here, in a sentence
    if settings.is_production:
        await _mark(settings)
    if demo is not None:
        with progress_bar("Making the demo data") as progress:
            await demo.make(settings, registry, progress=progress)


async def _migrate(settings: Settings, registry: Registry, *, wanted: bool) -> None:
    chains = Chains(settings.direct, registry.application)
    states = await chains.status()
    if wanted and any(chain.pending for chain in states):
        from crossdock.migrations.run.runner import Runner  # both tools: a worker that need not migrate goes without

        with steps("Migrating") as progress:
            await Runner(settings, registry).up(progress)
        states = await chains.status()
    pending = [f"{len(chain.pending)} of the {chain.name} chain" for chain in states if chain.pending]
    if pending:
        which = " and ".join(pending)
        note(f"Revisions are pending, {which}: run `crossdock migrate up`. {UNTIL_THEN}")
    for chain in states:
        if chain.problems and not chain.pending:
            note(f"The {chain.name} migrations: {chain.problems[0]} See `crossdock migrate status`.")


async def _isolate(settings: Settings, registry: Registry) -> None:
    """Raises NotIsolated where row level security does not hold. What is less than that is said."""
    direct = await connect(settings.direct)
    try:
        for broken in await ask_before_start(direct, settings.direct.schema, registry, settings.pooled.user):
            note(f"Isolation: {broken.line} See `crossdock doctor`.")
    finally:
        await direct.close()


async def _mark(settings: Settings) -> None:
    direct = await connect(settings.direct)
    marked = await mark_production(direct)
    await direct.close()
    if not marked:
        note(
            "The database could not be marked as production: run `crossdock migrate up` with"
            " CROSSDOCK_ENVIRONMENT=production as the user who owns the tables."
        )
