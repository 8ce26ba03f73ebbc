"""What a request may carry is told in words: parameters that are there, each once, and a body of the right type."""

import json
from typing import Any

import pytest

from tests.modules.deals import refused
from tests.requests import operations
from tests.world import Person, World, load, ok

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
async def shipper(world: World) -> Person:
    return await world.register("shipper")


async def test_an_unknown_parameter_is_refused_by_every_operation(world: World, shipper: Person) -> None:
    """422 that names it, before anything is done: of a list, a thing and a write, signed in or not."""
    booking = await world.draft(shipper)
    async with world.client() as http:
        document = ok(await http.get("/openapi.json"))
    for operation in operations(document):
        url = operation.url(dict.fromkeys(operation.variables, booking["id"]))
        answer = await shipper.http.request(operation.method, f"{url}?limti=1&a=b", **operation.request)
        errors = refused(answer, 422, "invalid_input")["errors"]
        assert [each["path"] for each in errors] == ["query.limti", "query.a"], operation.name
        assert {each["code"] for each in errors} == {"unknown_parameter"}
    assert ok(await shipper.http.get(f"/v1/bookings/{booking['id']}")) == booking


async def test_the_refusal_names_those_that_are_there(shipper: Person) -> None:
    """Whoever mistypes one sees which it could have been."""
    answer = await shipper.http.get("/v1/bookings", params={"state": "open"})
    (error,) = refused(answer, 422, "invalid_input")["errors"]
    assert error["message"].endswith("cursor, include, limit, status")


@pytest.mark.parametrize("query", ["limit=1&limit=1", "status=open&limit=2&status=draft", "limit=1&limit=x"])
async def test_a_parameter_of_one_value_is_sent_once(shipper: Person, query: str) -> None:
    """Two of them would leave one unread."""
    (error,) = refused(await shipper.http.get(f"/v1/bookings?{query}"), 422, "invalid_input")["errors"]
    assert error["code"] == "repeated_parameter"


WRONG_TYPES = [
    FORM,
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/json",
    "application/xml",
    "application/json; charset=latin-1",
    "application/json; charset=utf-16",
    "",
]
RIGHT_TYPES = [JSON, "APPLICATION/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"']
RIGHT_TYPES += ["application/problem+json", "application/json; charset=us-ascii"]


async def post(person: Person, content_type: str, content: bytes) -> Any:
    headers = {"Content-Type": content_type} if content_type else {}
    return await person.http.post("/v1/bookings", content=content, headers=headers)


@pytest.mark.parametrize("content_type", WRONG_TYPES)
async def test_what_is_no_json_is_415_in_words(shipper: Person, content_type: str) -> None:
    """The answer says what is wanted and what was sent, whatever the body would have been.

    What calls itself JSON, in whatever charset, is read as such, and is 400 where it is none.
    """
    for body in [json.dumps(load()).encode()] + ([] if content_type.startswith(JSON) else [b"weight_kg=12"]):
        problem = refused(await post(shipper, content_type, body), 415, "unsupported_media_type")
        assert JSON in problem["detail"]
        assert (content_type or "does not say what it is") in problem["detail"]


@pytest.mark.parametrize("content_type", RIGHT_TYPES)
async def test_json_is_json_however_it_is_spelled(shipper: Person, content_type: str) -> None:
    """In any case, with a charset that is UTF-8, and as a type that is built on it."""
    ok(await post(shipper, content_type, json.dumps(load()).encode()), 201)


async def test_a_form_is_wanted_where_one_signs_in(world: World) -> None:
    """JSON there is 415, and so is what a file comes in."""
    async with world.client() as http:
        for content_type in (JSON, "multipart/form-data; boundary=x", f"{FORM}; charset=latin-1", ""):
            headers = {"Content-Type": content_type} if content_type else {}
            answer = await http.post("/v1/auth/token", content=b"username=a&password=b", headers=headers)
            if answer.status_code != 400:  # a file without an end is not even read
                assert FORM in refused(answer, 415, "unsupported_media_type")["detail"]
        answer = await http.post("/v1/auth/token", data={"username": "nobody@nowhere.example", "password": "x"})
        refused(answer, 401, "wrong_credentials")


async def test_a_body_that_may_be_left_out_has_no_type(world: World, shipper: Person) -> None:
    """Nothing was sent, so nothing is of the wrong type; what is sent has to be of the right one."""
    booking = await world.open_booking(shipper)
    url = f"/v1/bookings/{booking['id']}/cancel"
    refused(
        await shipper.http.post(url, content=b"reason=x", headers={"Content-Type": FORM}), 415, "unsupported_media_type"
    )
    ok(await shipper.http.post(url, headers={"Content-Type": FORM}))
