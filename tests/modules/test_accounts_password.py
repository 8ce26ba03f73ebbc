"""Changing one's own password: who may, which sessions end, and that nobody can guess a password with it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crossdock.clock import FixedClock
from crossdock.transaction import Database
from freight.modules.accounts.service.signing_in import throttle
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from tests.modules.accounts import (
    change,
    change_password,
    colleague,
    refused,
    revoked,
    session_of,
    try_refresh,
    try_sign_in,
    world_with_clock,
)
from tests.world import PASSWORD, Person, Server, World, ok

NEW, WRONG = "a quite different dock", "another password"
FREE = throttle.FREE[throttle.ACCOUNT]


@pytest.fixture(scope="module")
async def timed(server: Server, template: str) -> AsyncIterator[tuple[World, FixedClock]]:
    async with world_with_clock(server, template) as opened:
        yield opened


async def again(world: World, person: Person, password: str = PASSWORD) -> Person:
    """The same person on another device."""
    return await world.sign_in(person.email, person.company_id, person.user_id, password)


async def fail(person: Person, times: int) -> None:
    for _ in range(times):
        refused(await change_password(person, NEW, WRONG), 403, "wrong_password")


async def test_the_new_password_signs_in(world: World) -> None:
    """And the old one does not; the session that changed it goes on."""
    person = await world.register("shipper")
    response = await change_password(person, NEW)
    assert (response.status_code, response.content) == (204, b"")
    ok(await try_sign_in(world, person.email, NEW))
    refused(await try_sign_in(world, person.email, PASSWORD), 401, "wrong_credentials")
    ok(await person.http.get("/v1/me"))
    ok(await try_refresh(world, person.refresh_token))


async def test_every_role_changes_its_own(world: World) -> None:
    """An employee too: it is theirs, and nobody else's changes."""
    admin = await world.register("shipper")
    employee = await colleague(world, admin)
    ok(await change_password(employee, NEW), 204)
    ok(await try_sign_in(world, admin.email))


async def test_all_other_sessions_end(world: World, server: Server, database: Database) -> None:
    """At once, access and refresh token alike, each with its event; other people's stay."""
    admin = await world.register("shipper")
    here = await colleague(world, admin)
    others = [await again(world, here) for _ in range(2)]
    ok(await change_password(here, NEW), 204)
    for other in others:
        refused(await other.http.get("/v1/me"), 401, "unauthenticated")
        refused(await try_refresh(world, other.refresh_token), 401, "refresh_token_refused")
    ok(await admin.http.get("/v1/me"))
    expected = [(session_of(other), "password changed") for other in others]
    assert await revoked(server, database, here.user_id) == expected


async def test_its_event_holds_no_secret(world: World, server: Server, database: Database) -> None:
    """One event in the outbox, of the person who did it, and nothing of either password in it."""
    person = await world.register("shipper")
    ok(await change_password(person, NEW), 204)
    connection = await server.connect(database.settings.direct.database)
    query = (
        "SELECT company_id, actor_id, (payload - 'subject_id')::text FROM outbox WHERE type = $1 AND subject_id = $2"
    )
    rows = await connection.fetch(query, "accounts.password_changed", UUID(person.user_id))
    await connection.close()
    assert [tuple(row) for row in rows] == [(UUID(person.company_id), UUID(person.user_id), "{}")]


async def test_it_does_not_change_the_etag(world: World) -> None:
    """The ETag guards what people edit of a user, and a password is not among it."""
    person = await world.register("shipper")
    etag = (await person.http.get("/v1/me")).headers["etag"]
    ok(await change_password(person, NEW), 204)
    ok(await change(person, person.user_id, etag=etag, name="Ada L."))


async def test_a_wrong_current_password_is_refused(world: World) -> None:
    """403 with a code of its own and the field; nothing changes, and no session ends."""
    person = await world.register("shipper")
    elsewhere = await again(world, person)
    problem = refused(await change_password(person, NEW, WRONG), 403, "wrong_password")
    assert problem["errors"][0]["path"] == "body.current_password"
    ok(await try_sign_in(world, person.email))
    ok(await elsewhere.http.get("/v1/me"))


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("password1234", "common_password"),
        ("elevenchars", "invalid_input"),
        ("x" * 129, "invalid_input"),
        ("", "invalid_input"),
        (None, "invalid_input"),
        (123_456_789_012, "invalid_input"),
    ],
)
@pytest.mark.parametrize("current", [PASSWORD, WRONG])
async def test_a_weak_new_password_is_refused(world: World, current: str, password: Any, code: str) -> None:
    """422 by the rule of registering, in the same words whether the current one is right or wrong."""
    person = await world.register("shipper")
    problem = refused(await change_password(person, password, current), 422, code)
    assert [error["path"] for error in problem["errors"]] == ["body.new_password"]
    ok(await try_sign_in(world, person.email))


@pytest.mark.parametrize(
    "body",
    [
        {"new_password": NEW},
        {"current_password": PASSWORD},
        {"current_password": "", "new_password": NEW},
        {"current_password": "x" * 129, "new_password": NEW},
        {"current_password": PASSWORD, "new_password": NEW, "email": "eve@elsewhere.example"},
    ],
)
async def test_a_body_that_does_not_fit_is_refused(world: World, body: dict[str, str]) -> None:
    """422, and the password stays."""
    person = await world.register("shipper")
    refused(await person.http.post("/v1/me/password", json=body), 422, "invalid_input")
    ok(await try_sign_in(world, person.email))


async def test_it_needs_a_sign_in(world: World) -> None:
    """401 without a token, whatever the body says."""
    async with world.client() as http:
        body = {"current_password": PASSWORD, "new_password": NEW}
        refused(await http.post("/v1/me/password", json=body), 401, "unauthenticated")


async def test_guessing_has_to_wait(timed: tuple[World, FixedClock]) -> None:
    """As at the sign-in, and counted with it: after five wrong ones not even the right one is looked at."""
    world, clock = timed
    person = await world.register("shipper")
    refused(await try_sign_in(world, person.email, WRONG), 401, "wrong_credentials")
    await fail(person, FREE - 1)
    response = await change_password(person, NEW)
    refused(response, 429, "too_many_sign_ins")
    assert response.headers["retry-after"] == "1"
    refused(await try_sign_in(world, person.email), 429, "too_many_sign_ins")
    clock.advance(timedelta(seconds=1))
    ok(await change_password(person, NEW), 204)


async def test_a_success_clears_the_account(timed: tuple[World, FixedClock]) -> None:
    """After it the free failures are there again."""
    world, _ = timed
    person = await world.register("shipper")
    await fail(person, FREE - 1)
    ok(await change_password(person, NEW), 204)
    await fail(person, FREE - 1)
    ok(await try_sign_in(world, person.email, NEW))


async def test_guesses_at_once_get_five_answers(timed: tuple[World, FixedClock]) -> None:
    """However many come at once, five are answered as wrong, and the others are refused and have to wait."""
    world, _ = timed
    person = await world.register("shipper")
    wrong = await asyncio.gather(*(change_password(person, NEW, f"{WRONG} {n}") for n in range(20)))
    assert sorted(answer.status_code for answer in wrong) == [403] * FREE + [429] * (20 - FREE)


async def test_of_two_changes_at_once_one_wins(world: World) -> None:
    """The other one's current password is not current any more, or its session is over."""
    for _ in range(5):
        person = await world.register("shipper")
        thief = await again(world, person)
        answers = await asyncio.gather(change_password(person, NEW), change_password(thief, f"{NEW} 2"))
        statuses = [answer.status_code for answer in answers]
        assert sorted(statuses) in ([204, 401], [204, 403])
        won, lost = (NEW, f"{NEW} 2") if statuses[0] == 204 else (f"{NEW} 2", NEW)
        ok(await try_sign_in(world, person.email, won))
        refused(await try_sign_in(world, person.email, lost), 401, "wrong_credentials")


async def test_a_sign_in_with_the_old_password_does_not_slip_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose password was right when it was compared, and is not when the session would open: 401."""
    person = await world.register("shipper")
    matches, compared, go_on = PASSWORDS.matches, asyncio.Event(), asyncio.Event()

    async def then_wait(password: str, password_hash: str | None) -> bool:
        right = await matches(password, password_hash)
        compared.set()
        await go_on.wait()
        return right

    monkeypatch.setattr(PASSWORDS, "matches", then_wait)
    late = asyncio.create_task(try_sign_in(world, person.email))
    await compared.wait()
    monkeypatch.setattr(PASSWORDS, "matches", matches)
    ok(await change_password(person, NEW), 204)
    go_on.set()
    refused(await late, 401, "wrong_credentials")


async def test_a_suspended_user_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the suspension comes while the password is compared."""
    admin = await world.register("shipper")
    person = await colleague(world, admin)
    matches = PASSWORDS.matches

    async def then_suspend(password: str, password_hash: str | None) -> bool:
        ok(await change(admin, person.user_id, status="suspended"))
        return await matches(password, password_hash)

    monkeypatch.setattr(PASSWORDS, "matches", then_suspend)
    refused(await change_password(person, NEW), 401, "unauthenticated")
    monkeypatch.setattr(PASSWORDS, "matches", matches)
    ok(await change(admin, person.user_id, status="active"))
    ok(await try_sign_in(world, person.email))
