"""Colleagues, sign-ins from elsewhere, and a clock that tests move, for the tests of accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt

from crossdock.clock import FixedClock
from crossdock.transaction import Database
from freight.app import create_app
from tests.world import PASSWORD, Person, Server, World, database_name, ok, unique


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, after a check of its status and its code."""
    assert response.status_code == status, response.text
    problem: dict[str, Any] = response.json()
    assert problem["code"] == code, problem
    return problem


def registration(**user: Any) -> dict[str, Any]:
    """The body of a registration that nothing is wrong with."""
    return {
        "company": {"name": unique("Northgate"), "kind": "shipper"},
        "user": {"name": "Ada", "email": f"{unique('ada')}@northgate.example", "password": PASSWORD} | user,
    }


def newcomer(**changes: Any) -> dict[str, Any]:
    """The body of a new colleague that nothing is wrong with."""
    return {"name": "Grace", "email": f"{unique('grace')}@northgate.example", "password": PASSWORD} | changes


async def colleague(world: World, admin: Person, role: str = "employee") -> Person:
    """Another person of the admin's company, signed in."""
    made = ok(await admin.http.post("/v1/users", json=newcomer(role=role)), 201)
    return await world.sign_in(made["email"], made["company_id"], made["id"])


async def change(person: Person, user_id: str, *, etag: str = "*", **changes: Any) -> httpx.Response:
    """A PATCH of a user, of whatever version unless one is given."""
    return await person.http.patch(f"/v1/users/{user_id}", json=changes, headers={"If-Match": etag})


async def try_sign_in(
    world: World, email: str, password: str = PASSWORD, *, address: str = "192.0.2.1"
) -> httpx.Response:
    """A sign-in from an address of our choice."""
    transport = httpx.ASGITransport(world.app, client=(address, 40_000))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=world.base_url) as http:
        return await http.post("/v1/auth/token", data={"username": email, "password": password})


async def change_password(person: Person, new_password: str, current_password: str = PASSWORD) -> httpx.Response:
    body = {"current_password": current_password, "new_password": new_password}
    return await person.http.post("/v1/me/password", json=body)


async def try_refresh(world: World, refresh_token: str) -> httpx.Response:
    async with world.client() as http:
        return await http.post("/v1/auth/refresh", json={"refresh_token": refresh_token})


def session_of(person: Person) -> str:
    """The id of the session that a person's token belongs to."""
    claims = jwt.decode(person.http.headers["Authorization"].split()[1], options={"verify_signature": False})
    return str(claims["sid"])


async def revoked(server: Server, database: Database, user_id: str) -> list[tuple[str, str]]:
    """The outbox's events about a user's ended sessions: the session and the reason, in order."""
    connection = await server.connect(database.settings.direct.database)
    rows = await connection.fetch(REVOKED, user_id)
    await connection.close()
    return [tuple(row) for row in rows]


REVOKED = """
    SELECT subject_id::text, payload ->> 'reason' FROM outbox
    WHERE type = 'accounts.session_revoked' AND payload ->> 'user_id' = $1 ORDER BY id
"""


@asynccontextmanager
async def world_with_clock(server: Server, template: str) -> AsyncIterator[tuple[World, FixedClock]]:
    """The app on a clock that stands still until a test moves it. Its jobs see it too, so the database is its own."""
    name = database_name("clock")
    clock = FixedClock(datetime.now(UTC))
    app = create_app(await server.copy(name, template), clock)
    async with app.router.lifespan_context(app):
        yield World(app), clock
    await server.drop(name)
