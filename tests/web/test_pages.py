"""The pages beside the API: documentation without the internet, health, metrics, and an honest OpenAPI document."""

import re
from typing import Any

import pytest

from tests.world import World, ok

SURFACE = """
POST /v1/auth/register
POST /v1/auth/token
POST /v1/auth/refresh
POST /v1/auth/logout
GET /v1/me
GET /v1/users
POST /v1/users
GET /v1/users/{id}
PATCH /v1/users/{id}
GET /v1/teams
POST /v1/teams
PUT /v1/teams/{id}/members/{user_id}
DELETE /v1/teams/{id}/members/{user_id}
POST /v1/bookings
GET /v1/bookings
GET /v1/bookings/{id}
PATCH /v1/bookings/{id}
POST /v1/bookings/{id}/publish
POST /v1/bookings/{id}/cancel
GET /v1/bookings/{id}/bids
POST /v1/bookings/{id}/bids
GET /v1/bids/{id}
POST /v1/bids/{id}/withdraw
POST /v1/bids/{id}/award
POST /v1/bids/{id}/accept
POST /v1/bids/{id}/decline
GET /v1/shipments
GET /v1/shipments/{id}
POST /v1/shipments/{id}/events
POST /v1/shipments/{id}/proof-of-delivery
POST /v1/shipments/{id}/accept-delivery
POST /v1/ledger/deposits
GET /v1/ledger/accounts
GET /v1/ledger/accounts/{id}/entries
GET /v1/ledger/transfers/{id}
"""
OPEN_TO_ALL = {"/v1/auth/register", "/v1/auth/token", "/v1/auth/refresh"}


@pytest.fixture(scope="module")
async def document(world: World) -> dict[str, Any]:
    async with world.client() as http:
        body: dict[str, Any] = ok(await http.get("/openapi.json"))
    return body


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`GET /v1/bookings/{}` → its operation."""
    return {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_the_public_surface_is_there(document: dict[str, Any]) -> None:
    """Every operation that other programs call is in the document."""
    wanted = {re.sub(r"{[^}]*}", "{}", line) for line in SURFACE.strip().splitlines()}
    assert wanted <= operations(document).keys()


def test_every_operation_says_what_it_does_and_how_it_fails(document: dict[str, Any]) -> None:
    """A summary, a description, a tag; each refusal is a problem; 401 wherever one has to be signed in."""
    for name, operation in operations(document).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name
        refusals = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert {"413", "422", "503"} <= refusals.keys(), name
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values()), name
        if name.split()[1] not in OPEN_TO_ALL:
            assert "401" in refusals, name
            assert operation["security"], name


def test_every_request_body_has_an_example(document: dict[str, Any]) -> None:
    """Each field that must be sent shows an example, is one of a few words, or is made of such fields."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if not name.endswith(("In", "Patch")):
            continue
        for field in schema.get("required", ()):
            shape = schema["properties"][field]
            options = shape.get("anyOf", [shape])
            told = any({"examples", "$ref", "enum", "const"} & option.keys() for option in [shape, *options])
            assert told, f"{name}.{field}"


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_documentation_needs_no_internet(world: World, page: str) -> None:
    """Scripts, styles and icons of the page come from this service."""
    async with world.client() as http:
        html = (await http.get(page)).text
        sources = re.findall(r'(?:<script[^>]*src|<link[^>]*href)="([^"]+)"', html)
        assert sources
        for source in sources:
            assert source.startswith("/"), source
            assert (await http.get(source)).status_code == 200, source


async def test_health_and_metrics(world: World) -> None:
    """Alive, ready with every pool and both chains, and counted by route, never by id."""
    booking = await world.draft(await world.register("shipper"))
    async with world.client() as http:
        assert (await http.get("/healthz")).text == "ok"
        ready = ok(await http.get("/readyz"))
        metrics = (await http.get("/metrics")).text
    assert ready == {
        "ready": True,
        "pools": {"legacy": "ok", "new": "ok", "direct": "ok"},
        "migrations": {"legacy": "ok", "new": "ok"},
    }
    assert 'crossdock_requests_total{method="POST",route="/v1/bookings",status="201"}' in metrics
    assert 'crossdock_pool_in_use{pool="new"}' in metrics
    assert booking["id"] not in metrics
