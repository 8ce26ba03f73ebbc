"""Named things for tests: the server, the app under test, companies with their people, and loads in every state."""

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from tortoise.backends.base.executor import EXECUTOR_CACHE

from crossdock.address import Address
from crossdock.config.limits import Limits
from crossdock.config.settings import (
    DirectPoolSettings,
    HttpSettings,
    LogSettings,
    PlatformPoolSettings,
    PoolSettings,
    Settings,
)
from freight.app import create_app
from freight.settings import AuthSettings, FreightSettings
from tests.documented import need_documented

TEST_SECRET = "a-test-secret-of-more-than-thirty-two-bytes"
PASSWORD = "correct horse battery"
PATIENT_S = 60
PATIENT = Limits(
    lock_timeout_ms=PATIENT_S * 1000,
    statement_timeout_ms=2 * PATIENT_S * 1000,
    idle_in_transaction_timeout_ms=4 * PATIENT_S * 1000,
)
"""Limits that no machine is too slow for. A test of a limit sets that limit itself."""

_numbers = itertools.count(os.getpid() * 100_000)  # a child of a test works on its database too


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server, and as whom to reach it."""

    superuser: Address
    owner: Address
    tenants: Address
    service: Address

    def settings(self, name: str, **changes: Any) -> Settings:
        """Settings of a service on the database `name`. Nothing of the tester's environment leaks in."""
        base = FreightSettings(
            environment="test",
            auth=AuthSettings(secret=SecretStr(TEST_SECRET)),
            log=LogSettings(level="error"),
            tortoise_pool=PoolSettings(min_size=0, max_size=8, timeout_s=PATIENT_S),
            transaction_pool=PoolSettings(min_size=0, max_size=8, timeout_s=PATIENT_S),
            platform_pool=PlatformPoolSettings(min_size=0, max_size=8, timeout_s=PATIENT_S),
            limits=PATIENT,
            http=HttpSettings(request_timeout_s=3 * PATIENT_S),
            direct_pool=DirectPoolSettings(min_size=0, max_size=2),
        )
        lanes = (address.with_database(name) for address in (self.tenants, self.owner, self.service))
        return base.with_database(*lanes).model_copy(update=changes)

    async def copy(self, name: str, template: str, **changes: Any) -> Settings:
        """A fresh copy of a database, under a name from `database_name`."""
        connection = await self.connect("postgres")
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER "{self.owner.user}" STRATEGY file_copy'
        )
        await connection.execute(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')  # a copy has its own rights
        await connection.close()
        return self.settings(name, **changes)

    async def drop(self, name: str) -> None:
        connection = await self.connect("postgres")
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()

    @asynccontextmanager
    async def with_own_logins(self) -> AsyncIterator["Server"]:
        """The same server with two logins for the block alone.

        For an application with roles of its own: a login's memberships hold in every database of the server, so the
        marketplace's logins would be members of somebody else's roles, which its own checks rightly refuse.
        """
        names = [unique(f"crossdock_test_{word}") for word in ("tenants", "service")]
        password = "crossdock"
        connection = await self.connect("postgres")
        for name in names:
            await connection.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'")
        try:
            yield replace(
                self,
                tenants=self.tenants.with_user(names[0], password),
                service=self.service.with_user(names[1], password),
            )
        finally:
            for name in names:
                await connection.execute(f'DROP ROLE "{name}"')
            await connection.close()

    async def connect(self, name: str) -> asyncpg.Connection:
        """A superuser's connection: sees everything, for checking what is really there."""
        return await asyncpg.connect(**self.superuser.with_database(name).asyncpg())


@contextmanager
def tortoise_without_memory() -> Iterator[None]:
    """For models whose table has the name of another model's: Tortoise keeps the INSERT of a table, by its name, for as
    long as the process lives."""
    EXECUTOR_CACHE.clear()
    yield
    EXECUTOR_CACHE.clear()


def database_name(purpose: str) -> str:
    """A database name that says whose it is, so that a later run can drop what a killed one left."""
    return f"crossdock_test_{os.getpid()}_{purpose}"


def unique(word: str) -> str:
    """A name that no other test uses, in whichever process."""
    return f"{word}-{next(_numbers)}"


def in_hours(hours: float) -> str:
    """A time from now, as the API takes it."""
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@dataclass(slots=True)
class Person:
    """A signed-in person: `http` sends their token."""

    company_id: str
    user_id: str
    email: str
    http: httpx.AsyncClient
    refresh_token: str = field(repr=False, default="")


def load(amount_minor: int = 100_000, currency: str = "EUR", **changes: Any) -> dict[str, Any]:
    """The body of a booking that nothing is wrong with."""
    return {
        "pickup": {"address": "Maasvlakte 12, Rotterdam", "lat": 51.95, "lon": 4.03, "ready_at": in_hours(24)},
        "dropoff": {"address": "Hafenstrasse 4, Duisburg", "lat": 51.45, "lon": 6.73, "due_at": in_hours(48)},
        "weight_kg": 12_000,
        "price_ceiling": {"amount_minor": amount_minor, "currency": currency},
        "equipment": "curtainsider",
    } | changes


def money(amount_minor: int, currency: str = "EUR") -> dict[str, Any]:
    return {"amount_minor": amount_minor, "currency": currency}


def ok(response: httpx.Response, status: int = 200) -> Any:
    """The body, after a check of the status that shows the problem when it is another."""
    assert response.status_code == status, f"{response.request.method} {response.url}: {response.text}"
    return response.json() if response.content else None


class World:
    """The app under test and who uses it: in this process, or a real server at `base_url`."""

    def __init__(self, app: FastAPI | None = None, base_url: str = "http://test") -> None:
        self.app = app
        self.base_url = base_url

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["World"]:
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            yield cls(app)

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False) if self.app else None
        return httpx.AsyncClient(
            transport=transport,
            base_url=self.base_url,
            headers=headers,
            timeout=3 * PATIENT_S,
            trust_env=False,  # a real server is on loopback, which no proxy of the tester's is asked for
            event_hooks={"response": [need_documented]},
        )

    async def register(self, kind: str, name: str | None = None) -> Person:
        """A new company of a kind, and its admin, signed in."""
        email = f"{unique(kind)}@{unique('firm')}.example"
        async with self.client() as http:
            body = {
                "company": {"name": name or unique(f"{kind} company"), "kind": kind},
                "user": {"name": "Ada", "email": email, "password": PASSWORD},
            }
            made = ok(await http.post("/v1/auth/register", json=body), 201)
        return await self.sign_in(email, made["company"]["id"], made["user"]["id"])

    async def sign_in(self, email: str, company_id: str, user_id: str, password: str = PASSWORD) -> Person:
        async with self.client() as http:
            answer = ok(await http.post("/v1/auth/token", data={"username": email, "password": password}))
        return Person(company_id, user_id, email, self.client(answer["access_token"]), answer["refresh_token"])

    async def shipper(self, funds_minor: int = 10_000_000) -> Person:
        """A shipper with money in its wallet."""
        person = await self.register("shipper")
        ok(await person.http.post("/v1/ledger/deposits", json={"amount": money(funds_minor)}), 201)
        return person

    async def carrier(self) -> Person:
        return await self.register("carrier")

    async def draft(self, shipper: Person, **changes: Any) -> dict[str, Any]:
        booking: dict[str, Any] = ok(await shipper.http.post("/v1/bookings", json=load(**changes)), 201)
        return booking

    async def open_booking(self, shipper: Person, **changes: Any) -> dict[str, Any]:
        booking = await self.draft(shipper, **changes)
        published: dict[str, Any] = ok(await shipper.http.post(f"/v1/bookings/{booking['id']}/publish"))
        return published

    async def bid(self, carrier: Person, booking: dict[str, Any], amount_minor: int = 90_000) -> dict[str, Any]:
        body = {"amount": money(amount_minor, booking["price_ceiling"]["currency"]), "pickup_eta": in_hours(24)}
        bid: dict[str, Any] = ok(await carrier.http.post(f"/v1/bookings/{booking['id']}/bids", json=body), 201)
        return bid

    async def awarded(self, shipper: Person, carrier: Person) -> tuple[dict[str, Any], dict[str, Any]]:
        """A booking and the bid that was awarded for it."""
        booking = await self.open_booking(shipper)
        bid = await self.bid(carrier, booking)
        awarded: dict[str, Any] = ok(await shipper.http.post(f"/v1/bids/{bid['id']}/award"))
        return booking, awarded
