"""The growing wait after failed sign-ins, on a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from crossdock.clock import FixedClock
from crossdock.tenancy import Platform
from freight.modules.accounts.jobs import forget_old
from freight.modules.accounts.service.signing_in import throttle
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS, Passwords, SignInsExhausted
from freight.modules.accounts.store import AccountReads, AccountStore
from freight.modules.accounts.store.signing_in import ThrottleRow
from tests.modules.accounts import change_password, newcomer, refused, try_sign_in, world_with_clock
from tests.world import PASSWORD, Server, World, ok, unique

WRONG = "another password"
FREE = throttle.FREE[throttle.ACCOUNT]


@pytest.fixture(scope="module")
async def timed(server: Server, template: str) -> AsyncIterator[tuple[World, FixedClock]]:
    async with world_with_clock(server, template) as opened:
        yield opened


async def fail(world: World, email: str, times: int, *, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        refused(await try_sign_in(world, email, WRONG, address=address), 401, "wrong_credentials")


async def waits(world: World, clock: FixedClock, email: str, times: int) -> list[int]:
    """The waits that follow one another when the next failure comes as soon as it may."""
    seen = []
    for _ in range(times):
        response = await try_sign_in(world, email, WRONG)
        refused(response, 429, "too_many_sign_ins")
        seen.append(int(response.headers["retry-after"]))
        clock.advance(timedelta(seconds=seen[-1]))
        refused(await try_sign_in(world, email, WRONG), 401, "wrong_credentials")
    return seen


async def test_the_wait_doubles_up_to_its_limit(timed: tuple[World, FixedClock]) -> None:
    """Five failures are free; then one second, two, four, ... and never more than 15 minutes. Retry-After says it."""
    world, clock = timed
    person = await world.register("shipper")
    await fail(world, person.email, FREE)
    assert await waits(world, clock, person.email, 12) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


async def test_the_right_password_has_to_wait_too(timed: tuple[World, FixedClock]) -> None:
    """While an account is blocked nobody learns whether a password is right; after the wait its owner signs in."""
    world, clock = timed
    person = await world.register("shipper")
    await fail(world, person.email, FREE)
    refused(await try_sign_in(world, person.email), 429, "too_many_sign_ins")
    clock.advance(timedelta(seconds=1))
    ok(await try_sign_in(world, person.email))


async def test_a_success_clears_the_account(timed: tuple[World, FixedClock]) -> None:
    """After it the free failures are there again."""
    world, _ = timed
    person = await world.register("shipper")
    for _ in range(3):
        await fail(world, person.email, FREE - 1)
        ok(await try_sign_in(world, person.email))


async def test_an_hour_without_a_failure_forgets_them(timed: tuple[World, FixedClock]) -> None:
    """A person who mistypes once a day never waits."""
    world, clock = timed
    person = await world.register("shipper")
    for _ in range(3):
        await fail(world, person.email, FREE - 1)
        clock.advance(timedelta(hours=1, seconds=1))


async def test_an_account_that_is_not_there_waits_alike(timed: tuple[World, FixedClock]) -> None:
    """The wait does not tell whether somebody has this address."""
    world, clock = timed
    email = f"{unique('nobody')}@nowhere.example"
    await fail(world, email, FREE)
    assert await waits(world, clock, email.upper(), 3) == [1, 2, 4]


@pytest.mark.parametrize("guesses", [20, 60])
async def test_guesses_at_once_get_five_answers(timed: tuple[World, FixedClock], guesses: int) -> None:
    """However many come at once, five are answered as wrong, and the others are refused and have to wait."""
    world, _ = timed
    person = await world.register("shipper")
    wrong = await asyncio.gather(*(try_sign_in(world, person.email, f"{WRONG} {n}") for n in range(guesses)))
    assert sorted(answer.status_code for answer in wrong) == [401] * FREE + [429] * (guesses - FREE)


async def test_a_right_guess_is_refused_once_the_account_is_blocked(
    timed: tuple[World, FixedClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it was let in before the others failed: what counts is when the verdict falls."""
    world, _ = timed
    person = await world.register("shipper")
    matches, let_in, go_on = PASSWORDS.matches, asyncio.Event(), asyncio.Event()

    async def slow_for_the_right_one(password: str, password_hash: str | None) -> bool:
        if password == PASSWORD:
            let_in.set()
            await go_on.wait()
        return await matches(password, password_hash)

    monkeypatch.setattr(PASSWORDS, "matches", slow_for_the_right_one)
    right = asyncio.create_task(try_sign_in(world, person.email))
    await let_in.wait()
    await fail(world, person.email, FREE)
    go_on.set()
    refused(await right, 429, "too_many_sign_ins")


async def test_one_account_does_not_block_another(timed: tuple[World, FixedClock]) -> None:
    """Neither at its company nor at its address."""
    world, _ = timed
    victim, other = await world.register("shipper"), await world.register("shipper")
    await fail(world, victim.email, FREE)
    ok(await try_sign_in(world, other.email))


async def failed_before(world: World, address: str, failures: int) -> None:
    """An address from which so many sign-ins have failed."""
    database = world.app.state.database  # type: ignore[union-attr]
    key, now = throttle.keys_of("", address).address, database.clock.now()
    assert key is not None
    async with database.transaction(Platform("test")) as tx:
        store = tx.store(AccountStore)
        await store.add_throttles([key], now)
        await store.change_throttle(ThrottleRow(key, failures, None, now))


async def test_an_address_waits_after_very_many_failures(timed: tuple[World, FixedClock]) -> None:
    """One that tries a password on hundreds of accounts is stopped, for every account; other addresses are not."""
    world, clock = timed
    person = await world.register("shipper")
    await failed_before(world, "203.0.113.9", throttle.FREE[throttle.ADDRESS] - 1)
    await fail(world, f"{unique('nobody')}@nowhere.example", 1, address="203.0.113.9")
    refused(await try_sign_in(world, person.email, address="203.0.113.9"), 429, "too_many_sign_ins")
    ok(await try_sign_in(world, person.email, address="203.0.113.10"))
    clock.advance(timedelta(seconds=1))
    ok(await try_sign_in(world, person.email, address="203.0.113.9"))


async def test_a_success_does_not_clear_the_address(timed: tuple[World, FixedClock]) -> None:
    """Else a guesser would sign in to an account of their own from time to time."""
    world, _ = timed
    person = await world.register("shipper")
    await failed_before(world, "203.0.113.77", throttle.FREE[throttle.ADDRESS] - 1)
    ok(await try_sign_in(world, person.email, address="203.0.113.77"))
    await fail(world, person.email, 1, address="203.0.113.77")
    refused(await try_sign_in(world, person.email, address="203.0.113.77"), 429, "too_many_sign_ins")


def test_an_ipv6_network_is_one_address() -> None:
    """A client has a /64 of its own: a new address for every try counts as one. What is no address stays as it is."""
    first, second = (throttle.keys_of("", address).address for address in ("2001:db8::1", "2001:db8::ffff:2"))
    assert first == second != throttle.keys_of("", "2001:db8:0:1::1").address
    assert throttle.keys_of("", "testclient").address == "address:testclient"
    assert throttle.keys_of("", None).all() == [throttle.keys_of("", None).account]


def test_an_email_is_counted_as_a_hash() -> None:
    """People type their password into the wrong field: it is not kept."""
    assert "secret" not in throttle.keys_of("secret", None).account


async def test_old_counts_are_forgotten(timed: tuple[World, FixedClock]) -> None:
    """A stranger who tries a million addresses does not fill the table: what has lapsed is removed, the rest stays."""
    world, clock = timed
    database = world.app.state.database  # type: ignore[union-attr]
    old, fresh = f"{unique('nobody')}@nowhere.example", f"{unique('nobody')}@nowhere.example"
    await fail(world, old, 1, address="192.0.2.50")
    clock.advance(timedelta(hours=1, seconds=1))
    await fail(world, fresh, 1, address="192.0.2.51")
    assert await forget_old(database) >= 2
    keys = [*throttle.keys_of(old, "192.0.2.50").all(), *throttle.keys_of(fresh, "192.0.2.51").all()]
    async with database.reading(Platform("test"), AccountReads) as store:
        left = {row.key for row in await store.throttles(keys)}
    assert left == set(keys[2:])


async def test_a_flood_of_sign_ins_is_bounded() -> None:
    """Past the threads and the queue before them a password is not hashed at all: try again."""
    passwords = Passwords(at_once=1, waiting_max=2)
    answers = await asyncio.gather(*(passwords.matches(WRONG, None) for _ in range(10)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [bool] * 3 + [SignInsExhausted] * 7
    assert await passwords.matches(WRONG, None) is False


async def test_no_connection_is_held_while_a_password_is_hashed(
    timed: tuple[World, FixedClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither when one registers, signs in, adds a colleague or changes a password: a slow hash must not use the pools
    up."""
    world, _ = timed
    run, held = PASSWORDS._run, []

    async def watched(work: Callable[[], Any]) -> Any:
        pools = world.app.state.database.pools  # type: ignore[union-attr]
        held.append([pool.gate.statistics.in_use for pool in pools])
        return await run(work)

    monkeypatch.setattr(PASSWORDS, "_run", watched)
    admin = await world.register("shipper")
    ok(await admin.http.post("/v1/users", json=newcomer()), 201)
    ok(await change_password(admin, "a quite different dock"), 204)
    assert held == [[0, 0, 0, 0]] * 5
