"""The OpenAPI document: what FastAPI makes of the routes, with our names and our one kind of error."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from crossdock.kernel.registry import Registry
from crossdock.web.document.samples import add_samples
from crossdock.web.examples import EXAMPLES
from crossdock.web.schemas import Problem

FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
ORDER = ("auth", "users", "teams", "bookings", "bids", "shipments", "ledger")
"""The order of the work: the documentation shows these first, and like this; after them all others by their names."""


def tags(registry: Registry) -> list[dict[str, str]]:
    """The `openapi_tags=` of the app: those of the manifests."""
    told = {name: description for module in registry for name, description in module.tags.items()}
    names = [name for name in ORDER if name in told] + sorted(told.keys() - set(ORDER))
    return [{"name": name, "description": told[name]} for name in names]


def operation_id(route: APIRoute) -> str:
    """`bookings_publish` for `publish_booking` under the tag bookings: generated clients name their functions so."""
    tag = str(route.tags[0]) if route.tags else "operations"
    said = {part for word in tag.split("_") for part in (word, word.removesuffix("s"), f"{word.removesuffix('ies')}y")}
    return "_".join([tag, *(word for word in route.name.split("_") if word not in said)])


def install(app: FastAPI) -> None:
    """Replaces `app.openapi`; the document is made once."""
    made = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(made())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    components["examples"] = {code: {"value": body} for bodies in EXAMPLES.values() for code, body in bodies.items()}
    schemas = components.setdefault("schemas", {})
    for name in FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    add_samples(document)
    return document
