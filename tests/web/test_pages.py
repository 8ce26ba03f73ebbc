"""The pages beside the API: documentation without the internet, health, metrics, and an honest OpenAPI document."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from crossdock.web.about import semantic
from crossdock.web.schemas import Problem
from freight.app import ABOUT
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
GET /v1/bookings/{id}/overview
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
GET /v1/operations/moves
GET /v1/operations/moves/{module}/mismatches
"""
SEMVER = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
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


def codes(operation: dict[str, Any]) -> set[str]:
    """Those that an operation says that it answers."""
    contents = (each.get("content", {}).get("application/problem+json", {}) for each in operation["responses"].values())
    return {code for content in contents for code in content.get("examples", {})}


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
        assert {"422", "500", "503"} <= refusals.keys(), name
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values()), name
        assert ({"400", "413", "415"} <= refusals.keys()) == ("requestBody" in operation), name
        signed_in = name.split()[1] not in OPEN_TO_ALL
        assert bool(operation["security"]) == signed_in, name
        assert ("unauthenticated" in codes(operation)) == signed_in, name


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    """Its tag and what it does, for the generated clients: none is made of its path."""
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+){1,2}", name) for name in names), names
    assert {"auth_sign_out", "bids_award", "bookings_list", "bookings_publish", "ledger_list_accounts"} <= set(names)


def test_the_parts_are_in_the_order_of_the_work(document: dict[str, Any]) -> None:
    """Each tag that is used is told what it is, from signing in to the books; then those of modules that came later."""
    told = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert tuple(told)[: len(ABOUT.tags)] == ABOUT.tags
    assert list(told)[len(ABOUT.tags) :] == sorted(told.keys() - set(ABOUT.tags))
    assert all(told.values())
    assert {tag for operation in operations(document).values() for tag in operation["tags"]} == told.keys()


def test_every_refusal_shows_an_example(document: dict[str, Any]) -> None:
    """A problem of the very status, as the schema says."""
    examples = document["components"]["examples"]
    for name, operation in operations(document).items():
        for status, answer in operation["responses"].items():
            if int(status) < 400:
                continue
            shown = answer["content"]["application/problem+json"]["examples"]
            assert shown, (name, status)
            for code, example in shown.items():
                assert example == {"$ref": f"#/components/examples/{code}"}
                assert f"`{code}`" in answer["description"], (name, code)
                problem = Problem.model_validate(examples[code]["value"], strict=True)
                assert (problem.status, problem.code) == (int(status), code)


def test_the_version_is_the_package_s(document: dict[str, Any]) -> None:
    """There is one place to write it. The document spells it as semver.org does."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert document["info"]["version"] == semantic(project["version"])
    assert re.fullmatch(SEMVER, document["info"]["version"])
    for python, semver in {"1.2.3": "1.2.3", "0.2.0.dev0": "0.2.0-dev.0", "1.0.0rc1": "1.0.0-rc.1"}.items():
        assert semantic(python) == semver


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_documentation_needs_no_internet(world: World, page: str) -> None:
    """Scripts, styles and icons of the page come from this service."""
    async with world.client() as http:
        html = (await http.get(page)).text
        sources = re.findall(r'(?:<script[^>]*src|<connection[^>]*href)="([^"]+)"', html)
        assert sources
        for source in sources:
            assert source.startswith("/"), source
            assert (await http.get(source)).status_code == 200, source
        policy = (await http.get(page)).headers["content-security-policy"]
        assert "default-src 'self'" in policy.split("; ")
        assert not re.search(r"https?:|\*", policy)  # whatever a script would load, the browser asks nobody else
        assert "content-security-policy" not in (await http.get("/openapi.json")).headers


async def test_the_bare_address_leads_to_the_documentation(world: World) -> None:
    """Who opens it in a browser sees what there is."""
    async with world.client() as http:
        answer = await http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


ROUTES = {
    "/openapi.json": "/openapi.json",
    "/docs": "/docs",
    "/static-offline-docs/swagger-ui.css": "/static-offline-docs",
    "/static-offline-docs/nothing": "/static-offline-docs",
    "/v1/bookings/0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a": "/v1/bookings/{booking_id}",
    "/v1/nothing": "unmatched",
}


@pytest.mark.parametrize(("path", "route"), ROUTES.items())
async def test_a_request_is_counted_under_its_route(world: World, path: str, route: str) -> None:
    """The pattern, the mount, or "unmatched" for what is not there: a client cannot make up a label."""
    async with world.client() as http:
        before = counted((await http.get("/metrics")).text, route)
        await http.get(path)
        assert counted((await http.get("/metrics")).text, route) == before + 1


def counted(metrics: str, route: str) -> float:
    """The GET requests of a route so far, whatever they were answered."""
    lines = [line for line in metrics.splitlines() if line.startswith("crossdock_requests_total{")]
    return sum(float(line.split()[-1]) for line in lines if f'method="GET",route="{route}",' in line)


async def test_health_and_metrics(world: World) -> None:
    """Alive, ready with every pool and both chains, and counted by route, never by id."""
    booking = await world.draft(await world.register("shipper"))
    async with world.client() as http:
        assert (await http.get("/healthz")).text == "ok"
        ready = ok(await http.get("/readyz"))
        metrics = (await http.get("/metrics")).text
    assert ready == {
        "ready": True,
        "pools": {"tortoise": "ok", "transactions": "ok", "platform": "ok", "direct": "ok"},
        "migrations": {"legacy": "ok", "new": "ok", "crossdock": "ok"},
    }
    assert 'crossdock_requests_total{method="POST",route="/v1/bookings",status="201"}' in metrics
    assert 'crossdock_pool_in_use{pool="transactions"}' in metrics
    assert booking["id"] not in metrics


def test_schemas_have_names_that_a_client_would_choose(document: dict[str, Any]) -> None:
    """A word for each: none ends as our classes do, and none is made up by a generator for a list of words."""
    schemas = document["components"]["schemas"]
    assert {"Booking", "NewBooking", "Bid", "Shipment", "Money", "Currency", "Problem"} <= schemas.keys()
    assert [name for name in schemas if re.search(r"(In|Out|Form|Row)$", name) or not name.isalpha()] == []
    for name, schema in schemas.items():
        assert schema["title"] == name
        parts = [each for field in schema.get("properties", {}).values() for each in (field, *field.get("anyOf", ()))]
        assert [part for part in parts if "enum" in part or "title" in part] == [], name


def test_no_answer_is_a_choice_between_schemas(document: dict[str, Any]) -> None:
    """A client that takes the first that fits would lose what is only in the second."""
    for name, operation in operations(document).items():
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                assert list(content["schema"]) == ["$ref"], name
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}).values():
            options = [each for each in field.get("anyOf", ()) if each != {"type": "null"}]
            assert len(options) < 2, name


def test_the_head_says_whose_it_is_and_how_it_is_used(document: dict[str, Any]) -> None:
    """An introduction with a part for each thing that one has to know, a licence, somebody to ask, and a server."""
    info = document["info"]
    told = re.findall(r"^## (.*)$", info["description"], re.MULTILINE)
    for word in ("Signing in", "Roles", "Money", "Pages", "Changes", "again", "Errors"):
        assert any(word in heading for heading in told), word
    assert (info["license"], bool(info["contact"]["name"])) == ({"name": "MIT", "identifier": "MIT"}, True)
    assert [each["url"] for each in document["servers"]] == ["/"]
