"""How the arguments of a route are taken from a request: worked out once, from what FastAPI knows of its parameters.

FastAPI walks the tree of dependencies for each request, with an exit stack, a thread for each plain function, and a
response that is not sent. Here each dependency is called once in a request, in the event loop: one that is no coroutine
must not block.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any

from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from crossdock.web.dispatch.body import read_body
from crossdock.web.dispatch.fields import Fields


@dataclass(slots=True)
class Solving:
    """One request: its body, what the dependencies returned so far, and what was found wrong with it."""

    request: Request
    body: Any
    given: dict[Callable[..., Any], Any]
    errors: list[Any]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one function, an endpoint or a dependency. `request_names` are its parameters that are given the
    request itself."""

    call: Callable[..., Any]
    is_async: bool
    dependencies: tuple[tuple[str | None, "Arguments"], ...]
    request_names: tuple[str, ...]
    path: Fields
    query: Fields
    headers: Fields
    body: Sequence[ModelField]
    embeds_body: bool

    async def called(self, request: Request) -> Any:
        """Calls the endpoint and returns its response. Raises RequestValidationError, and what the endpoint raises."""
        body = await read_body(request) if self.body else None
        solving = Solving(request, body, {}, [])
        values = await self._values(solving)
        if solving.errors:
            raise RequestValidationError(solving.errors, body=body)
        return await self.call(**values)

    async def _values(self, solving: Solving) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, dependency in self.dependencies:
            given = await dependency._given(solving)
            if name is not None:
                values[name] = given
        request, errors = solving.request, solving.errors
        for name in self.request_names:
            values[name] = request
        if self.path:
            self.path.add(request.path_params, values, errors)
        if self.query:
            self.query.add(request.query_params, values, errors)
        if self.headers:
            self.headers.add(request.headers, values, errors)
        if self.body:
            found, wrong = await request_body_to_args(list(self.body), solving.body, self.embeds_body)
            values.update(found)
            errors += wrong
        return values

    async def _given(self, solving: Solving) -> Any:
        if self.call in solving.given:
            return solving.given[self.call]
        wrong = len(solving.errors)
        values = await self._values(solving)
        if len(solving.errors) > wrong:
            return None  # the request is refused at the end, with everything that is wrong with it
        given = self.call(**values)
        solving.given[self.call] = given = await given if self.is_async else given
        return given


LEFT_TO_FASTAPI = (
    "a form, a cookie, a generator, background tasks, scopes, or a response to change; and it makes its Response"
)


def arguments(dependant: Dependant, *, embeds_body: bool) -> Arguments | None:
    """None where the function takes something that only FastAPI can give it."""
    call = dependant.call
    if call is None or not _is_plain(dependant):
        return None
    dependencies = [(each.name, arguments(each, embeds_body=embeds_body)) for each in dependant.dependencies]
    if any(each is None for _, each in dependencies):
        return None
    is_async = iscoroutinefunction(call) or iscoroutinefunction(
        type(call).__call__
    )  # OAuth2PasswordBearer is an object
    requests = (dependant.request_param_name, dependant.http_connection_param_name)
    return Arguments(
        call=call,
        is_async=is_async,
        dependencies=tuple((name, each) for name, each in dependencies if each is not None),
        request_names=tuple(name for name in requests if name is not None),
        path=Fields(dependant.path_params),
        query=Fields(dependant.query_params),
        headers=Fields(dependant.header_params),
        body=dependant.body_params,
        embeds_body=embeds_body,
    )


def _is_plain(dependant: Dependant) -> bool:
    call = dependant.call
    return not (
        isgeneratorfunction(call)
        or isasyncgenfunction(call)
        or dependant.cookie_params
        or dependant.response_param_name
        or dependant.background_tasks_param_name
        or dependant.security_scopes_param_name
        or dependant.websocket_param_name
        or dependant.concurrency
        or not dependant.use_cache
        or any(type(field.field_info).__name__ in ("Form", "File") for field in dependant.body_params)
    )
