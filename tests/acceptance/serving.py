"""Services for tests to start and end, and what a client asks of them first."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.process import Service, home
from tests.world import ok

OWN_PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder that the tests of this file share, each leaving nothing running."""
    with home() as made:
        yield made


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Service]]:
    """Makes services, and ends those that a test leaves running."""
    made: list[Service] = []

    def make(*arguments: Any, **variables: Any) -> Service:
        made.append(Service(*arguments, **variables))
        return made[-1]

    yield make
    for service in made:
        await service.stop()


async def register(service: Service, email: str) -> None:
    body = {
        "company": {"name": "Kept Goods", "kind": "shipper"},
        "user": {"name": "Ada", "email": email, "password": OWN_PASSWORD},
    }
    async with service.http() as http:
        ok(await http.post("/v1/auth/register", json=body), 201)


async def sign_in(service: Service, email: str, password: str = OWN_PASSWORD) -> None:
    async with service.http() as http:
        ok(await http.post("/v1/auth/token", data={"username": email, "password": password}))
