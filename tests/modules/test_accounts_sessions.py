"""Signing in, access tokens, refresh tokens and sessions: what works, what never works again, and from when on."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from pwdlib import PasswordHash

from crossdock.clock import FixedClock
from crossdock.config.settings import Settings
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.api import Tokens
from freight.modules.accounts.store import AccountReads
from tests.modules.accounts import (
    change,
    colleague,
    refused,
    registration,
    revoked,
    session_of,
    try_refresh,
    try_sign_in,
    world_with_clock,
)
from tests.world import PASSWORD, TEST_SECRET, Person, Server, World, ok, unique


@pytest.fixture(scope="module")
async def timed(server: Server, template: str) -> AsyncIterator[tuple[World, FixedClock]]:
    async with world_with_clock(server, template) as opened:
        yield opened


def token_of(person: Person) -> str:
    return person.http.headers["Authorization"].removeprefix("Bearer ")


async def me(world: World, token: str) -> Any:
    async with world.client(token) as http:
        return await http.get("/v1/me")


def claims_of(person: Person) -> dict[str, Any]:
    return jwt.decode(token_of(person), options={"verify_signature": False})


async def test_me_is_who_signed_in(world: World) -> None:
    """/v1/me shows the user, their company and the session of the token, with the user's ETag."""
    person = await world.register("both", "Harbor and Sons")
    response = await person.http.get("/v1/me")
    body = ok(response)
    assert (body["id"], body["email"], body["company"]["name"]) == (person.user_id, person.email, "Harbor and Sons")
    assert body["session_id"] == claims_of(person)["sid"]
    assert body["last_sign_in_at"] is not None
    assert response.headers["etag"] == (await person.http.get(f"/v1/users/{person.user_id}")).headers["etag"]


async def test_the_answer_to_a_sign_in_is_that_of_oauth2(world: World) -> None:
    """Bearer, with its lifetime in seconds, and kept by no cache; the address in any case, with a keyboard's space."""
    person = await world.register("shipper")
    response = await try_sign_in(world, f"{person.email.upper()} ")
    body = ok(response)
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("extra", [{"grant_type": "password"}, {"scope": "a b", "client_id": "x", "client_secret": ""}])
async def test_what_oauth2_clients_send_besides_is_taken(world: World, extra: dict[str, str]) -> None:
    """The docs page and ready-made clients send these."""
    person = await world.register("shipper")
    async with world.client() as http:
        form = {"username": person.email, "password": PASSWORD} | extra
        ok(await http.post("/v1/auth/token", data=form))


@pytest.mark.parametrize("extra", [{"grant_type": "implicit"}, {"role": "admin"}, {"username": "x" * 300}])
async def test_a_form_that_does_not_fit_is_refused(world: World, extra: dict[str, str]) -> None:
    """422 for another grant, an unknown field, an over-long address."""
    async with world.client() as http:
        form = {"username": "ada@northgate.example", "password": PASSWORD} | extra
        refused(await http.post("/v1/auth/token", data=form), 422, "invalid_input")


async def test_wrong_and_unknown_get_the_same_answer(world: World) -> None:
    """A wrong password, an unknown address and a suspended user get one answer, to the word."""
    admin = await world.register("shipper")
    suspended = await colleague(world, admin)
    ok(await change(admin, suspended.user_id, status="suspended"))
    answers = [
        await try_sign_in(world, admin.email, "another password"),
        await try_sign_in(world, f"{unique('nobody')}@nowhere.example"),
        await try_sign_in(world, suspended.email),
        await try_sign_in(world, "not an address at all"),
    ]
    refusals = [replace_ids(refused(answer, 401, "wrong_credentials")) for answer in answers]
    assert refusals == [refusals[0]] * 4


def replace_ids(problem: dict[str, Any]) -> dict[str, Any]:
    return problem | {"request_id": None}


async def test_wrong_and_unknown_take_the_same_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown address is compared with a decoy hash, once as well and with the same parameters: without it the
    answer would come many times sooner."""
    hashes: list[str] = []
    verify = PasswordHash.verify

    def noted(self: PasswordHash, password: str, known: str) -> bool:
        hashes.append(known)
        return verify(self, password, known)

    known = await world.register("shipper")
    monkeypatch.setattr(PasswordHash, "verify", noted)
    for email in (known.email, f"{unique('nobody')}@nowhere.example"):
        refused(await try_sign_in(world, email, "another password"), 401, "wrong_credentials")
    real, decoy = ([*each.split("$")[1:4], len(each)] for each in hashes)
    assert real == decoy


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_forged_tokens_are_refused(world: World) -> None:
    """No algorithm, another audience, another key, another algorithm, a claim left out or swapped: 401."""
    person, other = await world.register("shipper"), await world.register("shipper")
    claims = claims_of(person)
    forged = [
        jwt.encode(claims, None, "none"),
        jwt.encode(claims | {"aud": "elsewhere"}, TEST_SECRET, "HS256"),
        jwt.encode(claims, "another secret of more than thirty-two bytes", "HS256"),
        jwt.encode(claims, TEST_SECRET, "HS512"),
        jwt.encode(claims | {"sub": other.user_id}, TEST_SECRET, "HS256"),
        jwt.encode(claims | {"cid": other.company_id}, TEST_SECRET, "HS256"),
        jwt.encode(claims | {"sid": str(new_id())}, TEST_SECRET, "HS256"),
        jwt.encode(claims | {"sid": "not a uuid"}, TEST_SECRET, "HS256"),
        jwt.encode(claims | {"exp": "soon"}, TEST_SECRET, "HS256"),
        *(jwt.encode({k: v for k, v in claims.items() if k != left_out}, TEST_SECRET, "HS256") for left_out in claims),
        token_of(person)[:-2],
        "nonsense",
        "",
    ]
    assert [(await me(world, token)).status_code for token in forged] == [401] * len(forged)
    ok(await me(world, jwt.encode(claims, TEST_SECRET, "HS256")))


async def test_no_token_is_a_problem_too(world: World) -> None:
    """401 as a problem that says how to sign in."""
    async with world.client() as http:
        response = await http.get("/v1/me")
    refused(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_an_expired_token_is_refused(timed: tuple[World, FixedClock]) -> None:
    """It works to the last second of its life by the server's clock, and not after."""
    world, clock = timed
    person = await world.register("shipper")
    clock.advance(timedelta(seconds=899))
    ok(await person.http.get("/v1/me"))
    clock.advance(timedelta(seconds=2))
    refused(await person.http.get("/v1/me"), 401, "unauthenticated")


async def test_a_token_of_long_ago_is_refused(world: World) -> None:
    """One that was signed for a live session, but an hour back."""
    person = await world.register("shipper")
    tokens: Tokens = world.app.state.tokens  # type: ignore[union-attr]
    claims, _ = tokens.verify(token_of(person), world.app.state.database.clock.now())  # type: ignore[union-attr]
    now = world.app.state.database.clock.now()  # type: ignore[union-attr]
    assert (await me(world, tokens.sign(claims, now - timedelta(hours=1)))).status_code == 401
    assert (await me(world, tokens.sign(claims, now))).status_code == 200


async def test_a_refresh_token_works_once(world: World) -> None:
    """It is exchanged for a new pair; the new one works, and belongs to the same session."""
    person = await world.register("shipper")
    pair = ok(await try_refresh(world, person.refresh_token))
    assert pair["refresh_token"] != person.refresh_token
    after = ok(await me(world, pair["access_token"]))
    assert after["session_id"] == claims_of(person)["sid"]
    ok(await try_refresh(world, pair["refresh_token"]))


async def test_reuse_ends_the_whole_family(world: World) -> None:
    """A used token that comes again is refused, and with it every token of its session; other sessions stay."""
    person = await world.register("shipper")
    elsewhere = await world.sign_in(person.email, person.company_id, person.user_id)
    pair = ok(await try_refresh(world, person.refresh_token))
    refused(await try_refresh(world, person.refresh_token), 401, "refresh_token_refused")
    refused(await try_refresh(world, pair["refresh_token"]), 401, "refresh_token_refused")
    refused(await me(world, pair["access_token"]), 401, "unauthenticated")
    refused(await person.http.get("/v1/me"), 401, "unauthenticated")
    ok(await elsewhere.http.get("/v1/me"))


@pytest.mark.parametrize("clients", [2, 8])
async def test_of_refreshes_at_once_one_wins(world: World, clients: int) -> None:
    """Exactly one gets a pair; the others are reuses, so the family is revoked and the pair is worth nothing."""
    person = await world.register("shipper")
    answers = await asyncio.gather(*(try_refresh(world, person.refresh_token) for _ in range(clients)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * (clients - 1)
    assert (await me(world, ok(won[0])["access_token"])).status_code == 401
    assert (await try_refresh(world, ok(won[0])["refresh_token"])).status_code == 401


async def test_refreshing_keeps_a_session_alive(timed: tuple[World, FixedClock], settings: Settings) -> None:
    """A session lasts as long as its newest refresh token; one that was left alone too long is over."""
    world, clock = timed
    person = await world.register("shipper")
    almost = timedelta(seconds=settings.auth.refresh_ttl_s - 1)
    clock.advance(almost)
    pair = ok(await try_refresh(world, person.refresh_token))
    clock.advance(almost)
    pair = ok(await try_refresh(world, pair["refresh_token"]))
    clock.advance(almost + timedelta(seconds=2))
    refused(await try_refresh(world, pair["refresh_token"]), 401, "refresh_token_refused")


@pytest.mark.parametrize("token", ["nonsense", "x" * 43, "ünïcode", "a\0b"])
async def test_a_made_up_refresh_token_is_refused(world: World, token: str) -> None:
    """401, whatever it looks like."""
    refused(await try_refresh(world, token), 401, "refresh_token_refused")


async def test_signing_out_acts_at_once(world: World) -> None:
    """After it neither the access token nor the refresh token works."""
    person = await world.register("shipper")
    ok(await person.http.post("/v1/auth/logout"), 204)
    refused(await person.http.get("/v1/me"), 401, "unauthenticated")
    refused(await person.http.post("/v1/auth/logout"), 401, "unauthenticated")
    refused(await try_refresh(world, person.refresh_token), 401, "refresh_token_refused")


async def test_sessions_are_listed_and_revoked(world: World) -> None:
    """One sees one's own live sessions, newest first, knows the current one, and ends another from here, at once."""
    person = await world.register("shipper")
    phone = await world.sign_in(person.email, person.company_id, person.user_id)
    listed = ok(await person.http.get("/v1/auth/sessions"))["items"]
    assert [(each["id"], each["current"]) for each in listed] == [
        (claims_of(phone)["sid"], False),
        (claims_of(person)["sid"], True),
    ]
    assert listed[0]["user_agent"].startswith("python-httpx")
    ok(await person.http.delete(f"/v1/auth/sessions/{listed[0]['id']}"), 204)
    refused(await phone.http.get("/v1/me"), 401, "unauthenticated")
    refused(await try_refresh(world, phone.refresh_token), 401, "refresh_token_refused")
    assert len(ok(await person.http.get("/v1/auth/sessions"))["items"]) == 1
    refused(await person.http.delete(f"/v1/auth/sessions/{listed[0]['id']}"), 404, "not_found")


async def test_sessions_come_in_pages(world: World) -> None:
    """Each session is on one page, in a stable order."""
    person = await world.register("shipper")
    for _ in range(4):
        await world.sign_in(person.email, person.company_id, person.user_id)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = ok(await person.http.get("/v1/auth/sessions", params=query))
        seen += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


async def test_nobody_ends_a_session_of_somebody_else(world: World) -> None:
    """404 for a colleague's and for another company's, even to an admin."""
    admin, stranger = await world.register("shipper"), await world.register("shipper")
    employee = await colleague(world, admin)
    for thief in (admin, stranger):
        refused(await thief.http.delete(f"/v1/auth/sessions/{claims_of(employee)['sid']}"), 404, "not_found")
    ok(await employee.http.get("/v1/me"))


async def test_a_suspension_ends_every_session_at_once(world: World) -> None:
    """Neither token works from then on, also not when the user is active again: they sign in anew."""
    admin = await world.register("shipper")
    employee = await colleague(world, admin)
    ok(await change(admin, employee.user_id, status="suspended"))
    refused(await employee.http.get("/v1/me"), 401, "unauthenticated")
    refused(await try_refresh(world, employee.refresh_token), 401, "refresh_token_refused")
    ok(await change(admin, employee.user_id, status="active"))
    refused(await employee.http.get("/v1/me"), 401, "unauthenticated")
    ok(await try_sign_in(world, employee.email))


async def test_a_suspension_has_an_event_for_every_session(world: World, server: Server, database: Database) -> None:
    """One event for each that it ended, none for one that had ended before."""
    admin = await world.register("shipper")
    laptop = await colleague(world, admin)
    phone, tablet = [await world.sign_in(laptop.email, laptop.company_id, laptop.user_id) for _ in range(2)]
    ok(await phone.http.post("/v1/auth/logout"), 204)
    ok(await change(admin, laptop.user_id, status="suspended"))
    assert await revoked(server, database, laptop.user_id) == [
        (session_of(phone), "signed out"),
        (session_of(laptop), "user suspended"),
        (session_of(tablet), "user suspended"),
    ]


async def test_a_removed_role_acts_at_once(world: World) -> None:
    """The token says who calls, the database what they may do: the same token, one request later."""
    admin = await world.register("shipper")
    second = await colleague(world, admin, "admin")
    ok(await second.http.post("/v1/teams", json={"name": "Before"}), 201)
    ok(await change(admin, second.user_id, role="employee"))
    refused(await second.http.post("/v1/teams", json={"name": "After"}), 403, "role_too_low")


async def test_a_company_that_is_gone_signs_nobody_in(world: World, server: Server, database: Database) -> None:
    """A deleted company's people are out at once."""
    person = await world.register("shipper")
    connection = await server.connect(database.settings.direct.database)
    await connection.execute("UPDATE companies SET deleted_at = now() WHERE id = $1", UUID(person.company_id))
    await connection.close()
    refused(await person.http.get("/v1/me"), 401, "unauthenticated")
    refused(await try_sign_in(world, person.email), 401, "wrong_credentials")
    refused(await try_refresh(world, person.refresh_token), 401, "refresh_token_refused")


async def test_a_refresh_and_a_sign_out_at_once_leave_nothing_open(world: World) -> None:
    """Whichever comes first: after both the session is over."""
    for _ in range(5):
        person = await world.register("shipper")
        refreshed, _ = await asyncio.gather(
            try_refresh(world, person.refresh_token), person.http.post("/v1/auth/logout")
        )
        if refreshed.status_code == 200:
            assert (await me(world, refreshed.json()["access_token"])).status_code == 401
            assert (await try_refresh(world, refreshed.json()["refresh_token"])).status_code == 401


async def test_a_strange_device_is_cut_to_size(world: World) -> None:
    """A user agent of 5,000 characters signs in, and is kept as far as it fits."""
    person = await world.register("shipper")
    async with world.client() as http:
        http.headers["user-agent"] = "x" * 5_000
        form = {"username": person.email, "password": PASSWORD}
        ok(await http.post("/v1/auth/token", data=form))
    listed = ok(await person.http.get("/v1/auth/sessions"))["items"]
    assert listed[0]["user_agent"] == "x" * 300


async def test_tokens_are_stored_as_hashes_only(world: World, database: Database) -> None:
    """Whoever reads the database gets no token that works."""
    person = await world.register("shipper")
    async with database.reading(Platform("test"), AccountReads) as store:
        assert await store.find_refresh_token(person.refresh_token) is None


def test_nothing_secret_is_in_a_repr() -> None:
    """A token that lands in a log line shows neither itself nor the key."""
    tokens = Tokens(TEST_SECRET, 900, 3600)
    assert TEST_SECRET not in repr(tokens)
    assert TEST_SECRET not in repr(replace(tokens, access_ttl_s=60))


async def test_a_whole_office_signs_in_at_once(world: World) -> None:
    """Twenty people from one address, each on two devices, all at once: nobody is refused, nobody has to wait."""
    bodies = [registration() for _ in range(20)]
    async with world.client() as http:
        made = await asyncio.gather(*(http.post("/v1/auth/register", json=body) for body in bodies))
    assert {answer.status_code for answer in made} == {201}
    emails = [body["user"]["email"] for body in bodies]
    answers = await asyncio.gather(*(try_sign_in(world, email, address="198.51.100.7") for email in emails * 2))
    assert [answer.text for answer in answers if answer.status_code != 200] == []
