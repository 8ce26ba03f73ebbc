"""A request leaves nothing to the garbage collector, which would stop the process to look for it."""

import gc
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.world import Person, World, load, money

Ask = Callable[[Person], Awaitable[httpx.Response]]

ASKS: dict[str, tuple[int, Ask]] = {
    "a document": (200, lambda person: person.http.get("/v1/ledger/accounts")),
    "a read by Tortoise": (200, lambda person: person.http.get("/v1/bookings")),
    "a write": (201, lambda person: person.http.post("/v1/bookings", json=load())),
    "a write by both": (201, lambda person: person.http.post("/v1/ledger/deposits", json={"amount": money(100)})),
    "what is not there": (404, lambda person: person.http.get(f"/v1/bookings/{person.company_id}")),
    "bad input": (422, lambda person: person.http.post("/v1/bookings", json=load(weight_kg="heavy"))),
}


@pytest.mark.parametrize("what", ASKS)
async def test_a_request_leaves_no_circle(world: World, what: str) -> None:
    """Nothing of ours refers to itself once it is answered, so it goes at once."""
    status, ask = ASKS[what]
    person = await world.register("shipper")
    await ask(person)  # what is made once and stays
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            assert (await ask(person)).status_code == status
        left = circles()
    finally:
        gc.enable()
    assert [each for each in left if type(each).__module__.startswith("crossdock")] == []


def circles() -> list[Any]:
    """What only the collector could free."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return list(gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
