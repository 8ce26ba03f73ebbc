"""The marketplace's invariants themselves: none is reported on a sound market, and each of them when it is broken."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.invariants_marketplace import checks, marketplace_violations
from tests.modules.deals import Market, awarded, covered, delivered, offered, own_market
from tests.world import Server, ok

HOLD_OF_NOBODY = """
    INSERT INTO ledger_transfers SELECT (json_populate_record(t, json_build_object(
        'id', gen_random_uuid(), 'reference', 'lost', 'subject_id', gen_random_uuid()))).*
    FROM ledger_transfers t WHERE kind = 'hold' LIMIT 1
"""
VOIDED = """
    INSERT INTO ledger_resolutions SELECT gen_random_uuid(), t.id, 'voided', 0, t.debit_company_id,
        t.credit_company_id, NULL, now() FROM ledger_transfers t JOIN bookings b ON b.id = t.subject_id
    WHERE t.kind = 'hold' AND b.status = 'awarded' ON CONFLICT DO NOTHING
"""
BROKEN = {
    "two winners": """
        DROP INDEX uid_bids_one_winner, uid_bids_one_live;
        UPDATE bids SET status = 'awarded', hold_id = gen_random_uuid() WHERE status = 'declined'
    """,
    "a state without its parts, or parts without their state": VOIDED,
    "bids that still wait for a booking that is over": """
        UPDATE bids SET status = 'pending' WHERE status = 'rejected'
    """,
    "an award that is not its bid's, or not its hold's": "UPDATE bids SET amount_minor = 1 WHERE status = 'awarded'",
    "a hold without its booking": HOLD_OF_NOBODY,
    "a lost bid whose hold did not end with it": "UPDATE bids SET status = 'expired' WHERE status = 'declined'",
    "a shipment that is not its booking's or not its bid's": "UPDATE shipments SET amount_minor = 1",
    "a delivery without its proof, or a proof without its delivery": "DELETE FROM proofs_of_delivery",
    "a closed shipment that was not paid exactly once": """
        UPDATE shipments SET status = 'closed' WHERE status = 'delivered'
    """,
    "a shipment event that was not told, or told and not recorded": "DELETE FROM shipment_events",
    "a bookings row that its history does not lead to": """
        UPDATE bookings SET status = 'cancelled' WHERE status = 'open'
    """,
    "a bids row that its history does not lead to": "UPDATE bids SET status = 'withdrawn' WHERE status = 'pending'",
    "a shipments row that its history does not lead to": "UPDATE shipments SET status = 'planned'",
    "a booking_history row that does not begin where the one before ended": """
        DELETE FROM booking_history WHERE to_status = 'open' AND from_status = 'draft'
    """,
    "a bid_history row that does not begin where the one before ended": """
        DELETE FROM bid_history WHERE from_status IS NULL
    """,
    "a shipment_history row that does not begin where the one before ended": """
        DELETE FROM shipment_history WHERE to_status = 'in_transit'
    """,
    "a booking_history row and the outbox that do not agree": "DELETE FROM outbox WHERE type = 'bookings.created'",
    "a bid_history row and the outbox that do not agree": """
        INSERT INTO outbox SELECT gen_random_uuid(), type, subject_id, company_id, actor_id, payload, created_at
        FROM outbox WHERE type = 'bids.moved'
    """,
    "a shipment_history row and the outbox that do not agree": "DELETE FROM outbox WHERE type = 'shipments.moved'",
    "an event of a bookings row that is not there": """
        UPDATE outbox SET subject_id = gen_random_uuid() WHERE type = 'bookings.moved'
    """,
    "an event of a bids row that is not there": "UPDATE outbox SET subject_id = id WHERE type = 'bids.placed'",
    "an event of a shipments row that is not there": """
        UPDATE outbox SET subject_id = id WHERE type = 'shipments.planned'
    """,
}
"""What is wrong → how to make it so."""


@pytest.fixture(scope="module")
async def eyes(server: Server, template: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection to a market with deals in many states."""
    async with own_market(server, template, "invariants") as market:
        await busy(market)
        connection = await server.connect(market.name)
        yield connection
        await connection.close()


async def busy(market: Market) -> None:
    """A bid that waits, a declined award with another in its place, a delivery, and deals that are over."""
    shipper, carrier = await market.world.shipper(), await market.world.carrier()
    await offered(market.world, shipper=shipper, carrier=carrier)
    again = await awarded(market.world, shipper=shipper, carrier=carrier)
    ok(await again.decline())
    again.bid_id = (await market.world.bid(carrier, await again.booking()))["id"]
    ok(await again.award())
    await delivered(market.world, shipper=shipper, carrier=carrier)
    cancelled = await offered(market.world, shipper=shipper, carrier=carrier)
    ok(await cancelled.cancel_booking())
    gone = await covered(market.world, shipper=shipper, carrier=carrier)
    ok(await gone.cancel_shipment())
    closed = await delivered(market.world, shipper=shipper, carrier=carrier)
    ok(await closed.accept_delivery())


async def test_a_market_in_order_breaks_nothing(eyes: asyncpg.Connection) -> None:
    """Deals in many states, and not one violation."""
    assert await marketplace_violations(eyes) == []


async def test_each_invariant_is_broken_below() -> None:
    """None is missing from the samples, so none is there that could never fail."""
    assert set(BROKEN) == set(checks())


@pytest.mark.parametrize("wrong", BROKEN)
async def test_what_is_broken_is_found(eyes: asyncpg.Connection, wrong: str) -> None:
    """A change behind the service's back is found, under its name."""
    change = eyes.transaction(isolation="repeatable_read")
    await change.start()
    try:
        await eyes.execute(BROKEN[wrong])
        found = await marketplace_violations(eyes)
    finally:
        await change.rollback()
    assert wrong in {violation.rpartition(": ")[0] for violation in found}
