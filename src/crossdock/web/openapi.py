"""The OpenAPI document: what FastAPI makes of the routes, with our names and our one kind of error."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from crossdock.web.document.samples import add_samples
from crossdock.web.examples import EXAMPLES
from crossdock.web.schemas import Problem

FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")
TAGS = {
    "auth": "Registering a company, signing in, and the sessions that this opens.",
    "users": "You and your colleagues.",
    "teams": "Groups of colleagues.",
    "bookings": "Loads that shippers want carried, from a draft to the delivery.",
    "bids": "Carriers' prices for a booking, and the award that holds the money.",
    "shipments": "Loads on their way, from the planned pickup to the accepted delivery.",
    "ledger": "Wallets, what is held of them, and every transfer: double entry.",
}
"""In the order of the work: the documentation shows them like this."""


def tags() -> list[dict[str, str]]:
    """The `openapi_tags=` of the app."""
    return [{"name": name, "description": description} for name, description in TAGS.items()]


def operation_id(route: APIRoute) -> str:
    """`bookings_publish` for `publish_booking` under the tag bookings: generated clients name their functions so."""
    tag = str(route.tags[0]) if route.tags else "operations"
    return "_".join([tag, *(word for word in route.name.split("_") if word not in (tag, tag.removesuffix("s")))])


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
