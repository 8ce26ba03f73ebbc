"""What must always hold in the marketplace, as SQL over a whole database: bookings, bids, shipments, holds, outbox."""

import asyncpg

DEALS = """
SELECT b.id FROM (
    SELECT b.*,
        (SELECT count(*) FROM bids WHERE booking_id = b.id AND status = 'pending') AS pending,
        ARRAY[
            (SELECT count(*) FROM bids WHERE booking_id = b.id AND status = 'awarded'),
            (SELECT count(*) FROM bids WHERE booking_id = b.id AND status = 'accepted'),
            (SELECT count(*) FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id
                WHERE t.subject_id = b.id AND t.is_pending AND r.id IS NULL),
            (SELECT count(*) FROM shipments WHERE booking_id = b.id AND status NOT IN ('closed', 'cancelled')),
            (SELECT count(*) FROM shipments WHERE booking_id = b.id AND status = 'closed')
        ] AS parts
    FROM bookings b) AS b
"""
"""`parts` counts a booking's awarded and accepted bids, pending holds, shipments on their way, and closed ones."""

CHECKS = {
    "two winners": """
        SELECT booking_id FROM bids WHERE status IN ('awarded', 'accepted') GROUP BY booking_id HAVING count(*) > 1
    """,
    "a state without its parts, or parts without their state": f"""
        {DEALS} WHERE parts <> CASE status
            WHEN 'awarded' THEN ARRAY[1, 0, 1, 0, 0]
            WHEN 'covered' THEN ARRAY[0, 1, 1, 1, 0]
            WHEN 'delivered' THEN ARRAY[0, 1, 0, 0, 1]
            ELSE ARRAY[0, 0, 0, 0, 0] END::bigint[]
    """,
    "bids that still wait for a booking that is over": f"""
        {DEALS} WHERE pending > 0 AND status NOT IN ('open', 'awarded')
    """,
    "an award that is not its bid's, or not its hold's": """
        SELECT b.id FROM bookings b
        LEFT JOIN bids w ON w.id = b.awarded_bid_id AND w.booking_id = b.id AND w.company_id = b.carrier_id
            AND w.shipper_id = b.company_id
            AND w.status = CASE b.status WHEN 'awarded' THEN 'awarded' ELSE 'accepted' END
        LEFT JOIN ledger_transfers t ON t.id = w.hold_id AND t.kind = 'hold' AND t.is_pending AND t.subject_id = b.id
            AND t.debit_company_id = b.company_id AND (t.amount_minor, t.currency) = (w.amount_minor, w.currency)
        WHERE b.status IN ('awarded', 'covered', 'delivered') AND t.id IS NULL
    """,
    "a hold without its booking": """
        SELECT t.id FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id
        LEFT JOIN bookings b ON b.id = t.subject_id AND b.status IN ('awarded', 'covered')
        WHERE t.kind = 'hold' AND r.id IS NULL AND b.id IS NULL
    """,
    "a lost bid whose hold did not end with it": """
        SELECT w.id FROM bids w LEFT JOIN ledger_resolutions r ON r.transfer_id = w.hold_id
        WHERE w.hold_id IS NOT NULL AND w.status NOT IN ('awarded', 'accepted')
            AND r.outcome IS DISTINCT FROM CASE w.status WHEN 'expired' THEN 'expired' ELSE 'voided' END
    """,
    "a shipment that is not its booking's or not its bid's": """
        SELECT s.id FROM shipments s
        LEFT JOIN bids w ON w.id = s.bid_id AND w.booking_id = s.booking_id AND w.hold_id = s.hold_id
            AND (w.company_id, w.shipper_id) = (s.carrier_id, s.shipper_id)
            AND (w.amount_minor, w.currency) = (s.amount_minor, s.currency)
            AND w.status = CASE s.status WHEN 'cancelled' THEN 'declined' ELSE 'accepted' END
        WHERE w.id IS NULL
    """,
    "a delivery without its proof, or a proof without its delivery": """
        SELECT s.id FROM shipments s LEFT JOIN proofs_of_delivery p ON p.shipment_id = s.id
        WHERE (s.status IN ('delivered', 'closed')) <> (p.id IS NOT NULL)
    """,
    "a closed shipment that was not paid exactly once": """
        SELECT s.id FROM shipments s LEFT JOIN ledger_resolutions r ON r.transfer_id = s.hold_id
        WHERE s.status = 'closed' AND (r.outcome, r.amount_minor) IS DISTINCT FROM ('posted', s.amount_minor)
        UNION ALL
        SELECT s.id FROM shipments s LEFT JOIN ledger_transfers t ON t.subject_id = s.booking_id
            AND t.kind IN ('settlement', 'fee')
        WHERE s.status <> 'cancelled'
        GROUP BY s.id
        HAVING coalesce(sum(t.amount_minor), 0) <> CASE s.status WHEN 'closed' THEN s.amount_minor ELSE 0 END
    """,
    "a shipment event that was not told, or told and not recorded": """
        SELECT coalesce(e.id, (o.payload ->> 'event_id')::uuid) FROM shipment_events e
        FULL JOIN (SELECT * FROM outbox WHERE type = 'shipments.event_recorded') o
            ON (o.payload ->> 'event_id')::uuid = e.id
        WHERE e.id IS NULL OR o.id IS NULL
    """,
}

REPLAYED = (
    ("bookings", "booking_history", "booking_id", "bookings.created"),
    ("bids", "bid_history", "bid_id", "bids.placed"),
    ("shipments", "shipment_history", "shipment_id", "shipments.planned"),
)
"""Table, its history, the history's key, and the event that tells of the first state."""

REPLAY = {
    "a {table} row that its history does not lead to": """
        SELECT t.id FROM {table} t LEFT JOIN (
            SELECT {key} AS id, (array_agg(to_status ORDER BY id DESC))[1] AS last FROM {history} GROUP BY {key}
        ) h ON h.id = t.id
        WHERE h.last IS DISTINCT FROM t.status
    """,
    "a {history} row that does not begin where the one before ended": """
        SELECT id FROM (
            SELECT id, from_status, lag(to_status) OVER (PARTITION BY {key} ORDER BY id) AS before FROM {history}
        ) h WHERE from_status IS DISTINCT FROM before
    """,
    "a {history} row and the outbox that do not agree": """
        SELECT coalesce(h.subject, o.subject) FROM (
            SELECT {key} AS subject, coalesce(from_status, '') AS a, to_status AS b, count(*) AS n
            FROM {history} GROUP BY 1, 2, 3
        ) h FULL JOIN (
            SELECT subject_id AS subject, payload ->> 'from_status' AS a, payload ->> 'to_status' AS b, count(*) AS n
            FROM outbox WHERE type = '{table}.moved' GROUP BY 1, 2, 3
            UNION ALL
            SELECT o.subject_id, '', f.to_status, count(*) FROM outbox o
            JOIN {history} f ON f.{key} = o.subject_id AND f.from_status IS NULL
            WHERE o.type = '{made}' GROUP BY 1, 2, 3
        ) o ON (o.subject, o.a, o.b) = (h.subject, h.a, h.b)
        WHERE h.n IS DISTINCT FROM o.n
    """,
    "an event of a {table} row that is not there": """
        SELECT o.subject_id FROM outbox o LEFT JOIN {table} t ON t.id = o.subject_id
        WHERE o.type LIKE '{table}.%' AND t.id IS NULL
    """,
}


def checks() -> dict[str, str]:
    """What is wrong → the statement that finds the ids of it."""
    replayed = [
        {"table": table, "history": history, "key": key, "made": made} for table, history, key, made in REPLAYED
    ]
    return CHECKS | {name.format(**names): sql.format(**names) for names in replayed for name, sql in REPLAY.items()}


async def marketplace_violations(connection: asyncpg.Connection) -> list[str]:
    """Each rule that is broken, with the ids of what breaks it. One snapshot, so it may run under load."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return [f"{name}: {row[0]}" for name, sql in checks().items() for row in await connection.fetch(sql)]
