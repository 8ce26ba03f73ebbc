"""How the arguments of a route are taken from a request: worked out once, from what FastAPI knows of its parameters.

FastAPI walks the tree of dependencies for each request, with an exit stack, a thread for each plain function, and a
response that is not sent. Here the tree is a list, in which each dependency stands once, behind those that it needs.
All are called in the event loop: one that is no coroutine must not block.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from operator import attrgetter
from typing import Any

from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from crossdock.web.dispatch.body import read_body
from crossdock.web.dispatch.fields import Fields

Read = Callable[[Request], Any]
"""Takes the part of a request that parameters come from."""


@dataclass(frozen=True, slots=True)
class Step:
    """One function that is called, a dependency or the endpoint itself, and where its arguments come from.

    `given` are those that earlier steps return, by the number of the step; `needs` all steps that it waits for, also
    those whose result it does not take. `request_names` are its parameters that are given the request itself.
    """

    call: Callable[..., Any]
    is_async: bool
    given: tuple[tuple[str, int], ...]
    needs: frozenset[int]
    request_names: tuple[str, ...]
    parts: tuple[tuple[Read, Fields], ...]
    body: Sequence[ModelField]
    embeds_body: bool


@dataclass(frozen=True, slots=True)
class Arguments:
    """The steps of one route, in their order. The last one is the endpoint."""

    steps: tuple[Step, ...]
    has_body: bool

    async def called(self, request: Request) -> Any:
        """Calls the endpoint and returns its response. Raises RequestValidationError, and what the endpoint raises."""
        body = await read_body(request) if self.has_body else None
        results: list[Any] = []
        errors: list[Any] = []
        refused: set[int] = set()
        for step in self.steps:
            values = {name: results[number] for name, number in step.given}
            for name in step.request_names:
                values[name] = request
            wrong = len(errors)
            for read, fields in step.parts:
                fields.add(read(request), values, errors)
            if step.body:
                found, wrong_body = await request_body_to_args(list(step.body), body, step.embeds_body)
                values.update(found)
                errors += wrong_body
            if len(errors) > wrong or (refused and not refused.isdisjoint(step.needs)):
                refused.add(len(results))
                results.append(None)  # the request is refused at the end, with everything that is wrong with it
                continue
            if errors and step is self.steps[-1]:
                break
            result = step.call(**values)
            results.append(await result if step.is_async else result)
        if errors:
            raise RequestValidationError(errors, body=body)
        return results[-1]


LEFT_TO_FASTAPI = (
    "a form, a cookie, a generator, background tasks, scopes, or a response to change; and it makes its Response"
)


def arguments(dependant: Dependant, *, embeds_body: bool) -> Arguments | None:
    """None where the function, or one that it depends on, takes something that only FastAPI can give it."""
    steps: dict[Any, Step] = {}
    if _add_step(dependant, steps, embeds_body=embeds_body) is None:
        return None
    return Arguments(tuple(steps.values()), any(step.body for step in steps.values()))


def _add_step(dependant: Dependant, steps: dict[Any, Step], *, embeds_body: bool) -> int | None:
    """The number of the step, which is added behind those of its dependencies if it is not there yet."""
    call = dependant.call
    if call is None or not _is_plain(dependant):
        return None
    if call in steps:
        return list(steps).index(call)
    numbers = [(each.name, _add_step(each, steps, embeds_body=embeds_body)) for each in dependant.dependencies]
    needed = frozenset(number for _, number in numbers if number is not None)
    if any(number is None for _, number in numbers):
        return None
    given = tuple((name, number) for name, number in numbers if name is not None and number is not None)
    steps[call] = _step(call, dependant, given, needed, embeds_body=embeds_body)
    return len(steps) - 1


def _step(
    call: Callable[..., Any],
    dependant: Dependant,
    given: tuple[tuple[str, int], ...],
    needs: frozenset[int],
    *,
    embeds_body: bool,
) -> Step:
    # OAuth2PasswordBearer is an object.
    is_async = iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)
    requests = (dependant.request_param_name, dependant.http_connection_param_name)
    parts = (
        (attrgetter("path_params"), dependant.path_params),
        (attrgetter("query_params"), dependant.query_params),
        (attrgetter("headers"), dependant.header_params),
    )
    return Step(
        call=call,
        is_async=is_async,
        given=given,
        needs=needs,
        request_names=tuple(name for name in requests if name is not None),
        parts=tuple((read, Fields(params)) for read, params in parts if params),
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
