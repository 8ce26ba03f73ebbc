"""What the clock ends: awards that nobody accepted, bookings that nobody was awarded in time."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.clock import FixedClock
from crossdock.transaction import Database
from freight.modules.bids import jobs
from freight.modules.bids.jobs import expire_awards, expire_bookings
from tests.modules.deals import Deal, Market, awarded, covered, funds, offered, own_market, refused
from tests.modules.poison import poisoned
from tests.world import PATIENT, Server, World, in_hours, money, ok

TTL = timedelta(seconds=60)


@dataclass(slots=True)
class Later:
    """A market whose clock stands still until it is moved, and whose awards last a minute."""

    market: Market
    clock: FixedClock

    @property
    def world(self) -> World:
        return self.market.world

    @property
    def database(self) -> Database:
        return self.market.database


@pytest.fixture
async def later(server: Server, template: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Later]:
    """In the end every invariant of the marketplace holds. The app's own jobs stand still: none comes before a test's
    turn, however long that takes."""
    monkeypatch.setenv("CROSSDOCK_BIDS__AWARD_TTL_S", "60")
    monkeypatch.setattr("crossdock.web.app.running_jobs", lambda _: nullcontext())
    clock = FixedClock(datetime.now(UTC))
    limits = PATIENT.model_copy(update={"lock_timeout_ms": 500})
    async with own_market(server, template, "later", clock, limits=limits) as market:
        yield Later(market, clock)
        await market.need_order()


async def soon(later: Later) -> Deal:
    """A bid on a booking whose pickup is a minute from now."""
    place = {"address": "Gate 1", "lat": 1.5, "lon": 1.5}
    pickup = place | {"ready_at": (later.clock.now() + TTL).isoformat()}
    return await offered(later.world, pickup=pickup, dropoff=place | {"due_at": in_hours(48)})


async def test_an_award_lasts_as_long_as_the_settings_say(later: Later) -> None:
    """`award_expires_at` is the server's time and the limit, to the microsecond."""
    bid = await (await awarded(later.world)).bid()
    assert datetime.fromisoformat(bid["award_expires_at"]) == later.clock.now() + TTL


async def test_the_last_moment_is_in_time(later: Later) -> None:
    """A microsecond before the end an award is accepted."""
    deal = await awarded(later.world)
    later.clock.advance(TTL - timedelta(microseconds=1))
    assert ok(await deal.accept())["status"] == "accepted"


async def test_an_overdue_award_is_not_accepted(later: Later) -> None:
    """409 at the end itself, before any job has come round; nothing changes."""
    deal = await awarded(later.world)
    later.clock.advance(TTL)
    refused(await deal.accept(), 409, "award_expired")
    assert await deal.states() == ("awarded", "awarded")


async def test_an_overdue_award_may_be_declined(later: Later) -> None:
    """It says the same as the end of the time, sooner."""
    deal = await awarded(later.world)
    later.clock.advance(TTL)
    ok(await deal.decline())
    assert await deal.states() == ("open", "declined")


async def test_overdue_awards_expire(later: Later) -> None:
    """Bid expired, booking open, hold expired, the rival's bid still pending; the carrier may bid again."""
    deal = await offered(later.world, await later.world.shipper(funds_minor=90_000))
    rival = await deal.rival(later.world)
    hold_id = ok(await deal.award())["hold_id"]
    later.clock.advance(TTL)
    assert await expire_awards(later.database) == 1
    assert await deal.states() == ("open", "expired")
    assert (await rival.bid())["status"] == "pending"
    assert await funds(deal.shipper) == (90_000, 0)
    assert ok(await deal.shipper.http.get(f"/v1/ledger/transfers/{hold_id}"))["status"] == "expired"
    refused(await deal.accept(), 409, "wrong_state")
    await later.world.bid(deal.carrier, await deal.booking())


async def test_only_overdue_awards_expire(later: Later) -> None:
    """One with a microsecond left, and one that was accepted, stay as they are."""
    waiting, accepted = await awarded(later.world), await covered(later.world)
    later.clock.advance(TTL - timedelta(microseconds=1))
    assert await expire_awards(later.database) == 0
    later.clock.advance(timedelta(microseconds=1))
    assert await expire_awards(later.database) == 1
    assert await waiting.states() == ("open", "expired")
    assert await accepted.states() == ("covered", "accepted")


async def test_one_award_that_cannot_expire_leaves_the_others_their_turn(later: Later) -> None:
    """Somebody holds the first one's booking for too long: the second expires, the first at the next round."""
    first, second = await awarded(later.world), await awarded(later.world)
    later.clock.advance(TTL)
    rival = await later.market.server.connect(later.market.name)
    async with rival.transaction():
        await rival.execute("SELECT FROM bookings WHERE id = $1 FOR UPDATE", first.booking_id)
        assert await expire_awards(later.database) == 1
    await rival.close()
    assert [await deal.states() for deal in (first, second)] == [("awarded", "awarded"), ("open", "expired")]
    assert await expire_awards(later.database) == 1
    assert await first.states() == ("open", "expired")


async def test_a_row_that_cannot_be_written_leaves_the_others_their_turn(later: Later) -> None:
    """Whatever the error is: the other awards and bookings expire, however overdue the bad ones are."""
    awards, due = [await awarded(later.world) for _ in range(2)], [await soon(later) for _ in range(2)]
    later.clock.advance(TTL)
    rival = await later.market.server.connect(later.market.name)
    bad = f"NEW.id IN ('{awards[0].booking_id}', '{due[0].booking_id}')"
    async with poisoned(rival, "bookings", bad):
        assert (await expire_awards(later.database), await expire_bookings(later.database)) == (1, 1)
        assert [(await deal.states())[0] for deal in (*awards, *due)] == ["awarded", "open", "open", "expired"]
    await rival.close()
    assert (await expire_awards(later.database), await expire_bookings(later.database)) == (1, 1)


async def test_bad_rows_of_one_company_leave_another_its_turn(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they fill a whole batch, run after run, being the longest overdue."""
    monkeypatch.setattr(jobs, "BATCH_MAX", 1)
    bad, good = [await awarded(later.world), await soon(later)], [await awarded(later.world), await soon(later)]
    later.clock.advance(TTL)
    rival = await later.market.server.connect(later.market.name)
    async with poisoned(rival, "bookings", f"NEW.id IN ('{bad[0].booking_id}', '{bad[1].booking_id}')"):
        assert (await expire_awards(later.database), await expire_bookings(later.database)) == (1, 1)
    await rival.close()
    assert [(await deal.states())[0] for deal in good] == ["open", "expired"]
    assert (await expire_awards(later.database), await expire_bookings(later.database)) == (1, 1)


async def test_the_pickup_time_ends_the_bidding(later: Later) -> None:
    """From the pickup time on an open booking takes no bid and no award: 409, before any job has come round."""
    deal = await soon(later)
    later.clock.advance(TTL)
    refused(await deal.award(), 409, "bidding_closed")
    carrier = await later.world.carrier()
    body = {"amount": money(1), "pickup_eta": in_hours(24)}
    refused(await carrier.http.post(f"/v1/bookings/{deal.booking_id}/bids", json=body), 409, "bidding_closed")
    assert await deal.states() == ("open", "pending")


async def test_bookings_past_their_pickup_expire(later: Later) -> None:
    """Booking expired, its bids rejected; one that was awarded or is not due yet stays."""
    deal, waiting, kept = await soon(later), await soon(later), await offered(later.world)
    ok(await waiting.award())
    later.clock.advance(TTL)
    assert await expire_bookings(later.database) == 1
    assert await expire_bookings(later.database) == 0
    assert [await each.states() for each in (deal, waiting, kept)] == [
        ("expired", "rejected"),
        ("awarded", "awarded"),
        ("open", "pending"),
    ]


async def test_an_award_that_ends_after_the_pickup_expires_its_booking_next(later: Later) -> None:
    """First the award, then, there being no time left for another, the booking."""
    deal = await soon(later)
    ok(await deal.award())
    later.clock.advance(TTL)
    assert await expire_bookings(later.database) == 0
    assert await expire_awards(later.database) == 1
    assert await expire_bookings(later.database) == 1
    assert await deal.states() == ("expired", "expired")
