"""The ASGI app that answers by the routes it knows, and leaves every other request to FastAPI."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.telemetry._api import _route_selected
from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.responses import Response

from crossdock.errors import DatabaseUnavailable, ProgrammingError
from crossdock.transaction.faults import is_lost
from crossdock.web.dispatch.arguments import LEFT_TO_FASTAPI, Arguments, arguments
from crossdock.web.dispatch.confirming import confirmed
from crossdock.web.dispatch.paths import Paths
from crossdock.web.middleware import App, Receive, Scope, Send
from crossdock.web.signing_in import finds_caller


@dataclass(frozen=True, slots=True)
class Route:
    """A route of FastAPI, and how its endpoint is called."""

    route: APIRoute
    path: str
    arguments: Arguments

    async def answer(self, request: Request) -> Response:
        """Calls the endpoint, and raises what it raises.

        A GET whose database connection was lost is tried once more, on another connection. It only reads, so nothing is
        done twice.
        """
        try:
            return await confirmed(request, self.arguments)
        except DatabaseUnavailable as error:
            if request.method != "GET" or not is_lost(error):
                raise
        return await confirmed(request, self.arguments)


class Dispatch:
    """Middleware between the request shell, which makes a problem of every error, and FastAPI."""

    def __init__(self, app: App, routes: FastAPI) -> None:
        self._app = app
        self._paths = paths(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None
        if scope["type"] == "http":
            found = self._paths.find(scope["method"], get_route_path(scope))
        if found is None:
            await self._app(scope, receive, send)
            return
        route, scope["path_params"] = found
        scope["route"], scope["endpoint"] = route.route, route.route.endpoint
        _route_selected(scope=scope, path=route.path)
        response = await route.answer(Request(scope, receive, send))
        await response(scope, receive, send)


def paths(app: FastAPI) -> Paths[Route]:
    """Every route whose arguments can be worked out once, and whose endpoint returns a Response."""
    found: Paths[Route] = Paths()
    for context in iter_route_contexts(app.routes):
        route = _route(context)
        if route is not None:
            for method in context.methods or ():
                found.add(method, route.path, route)
    return found


def _route(context: RouteContext) -> Route | None:
    original: Any = context.original_route
    if not isinstance(original, APIRoute) or context.path_format is None or ":" in original.path:
        return None
    known = arguments(context.dependant, embeds_body=context._embed_body_fields)
    if known is None or not known.steps[-1].is_async or not _makes_its_answer(original.endpoint):
        if _is_signed_in(context.dependant):
            raise ProgrammingError(
                f"{original.name} is for people who are signed in: it may not take {LEFT_TO_FASTAPI}."
            )
        return None
    return Route(original, context.path_format, known)


def _makes_its_answer(endpoint: Callable[..., Any]) -> bool:
    """Whether the endpoint returns a Response. FastAPI would have to make one of anything else."""
    answer = get_type_hints(endpoint).get("return")
    return isinstance(answer, type) and issubclass(answer, Response)


def _is_signed_in(dependant: Dependant) -> bool:
    return finds_caller(dependant.call) or any(_is_signed_in(each) for each in dependant.dependencies)
