"""A request has so much time and no more: then it is told so, and nothing of it stays."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from crossdock.config.settings import HttpSettings, Settings
from crossdock.web.deadline import Deadline, TooSlow
from tests.world import Server, World, load, ok

LIMIT_S = 0.5


@pytest.fixture
async def hurried(settings: Settings) -> AsyncIterator[World]:
    """The app with half a second for each request."""
    async with World.open(settings.model_copy(update={"http": HttpSettings(request_timeout_s=LIMIT_S)})) as world:
        yield world


async def test_a_request_that_hangs_is_given_up(server: Server, world: World, hurried: World) -> None:
    """It waits for a row that somebody else has locked: 503 in the end, nothing is written, and its connection is
    free. All else is asked of an app that has the time."""
    assert hurried.app is not None
    shipper = await world.register("shipper")
    booking = ok(await shipper.http.post("/v1/bookings", json=load()), 201)
    path, change = f"/v1/bookings/{booking['id']}", {"weight_kg": 999}
    somebody = await server.connect(hurried.app.state.database.settings.pooled.database)
    async with somebody.transaction():
        await somebody.execute("SELECT FROM bookings WHERE id = $1 FOR UPDATE", booking["id"])
        async with hurried.client() as http:
            headers = {"If-Match": "*", "Authorization": shipper.http.headers["Authorization"]}
            slow = await http.patch(path, json=change, headers=headers)
    await somebody.close()
    assert (slow.status_code, slow.json()["code"]) == (503, "too_slow")
    assert slow.headers["retry-after"]
    assert all(pool.gate.statistics.in_use == 0 for pool in hurried.app.state.database.pools)
    assert ok(await shipper.http.get(path))["weight_kg"] == booking["weight_kg"]
    assert ok(await shipper.http.patch(path, json=change, headers={"If-Match": "*"}))["weight_kg"] == 999


async def test_a_body_without_an_end_is_the_clients(hurried: World) -> None:
    """Whether all of it is missing or the last byte: it is told as that, and that nothing was done."""
    for path, begun in (("/v1/auth/register", b""), ("/v1/auth/register", b"{"), ("/v1/auth/token", b"username=a")):

        async def endless(begun: bytes = begun) -> AsyncIterator[bytes]:
            if begun:
                yield begun
            await asyncio.Event().wait()

        form = {"Content-Type": "application/x-www-form-urlencoded" if "token" in path else "application/json"}
        async with hurried.client() as http:
            late = await http.post(path, content=endless(), headers=form)
        assert (late.status_code, late.json()["code"]) == (408, "body_too_slow"), path
        assert late.headers["connection"] == "close"


async def test_what_ends_in_time_is_left_alone() -> None:
    """Also when its time would have been over later."""
    with Deadline(0.01):
        await asyncio.sleep(0)
    await asyncio.sleep(0.03)


async def test_an_error_of_the_block_is_its_own() -> None:
    """Nothing is made of it."""
    with pytest.raises(KeyError), Deadline(0.01):
        raise KeyError


@pytest.mark.parametrize("is_over", [False, True])
async def test_who_is_cancelled_by_others_stays_cancelled(is_over: bool) -> None:
    """A client that hangs up, or the end of the service, is no slow request: also when both come together."""
    begun = asyncio.Event()

    async def work() -> None:
        with Deadline(0 if is_over else 10):
            begun.set()
            await asyncio.sleep(10)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_task_goes_on_after_it() -> None:
    """As after `asyncio.timeout`: the cancellation was the deadline's, and is over with it."""
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(TooSlow), Deadline(0):
        await asyncio.sleep(10)
    assert task.cancelling() == 0
    await asyncio.sleep(0)
