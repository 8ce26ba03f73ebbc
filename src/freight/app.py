"""The marketplace put together: its modules, its sign-in, and the library's HTTP shell around them."""

from importlib import metadata, resources
from typing import TYPE_CHECKING

from fastapi import FastAPI

from crossdock.clock import Clock
from crossdock.config.settings import Settings
from crossdock.registry import Registry, load_settings
from crossdock.web import app as shell
from crossdock.web.about import About
from freight import __doc__ as summary
from freight.modules.accounts.api import Callers, Tokens
from freight.secret import auth_secret
from freight.settings import FreightSettings
from freight.web import operators_scope

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ABOUT = About(
    title="Crossdock",
    summary=summary,
    version=metadata.version("crossdock"),
    description=resources.files("freight").joinpath("introduction.md").read_text(),
    license="MIT",
    contact="Crossdock's maintainers",
    tags=(
        "auth",
        "users",
        "teams",
        "bookings",
        "bids",
        "shipments",
        "ledger",
        "operations",
    ),  # in the order of their use
)


def create_app(
    settings: Settings | None = None,
    clock: Clock | None = None,
    registry: Registry | None = None,
    tracer_provider: "TracerProvider | None" = None,
) -> FastAPI:
    """The app, the same in production and in tests. What is not given is read from the environment and the project, as
    in uvicorn's worker processes."""
    registry = registry or Registry.found()
    settings = settings or load_settings(registry)
    assert isinstance(settings, FreightSettings), "[tool.crossdock] names another class of settings"
    secret = auth_secret(settings)
    tokens = Tokens(secret, settings.auth.access_ttl_s, settings.auth.refresh_ttl_s)
    app = shell.create_app(
        settings,
        registry,
        ABOUT,
        secret=secret,
        callers=lambda database: Callers(database, tokens),
        operators=operators_scope,
        clock=clock,
        tracer_provider=tracer_provider,
    )
    app.state.tokens = tokens
    return app
