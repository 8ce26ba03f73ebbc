"""The app factory: the one app, in production and under test."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import metadata
from typing import TYPE_CHECKING

import orjson
from fastapi import Depends, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from crossdock import __doc__ as summary
from crossdock.kernel import config
from crossdock.kernel.clock import Clock
from crossdock.kernel.config import Settings
from crossdock.kernel.logging import configure
from crossdock.kernel.migrations.status import Chains
from crossdock.kernel.operations.health import Health
from crossdock.kernel.operations.metrics import Metrics
from crossdock.kernel.operations.tracing import provider_of_environment, tracing
from crossdock.kernel.periodic import running_jobs
from crossdock.kernel.registry import Registry
from crossdock.kernel.secrets import auth_secret
from crossdock.kernel.transaction import Database
from crossdock.modules.accounts.api import Callers, Tokens
from crossdock.web import errors, openapi
from crossdock.web.dispatch import Dispatch
from crossdock.web.expected import need_expected
from crossdock.web.middleware import RequestShell
from crossdock.web.proxies import Forwarded

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def create_app(
    settings: Settings | None = None,
    clock: Clock | None = None,
    registry: Registry | None = None,
    tracer_provider: "TracerProvider | None" = None,
) -> FastAPI:
    """Settings come from the environment when none are given, as in uvicorn's worker processes, and so does where spans
    go to, if tracing is on; modules come from their package."""
    settings = settings or config.load()
    configure(settings.log, tracing=settings.tracing)
    provider = (tracer_provider or provider_of_environment()) if settings.tracing else None
    registry = registry or Registry.discover(settings.modules_package)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings, registry, clock)
        watching = metrics.watching(database.pools)
        async with tracing(provider, database.pools), database, running_jobs(database), watching:
            app.state.database = database
            app.state.callers = Callers(database, app.state.tokens)
            app.state.health = Health(database, Chains(settings.direct))
            yield

    app = FastAPIOffline(
        title="Crossdock",
        summary=summary,
        **openapi.about(metadata.version("crossdock")),
        openapi_tags=openapi.tags(registry),
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": True},  # nobody else is asked
        generate_unique_id_function=openapi.operation_id,
        lifespan=lifespan,
        telemetry=_telemetry(provider),
    )
    app.state.tokens = Tokens(auth_secret(settings), settings.auth.access_ttl_s, settings.auth.refresh_ttl_s)
    app.state.metrics = metrics
    for router in registry.routers():
        app.include_router(router, dependencies=[Depends(need_expected)])
    _operations(app)
    errors.install(app)
    openapi.install(app, registry)
    app.add_middleware(Dispatch, routes=app)
    app.add_middleware(RequestShell, settings=settings.http, metrics=metrics)
    _for_pages_of(settings.http.cors_origins, app)
    app.add_middleware(Forwarded, trusted=settings.http.trusted_proxies)
    return app


def _for_pages_of(origins: Sequence[str], app: FastAPI) -> None:
    """CORS, around the request shell: its errors have the headers too. Tokens travel in a header of their own, no
    cookie does, so a page has no rights but those that it was given."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=("Authorization", "If-Match", "Idempotency-Key", "X-Request-Id"),
            expose_headers=("ETag", "Location", "Retry-After", "X-Request-Id"),
        )


def _telemetry(provider: "TracerProvider | None") -> TelemetryConfig:
    """A span for each request, if any. Said aloud: FastAPI would look for providers anew at each request."""
    return {
        "tracer_provider": provider,
        "tracing": provider is not None,
        "metrics": False,  # Prometheus has them
        "logs": False,
        "operation_spans": False,  # of steps that web/dispatch goes without
        "auto_configure": False,
    }


def _operations(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def root(request: Request) -> Response:
        """Who opens the bare address wants to know what there is."""
        return RedirectResponse(f"{request.scope.get('root_path', '')}/docs")

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        """Alive. Never asks the database: a process that waits for it must not be restarted for that."""
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request) -> Response:
        state = await request.app.state.health.readiness()
        body = {"ready": state.ready, "pools": state.pools, "migrations": state.migrations}
        return Response(orjson.dumps(body), 200 if state.ready else 503, media_type="application/json")

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        return PlainTextResponse(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4")
