"""A program that asks an app of its own, and looks at what is left to the garbage collector.

It runs alone in its process, and without the app's jobs: what is found was left by the request.
"""

import asyncio
import gc
import json
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

import httpx

from crossdock.registry import load_settings
from crossdock.web import app, presence
from tests.world import Person, World, load, money, unique

Ask = Callable[[Person], Awaitable[httpx.Response]]

ASKS: dict[str, tuple[int, Ask]] = {
    "a document": (200, lambda person: person.http.get("/v1/ledger/accounts")),
    "a read by Tortoise": (200, lambda person: person.http.get("/v1/teams")),
    "a write by Tortoise": (201, lambda person: person.http.post("/v1/teams", json={"name": unique("team")})),
    "a write": (201, lambda person: person.http.post("/v1/bookings", json=load())),
    "a write by both": (201, lambda person: person.http.post("/v1/ledger/deposits", json={"amount": money(100)})),
    "what is not there": (404, lambda person: person.http.get(f"/v1/bookings/{person.company_id}")),
    "bad input": (422, lambda person: person.http.post("/v1/bookings", json=load(weight_kg="heavy"))),
}
TIMES = 3
LOOKED_AFTER_S = {"quick": 3600.0, "slow": 0.0}
"""When the shell looks whether the client is still there: never, and from the beginning."""


def main() -> None:
    """Prints, for each request, the statuses that it had and the classes of ours that only the collector could free."""
    print(json.dumps({how: asyncio.run(_all(after_s)) for how, after_s in LOOKED_AFTER_S.items()}))


async def _all(looked_after_s: float) -> dict[str, tuple[list[int], list[str]]]:
    presence.LOOKED_AFTER_S = looked_after_s
    app.running_jobs = lambda _: nullcontext()  # type: ignore[assignment]
    async with World.open(load_settings()) as world:
        person = await world.register("shipper")
        return {what: await _one(person, ask) for what, (_, ask) in ASKS.items()}


async def _one(person: Person, ask: Ask) -> tuple[list[int], list[str]]:
    await ask(person)  # what is made once and stays
    gc.collect()
    gc.disable()
    statuses = [(await ask(person)).status_code for _ in range(TIMES)]
    left = _circles()
    gc.enable()
    return statuses, [type(each).__qualname__ for each in left if type(each).__module__.startswith("crossdock")]


def _circles() -> list[Any]:
    """What only the collector could free."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    found = list(gc.garbage)
    gc.set_debug(0)
    gc.garbage.clear()
    return found
