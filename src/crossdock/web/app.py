"""The HTTP shell: a FastAPI app around the routers of an application's modules."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Depends, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from crossdock.clock import Clock
from crossdock.config.settings import HttpSettings, Settings
from crossdock.cutover import running_moves
from crossdock.jobs import running_jobs
from crossdock.logging import configure
from crossdock.migrations.status import Chains
from crossdock.operations.health import Health
from crossdock.operations.metrics import Metrics
from crossdock.registry import Registry
from crossdock.tracing.provider import provider_of_environment, tracing
from crossdock.transaction import Database
from crossdock.web import errors, openapi
from crossdock.web.about import About
from crossdock.web.dispatch import Dispatch
from crossdock.web.expected import need_expected
from crossdock.web.middleware import RequestShell
from crossdock.web.operations import TAGS, FindScope, operations_router
from crossdock.web.proxies import Forwarded
from crossdock.web.signing_in import Callers

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def create_app(
    settings: Settings,
    registry: Registry,
    about: About,
    *,
    secret: str,
    callers: Callable[[Database], Callers] | None = None,
    operators: FindScope | None = None,
    clock: Clock | None = None,
    tracer_provider: "TracerProvider | None" = None,
) -> FastAPI:
    """The HTTP shell around the routers of all modules.

    `secret` signs the fingerprints of requests that have an Idempotency-Key. `callers` makes what finds out who calls,
    None where nobody signs in. `operators` finds the scope of an operator: with it the app has the routes of
    `operations_router`. Spans go to `tracer_provider`, if tracing is on; without one, the standard `OTEL_*`
    variables say where to.
    """
    configure(settings.log, tracing=settings.tracing)
    provider = (tracer_provider or provider_of_environment()) if settings.tracing else None
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings, registry, clock)
        async with tracing(provider, database.pools), database, _background(database, metrics):
            app.state.database = database
            app.state.callers = callers(database) if callers else None
            app.state.health = Health(database, Chains(settings.direct, registry.application))
            yield

    app = FastAPIOffline(
        **about.openapi(registry, TAGS if operators else {}),
        swagger_ui_parameters={"validatorUrl": None, "persistAuthorization": True},  # nobody else is asked
        generate_unique_id_function=openapi.operation_id,
        lifespan=lifespan,
        telemetry=_telemetry(provider),
    )
    app.state.secret = secret
    app.state.metrics = metrics
    for router in (*registry.routers(), *([operations_router(operators)] if operators else [])):
        app.include_router(router, dependencies=[Depends(need_expected)])
    _pages(app)
    errors.install_errors(app)
    openapi.install(app, registry)
    _wrap(app, settings.http, metrics)
    return app


def _wrap(app: FastAPI, settings: HttpSettings, metrics: Metrics) -> None:
    """The middleware, from the innermost one."""
    app.add_middleware(Dispatch, routes=app)
    app.add_middleware(RequestShell, settings=settings, metrics=metrics)
    _for_pages_of(settings.cors_origins, app)
    app.add_middleware(Forwarded, trusted=settings.trusted_proxies)


@asynccontextmanager
async def _background(database: Database, metrics: Metrics) -> AsyncIterator[None]:
    """What a process does beside its requests."""
    async with running_moves(database) as moves, running_jobs(database), metrics.watching(database, moves.totals):
        yield


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
    """A span for each request where tracing is on. Each option is set: FastAPI would look for providers at each
    request otherwise."""
    return {
        "tracer_provider": provider,
        "tracing": provider is not None,
        "metrics": False,  # Prometheus has them
        "logs": False,
        "operation_spans": False,  # of steps that web/dispatch goes without
        "auto_configure": False,
    }


def _pages(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def root(request: Request) -> Response:
        """A browser that opens the bare address is sent to the documentation."""
        return RedirectResponse(f"{request.scope.get('root_path', '')}/docs")

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        """Whether the process answers. It does not ask the database: a restart would not help where that is down."""
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request) -> Response:
        state = await request.app.state.health.readiness()
        body: dict[str, Any] = {"ready": state.ready, "pools": state.pools, "migrations": state.migrations}
        if state.modules:
            body["modules"] = state.modules
        return Response(orjson.dumps(body), 200 if state.ready else 503, media_type="application/json")

    @app.get("/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        return PlainTextResponse(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4")
