"""Registering: a company and its first admin, once, with an address of their own and a password that is not common."""

import asyncio
import hashlib
import json
from typing import Any

import pytest

from crossdock.transaction import Database
from freight.modules.accounts.service.signing_in.passwords import is_common
from tests.modules.accounts import refused, registration, try_sign_in
from tests.world import PASSWORD, Server, World, ok, unique


async def register(world: World, body: dict[str, Any], **headers: str) -> Any:
    async with world.client() as http:
        return await http.post("/v1/auth/register", json=body, headers=headers)


async def test_a_company_gets_its_first_admin(world: World) -> None:
    """The company is there, its user is an active admin, and nothing of the password comes back."""
    body = registration()
    response = await register(world, body)
    made = ok(response, 201)
    assert made["company"] | body["company"] == made["company"]
    assert (made["user"]["role"], made["user"]["status"]) == ("admin", "active")
    assert made["user"]["company_id"] == made["company"]["id"]
    assert response.headers["location"] == f"/v1/users/{made['user']['id']}"
    assert "password" not in response.text


@pytest.mark.parametrize("kind", ["shipper", "carrier", "both"])
async def test_each_kind_can_register(world: World, kind: str) -> None:
    """A company ships, carries, or does both, and its users see which."""
    person = await world.register(kind)
    assert ok(await person.http.get("/v1/me"))["company"]["kind"] == kind


@pytest.mark.parametrize("kind", ["platform", "", "SHIPPER", None, 1])
async def test_no_other_kind_can(world: World, kind: Any) -> None:
    """Nobody registers as the platform."""
    body = registration()
    body["company"]["kind"] = kind
    problem = refused(await register(world, body), 422, "invalid_input")
    assert problem["errors"][0]["path"] == "body.company.kind"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 101),
        ("name", "A\0da"),
        ("name", "A\ud800da"),
        ("email", "no-at-sign"),
        ("email", "ada@" + "x" * 250 + ".example"),
        ("email", "a\0da@northgate.example"),
        ("email", "ada@northgate"),
        ("email", None),
        ("password", "elevenchars"),
        ("password", "x" * 129),
        ("password", "correct horse\ud800battery"),
        ("password", 123_456_789_012),
        ("role", "admin"),
        ("id", "0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a"),
    ],
)
async def test_wrong_and_unknown_fields_are_refused(world: World, field: str, value: Any) -> None:
    """422 with the field's path, and the value is not repeated."""
    async with world.client() as http:
        body = _json(registration(**{field: value}))
        response = await http.post("/v1/auth/register", content=body, headers={"Content-Type": "application/json"})
    problem = refused(response, 422, "invalid_input")
    assert [error["path"] for error in problem["errors"]] == [f"body.user.{field}"]
    assert "elevenchars" not in response.text


def _json(body: dict[str, Any]) -> bytes:
    """JSON with lone surrogates as escapes, as a hostile client sends them."""
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("elevenchars", "A password has at least 12 characters."),
        ("password1", "A password has at least 12 characters."),
        ("a\u0308" * 11, "A password has at least 12 characters."),
        ("x" * 129, "A password has at most 128 characters."),
    ],
)
async def test_a_password_of_a_wrong_length_is_refused(world: World, password: str, said: str) -> None:
    """In characters, as people see them, before anything is said of how easily it is guessed."""
    problem = refused(await register(world, registration(password=password)), 422, "invalid_input")
    assert [(error["path"], error["message"]) for error in problem["errors"]] == [("body.user.password", said)]


async def test_the_document_says_how_long_a_password_is(world: World) -> None:
    """In the words of JSON Schema, wherever one chooses a password."""
    async with world.client() as http:
        schemas = ok(await http.get("/openapi.json"))["components"]["schemas"]
    chosen = [schemas[name]["properties"][field] for name, field in CHOOSING]
    assert [(each["minLength"], each["maxLength"]) for each in chosen] == [(12, 128)] * 3


CHOOSING = (("NewAdmin", "password"), ("NewUser", "password"), ("PasswordChange", "new_password"))


@pytest.mark.parametrize("password", ["password1234", "PassWord1234", "qwertyuiop12", "passwordpassword", "1" * 12])
async def test_a_common_password_is_refused(world: World, password: str) -> None:
    """On the list whatever its case, or as easy to guess: 422 with a code of its own."""
    problem = refused(await register(world, registration(password=password)), 422, "common_password")
    assert problem["errors"][0]["path"] == "body.user.password"


@pytest.mark.parametrize("password", [PASSWORD, "crossdock-demo", "x1!" * 4 + "Dock at nine", "ä" * 3 + "Kühlwagen 7"])
def test_other_passwords_are_not_common(password: str) -> None:
    """Twelve characters that are on no list need no digits and no capitals."""
    assert not is_common(password)


async def test_an_email_signs_in_once(world: World) -> None:
    """409 for an address that somebody has, in whatever case it is written."""
    body = registration()
    ok(await register(world, body), 201)
    again = registration(email=body["user"]["email"].upper())
    problem = refused(await register(world, again), 409, "email_taken")
    assert problem["errors"][0]["path"] == "body.user.email"


async def test_of_ten_with_one_email_one_registers(world: World, server: Server, database: Database) -> None:
    """At once: one 201, nine 409, and no company is left without people."""
    name, user = unique("Rush"), registration()["user"]
    bodies = [{"company": {"name": name, "kind": "carrier"}, "user": user}] * 10
    answers = await asyncio.gather(*(register(world, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    connection = await server.connect(database.settings.direct.database)
    assert await connection.fetchval("SELECT count(*) FROM companies WHERE name = $1", name) == 1
    await connection.close()


async def test_registering_twice_with_a_key_is_registering_once(world: World) -> None:
    """The same key and body get the same answer; another body with the same address is refused."""
    body, key = registration(), unique("register-key")
    first = await register(world, body, **{"Idempotency-Key": key})
    second = await register(world, body, **{"Idempotency-Key": key})
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.status_code == 201
    other = registration(email=body["user"]["email"])
    refused(await register(world, other, **{"Idempotency-Key": key}), 422, "idempotency_key_reused")


async def test_two_strangers_may_have_one_key(world: World) -> None:
    """Before there is a company a key belongs to the address: each registers, and each gets their own answer again."""
    bodies, headers = [registration(), registration()], {"Idempotency-Key": unique("register-key")}
    first = [ok(await register(world, body, **headers), 201) for body in bodies]
    assert [made["user"]["email"] for made in first] == [body["user"]["email"] for body in bodies]
    assert [ok(await register(world, body, **headers), 201) for body in bodies] == first


async def test_what_is_kept_of_a_key_does_not_give_the_password_away(
    world: World, server: Server, database: Database
) -> None:
    """The fingerprint of the request is keyed: it is not the plain hash, which could be guessed offline."""
    body, key = _json(registration()), unique("register-key")
    async with world.client() as http:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        ok(await http.post("/v1/auth/register", content=body, headers=headers), 201)
    connection = await server.connect(database.settings.direct.database)
    kept = await connection.fetchval("SELECT request_hash FROM idempotency_keys WHERE key = $1", key)
    await connection.close()
    assert kept != hashlib.sha256(b"POST /v1/auth/register\n" + body).digest()


async def test_an_accent_may_be_typed_in_two_ways(world: World) -> None:
    """One keyboard sends an a with dots as one character, another as two: both sign in."""
    body = registration(password="K\u00e4sekuchen am Hafen")
    ok(await register(world, body), 201)
    ok(await try_sign_in(world, body["user"]["email"], "Ka\u0308sekuchen am Hafen"))


async def test_registering_leaves_history_and_events(world: World, server: Server, database: Database) -> None:
    """The first rows of the history reproduce role and status; the company and the user have an event each."""
    made = ok(await register(world, registration()), 201)
    connection = await server.connect(database.settings.direct.database)
    history = await connection.fetch(
        "SELECT field, from_value, to_value FROM user_history WHERE user_id = $1 ORDER BY id", made["user"]["id"]
    )
    ids = [made["company"]["id"], made["user"]["id"]]
    events = await connection.fetch("SELECT type FROM outbox WHERE subject_id = ANY($1::uuid[]) ORDER BY id", ids)
    await connection.close()
    assert [tuple(row) for row in history] == [("role", None, "admin"), ("status", None, "active")]
    assert [row["type"] for row in events] == ["companies.created", "accounts.user_created"]
