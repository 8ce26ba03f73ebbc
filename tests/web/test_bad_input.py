"""What clients send wrong: each answer is a 4xx problem that names the field, and nothing is written."""

import json
from typing import Any

import httpx
import pytest

from crossdock.config.settings import HttpSettings
from tests.world import Person, World, load, ok


@pytest.fixture(scope="module")
async def shipper(world: World) -> Person:
    return await world.register("shipper")


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem, after a check that it is one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["code"]
    assert body["request_id"] == response.headers["x-request-id"]
    return body


def changed(path: str, value: Any) -> dict[str, Any]:
    """A good load with one field replaced."""
    body = json.loads(json.dumps(load()))
    *parents, last = path.split(".")
    inside = body
    for parent in parents:
        inside = inside[parent]
    inside[last] = value
    return body


WRONG_FIELDS = [
    ("weight_kg", 0),
    ("weight_kg", -1),
    ("weight_kg", 1.5),
    ("weight_kg", "12"),
    ("weight_kg", True),
    ("weight_kg", 2**63),
    ("weight_kg", 10**400),
    ("weight_kg", None),
    ("price_ceiling.amount_minor", 0),
    ("price_ceiling.amount_minor", 2**64),
    ("price_ceiling.amount_minor", 12.5),
    ("price_ceiling.currency", "eur"),
    ("price_ceiling.currency", "EURO"),
    ("price_ceiling.currency", "EUR\n"),
    ("price_ceiling.currency", "QQQ"),
    ("price_ceiling.currency", "XXX"),
    ("price_ceiling.currency", "BGN"),
    ("price_ceiling.currency", None),
    ("pickup.address", ""),
    ("pickup.address", "x" * 301),
    ("pickup.address", "Rotter\u0000dam"),
    ("pickup.address", "   "),
    ("pickup.address", "\t\r\n \u00a0\u200b\ufeff"),
    ("pickup.lat", 90.1),
    ("pickup.lon", -180.1),
    ("pickup.lat", "51.9"),
    ("pickup.ready_at", "yesterday"),
    ("pickup.ready_at", "2030-01-01T10:00:00"),
    ("pickup.ready_at", "9999-12-31T23:59:59-14:00"),
    ("pickup.ready_at", "0001-01-01T00:00:00+14:00"),
    ("pickup.ready_at", 10**30),
    ("pickup.ready_at", 1_900_000_000),
    ("pickup.ready_at", 1.9e9),
    ("pickup.ready_at", "1900000000"),
    ("pickup.ready_at", "1900000000.5"),
    ("pickup.ready_at", "2030-05-04"),
    ("pickup.ready_at", "2030-05-04 08:00:00Z"),
    ("pickup.ready_at", "\u0662\u0660\u0663\u0660-05-04T08:00:00Z"),
    ("pickup.ready_at", "2030-05-04T25:00:00Z"),
    ("pickup.ready_at", True),
    ("pickup.ready_at", ["2030-05-04T08:00:00Z"]),
    ("equipment", "spaceship"),
    ("status", "open"),
]


@pytest.mark.parametrize(("path", "value"), WRONG_FIELDS, ids=lambda item: repr(item)[:30])
async def test_wrong_field_is_named(shipper: Person, path: str, value: Any) -> None:
    """A field outside its schema is refused with 422 and its path, and no booking is made."""
    before = ok(await shipper.http.get("/v1/bookings"))
    refused = problem(await shipper.http.post("/v1/bookings", json=changed(path, value)), 422)
    assert any(item["path"].startswith(f"body.{path}") for item in refused["errors"]), refused
    assert ok(await shipper.http.get("/v1/bookings")) == before


UNREADABLE = {
    "half of an object": b"{",
    "broken after the first field": json.dumps(load()).encode()[:-40],
    "two values": b"{} {}",
    "a form": b"weight_kg=12",
    "not UTF-8": b'{"pickup": "\xff"}',
    "a number of 5,000 digits": json.dumps(load()).replace("12000", "1" * 5000).encode(),
    "100,000 brackets": b"[" * 100_000,
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_broken_json_is_400(shipper: Person, body: bytes) -> None:
    """The body as a whole is named, not the place where the reader gave up."""
    response = await shipper.http.post("/v1/bookings", content=body, headers={"Content-Type": "application/json"})
    refused = problem(response, 400)
    assert refused["code"] == "bad_request"
    assert [error["path"] for error in refused["errors"]] == ["body"]


RAW_BODIES = {
    "nothing": b"",
    "an array": b"[]",
    "NaN": json.dumps(load()).replace("51.95", "NaN").encode(),
    "infinity": json.dumps(load()).replace("51.95", "1e999").encode(),
    "a lone surrogate in a value": json.dumps(load()).replace("Maasvlakte", "\\ud800").encode(),
    "a lone surrogate in a name": json.dumps(load()).replace('"weight_kg"', '"\\udfff"').encode(),
}


@pytest.mark.parametrize("body", RAW_BODIES.values(), ids=RAW_BODIES.keys())
async def test_json_of_another_shape_is_422(shipper: Person, body: bytes) -> None:
    """JSON as Python reads it, and no booking."""
    response = await shipper.http.post("/v1/bookings", content=body, headers={"Content-Type": "application/json"})
    assert problem(response, 422)["errors"]


@pytest.mark.parametrize("chunked", [True, False])
async def test_body_over_the_limit_is_413(shipper: Person, chunked: bool) -> None:
    """2 MB are refused while they arrive, with or without a Content-Length."""

    async def chunks() -> Any:
        for _ in range(200):
            yield b" " * 10_000

    content = chunks() if chunked else b" " * (2 * HttpSettings().body_max_bytes)
    response = await shipper.http.post("/v1/bookings", content=content, headers={"Content-Type": "application/json"})
    assert problem(response, 413)["code"] == "body_too_large"


WRONG_URLS = [
    ("/v1/bookings?limit=0", 422),
    ("/v1/bookings?limit=201", 422),
    ("/v1/bookings?limit=99999999999999999999999", 422),
    ("/v1/bookings?limit=many", 422),
    ("/v1/bookings?cursor=%00", 422),
    ("/v1/bookings?cursor=AAAA", 422),
    ("/v1/bookings?cursor=" + "_" * 22, 200),
    ("/v1/bookings?status=lost", 422),
    ("/v1/bookings/not-an-id", 422),
    ("/v1/bookings/%00", 422),
    ("/v1/bookings/%ff%fe", 422),
    ("/v1/bookings/00000000-0000-0000-0000-000000000000", 404),
    ("/v1/nothing", 404),
    ("/v1/%F0%9F%9A%9A", 404),
]


@pytest.mark.parametrize(("url", "status"), WRONG_URLS)
async def test_odd_url(shipper: Person, url: str, status: int) -> None:
    """Paths and queries outside of the schema are 422, what is not there is 404."""
    response = await shipper.http.get(url)
    if status == 200:
        assert response.status_code == 200
    else:
        problem(response, status)


async def test_wrong_method_names_the_right_ones(shipper: Person) -> None:
    """405 says in Allow what the route takes."""
    response = await shipper.http.delete("/v1/bookings")
    assert problem(response, 405)["code"] == "method_not_allowed"
    assert response.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 428), ('"7"', 412), ("7x", 412), ("", 412), ('"' + "9" * 40 + '"', 412), ("W/x", 412)],
)
async def test_if_match(world: World, shipper: Person, header: str | None, status: int) -> None:
    """A PATCH without If-Match is 428, with a stale or odd one 412, and nothing changes."""
    booking = await world.draft(shipper)
    headers = {} if header is None else {"If-Match": header}
    response = await shipper.http.patch(f"/v1/bookings/{booking['id']}", json={"weight_kg": 5}, headers=headers)
    problem(response, status)
    assert ok(await shipper.http.get(f"/v1/bookings/{booking['id']}")) == booking


async def test_request_id_is_echoed_or_made(shipper: Person) -> None:
    """A client's own X-Request-Id comes back; an odd one is replaced."""
    own = await shipper.http.get("/v1/bookings", headers={"X-Request-Id": "my-id.1"})
    assert own.headers["x-request-id"] == "my-id.1"
    odd = await shipper.http.get("/v1/bookings", headers={"X-Request-Id": "a b" * 50})
    assert odd.headers["x-request-id"] != "a b" * 50


async def test_without_a_token(world: World) -> None:
    """No token, a broken one, and another scheme are 401 with the challenge."""
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}):
        async with world.client() as http:
            response = await http.get("/v1/bookings", headers=headers)
        assert problem(response, 401)["code"] == "unauthenticated"
        assert response.headers["www-authenticate"] == "Bearer"
