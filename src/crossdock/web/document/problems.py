"""Adds to each operation of the OpenAPI document the error codes that it can answer with, and what each means."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts

from crossdock.errors import CrossdockError
from crossdock.registry import Registry
from crossdock.web import refusals
from crossdock.web.deadline import ServiceEnding, TooSlow
from crossdock.web.document.raised import Errors, Raised
from crossdock.web.errors import headers_of, problem, status_of
from crossdock.web.expected import every_dependant, need_expected
from crossdock.web.schemas import Problem

ALWAYS: Errors = dict.fromkeys((refusals.InvalidInput, refusals.InternalError, TooSlow, ServiceEnding))
"""The errors of every operation: an unknown parameter, an internal error, the limit of time, a shutdown."""
OF_A_BODY: Errors = dict.fromkeys(
    (refusals.BadRequest, refusals.BodyTooSlow, refusals.BodyTooLarge, refusals.UnsupportedMediaType)
)

SOME_ID = "0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a"
REQUEST_ID = "0197a3c2-8f00-7c11-8d2e-3b5a6c7d8e9f"
FIELDS = {
    refusals.BadRequest: ("body", "This is not JSON: Expecting value.", "json_invalid"),
    refusals.InvalidInput: ("query.limti", "There is no parameter of this name", "unknown_parameter"),
}
"""The field that the example of a refusal names, where the code that raises it has none."""

Kind = type[CrossdockError]


def add_problems(document: dict[str, Any], app: FastAPI, registry: Registry) -> None:
    """Replaces the error responses that FastAPI puts into the document by those that the operations have."""
    raised, examples = Raised(registry), document["components"].setdefault("examples", {})
    instance = some_path(document)
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            operation = document["paths"].get(context.path_format, {}).get(method.lower())
            if operation is not None:
                kinds = ALWAYS | (OF_A_BODY if "requestBody" in operation else {}) | raised.of(*_calls(context))
                _add(operation, kinds)
                examples |= {code_of(kind): _example(kind, field, instance) for kind, field in kinds.items()}


def code_of(kind: Kind) -> str:
    """`order_too_late` for `OrderTooLate`."""
    return kind.__new__(kind).code


def _calls(context: RouteContext) -> Iterator[Any]:
    """The endpoint and its dependencies, without the one that every operation has: its errors are listed above."""
    calls = (each.call for each in every_dependant(context.dependant))
    return (call for call in calls if call is not None and call is not need_expected)


def _add(operation: dict[str, Any], kinds: Iterable[Kind]) -> None:
    """The error responses of an operation, by their status."""
    successes = {status: each for status, each in operation["responses"].items() if int(status) < 400}
    by_status: dict[int, list[Kind]] = {}
    for kind in sorted(kinds, key=lambda each: (status_of(each), code_of(each))):
        by_status.setdefault(status_of(kind), []).append(kind)
    operation["responses"] = successes | {str(status): _response(of_status) for status, of_status in by_status.items()}


def _response(kinds: list[Kind]) -> dict[str, Any]:
    """The response of one status: the meaning of its codes, their headers, and an example of each."""
    lines = [f"`{code_of(kind)}`: {kind.meaning()}" for kind in kinds]
    response: dict[str, Any] = {"description": "\n\n".join(lines)}
    headers = {name for kind in kinds for name, _ in headers_of(kind)}
    if headers:
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(headers)}
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in map(code_of, kinds)}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return response | {"content": {Problem.media_type: content}}


def some_path(document: dict[str, Any]) -> str:
    """A path of the application itself for the examples: the shortest one that names a thing, with an id in it."""
    named = sorted((len(path), path) for path in document["paths"] if path.count("{") == 1 and path.endswith("}"))
    return re.sub(r"\{\w+\}", SOME_ID, named[0][1]) if named else "/"


def _example(kind: Kind, field: str | None, instance: str) -> dict[str, Any]:
    """Made by the function that makes the real response, so it cannot differ."""
    code, message = code_of(kind), kind.meaning()
    names = FIELDS.get(kind) or ((field, message, code) if field else None)
    fields = [dict(zip(("path", "message", "code"), names, strict=True))] if names else []
    scope = {"path": instance, "state": {"request_id": REQUEST_ID}}
    body = orjson.loads(problem(scope, status_of(kind), code, message, fields=fields).body)
    return {"summary": message, "description": kind.remedy(), "value": body}
