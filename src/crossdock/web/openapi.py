"""The OpenAPI document: what FastAPI makes of the routes, with names for clients, examples and every error code."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from crossdock.registry import Registry
from crossdock.web.document.problems import add_problems, some_path
from crossdock.web.document.samples import add_samples
from crossdock.web.document.wording import call_schemas_by_their_titles, drop_empty_titles, leave_null_to_bodies
from crossdock.web.schemas import Problem

HEADERS = {
    "Cache-Control": "`no-store`: the tokens are for nobody else.",
    "ETag": 'The version, as in `"3"`: send it in If-Match with the next change.',
    "Location": "Where what was made can be read.",
    "Retry-After": "How many seconds to wait before the next try.",
    "WWW-Authenticate": "`Bearer`: send an access token.",
    "X-Request-Id": "The id of this request in our log: your own, if it has up to 64 letters, digits and `._-`.",
}
SUCCESS = {"200": "Done.", "201": "Made.", "204": "Done; there is no body."}


def operation_id(route: APIRoute) -> str:
    """`orders_send` for `send_order` under the tag orders: generated clients name their functions so."""
    tag = str(route.tags[0]) if route.tags else "operations"
    said = {part for word in tag.split("_") for part in (word, word.removesuffix("s"), f"{word.removesuffix('ies')}y")}
    return "_".join([tag, *(word for word in route.name.split("_") if word not in said)])


def install(app: FastAPI, registry: Registry) -> None:
    """Replaces `app.openapi`. The document is made at the first call and kept."""
    made = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _finished(made(), app, registry)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _finished(document: dict[str, Any], app: FastAPI, registry: Registry) -> dict[str, Any]:
    components = document.setdefault("components", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    problem["properties"]["instance"]["examples"] = [some_path(document)]
    components.setdefault("schemas", {}).update(problem.pop("$defs", {}) | {"Problem": problem})
    components["headers"] = {
        name: {"description": description, "schema": {"type": "string"}} for name, description in HEADERS.items()
    }
    add_problems(document, app, registry)
    call_schemas_by_their_titles(document)
    drop_empty_titles(document)
    leave_null_to_bodies(document)
    add_samples(document)
    for path in document["paths"].values():
        for operation in path.values():
            _finish(operation)
    return document


def _finish(operation: dict[str, Any]) -> None:
    """Adds to an operation whether one has to sign in, the words for its success, and the header with the request's
    id."""
    operation.setdefault("security", [])
    for status, response in operation["responses"].items():
        response["description"] = SUCCESS.get(status, response["description"])
        headers = response.setdefault("headers", {})
        headers["X-Request-Id"] = {"$ref": "#/components/headers/X-Request-Id"}
