-- Bookings, three bids for each, and what follows from a bid that won: holds, shipments, settlements, balances.
-- After people.sql, on the same connection; `bench.bookings` says how many.

CREATE TEMPORARY TABLE loads AS
SELECT n, pg_temp.id_of('booking', n, at) AS id, at,
    1 + pg_temp.pick(n, 1, 10) AS shipper,
    CASE WHEN state < 60 THEN 'open' WHEN state < 65 THEN 'awarded' WHEN state < 75 THEN 'covered'
         WHEN state < 95 THEN 'delivered' WHEN state < 98 THEN 'cancelled' ELSE 'expired' END AS status,
    50000 + 50 * pg_temp.pick(n, 3, 4000) AS ceiling_minor,
    pg_temp.pick(n, 4, 10) AS first_carrier, 1 + pg_temp.pick(n, 5, 3) AS stride, 1 + pg_temp.pick(n, 6, 3) AS winner
FROM generate_series(1, current_setting('bench.bookings')::bigint) AS n,
    LATERAL (SELECT timestamptz '2026-01-01Z' + n * (interval '300 days' / current_setting('bench.bookings')::int)) AS t(raw),
    LATERAL (SELECT date_trunc('milliseconds', raw)) AS m(at),
    LATERAL (SELECT pg_temp.pick(n, 2, 100)) AS s(state);

CREATE TEMPORARY TABLE offers AS
SELECT l.n, k, 3 * l.n + k AS number, l.id AS booking_id, l.shipper, l.status AS booking_status, l.at AS booked_at,
    l.at + k * interval '1 hour' AS at, k = l.winner AS won,
    pg_temp.id_of('bid', 3 * l.n + k, l.at + k * interval '1 hour') AS id,
    11 + (l.first_carrier + k * l.stride) % 10 AS carrier,
    l.ceiling_minor * (70 + pg_temp.pick(3 * l.n + k, 7, 31)) / 100 AS amount_minor
FROM loads AS l, generate_series(1, 3) AS k;

-- The winners of bookings that were awarded: each with the hold that pays for it.
CREATE TEMPORARY TABLE deals AS
SELECT *, booked_at + interval '6 hours' AS awarded_at,
    pg_temp.id_of('hold', n, booked_at + interval '6 hours') AS hold_id,
    pg_temp.id_of('shipment', n, booked_at + interval '7 hours') AS shipment_id,
    booked_at + interval '3 days' AS paid_at, amount_minor * 500 / 10000 AS fee_minor
FROM offers WHERE won AND booking_status IN ('awarded', 'covered', 'delivered');
CREATE INDEX ON deals (n);
ANALYZE deals;

-- Picked up in twenty years: the service's jobs would end open bookings whose time has come, and change the world.
INSERT INTO bookings (id, created_at, updated_at, version, status, pickup_address, pickup_lat, pickup_lon,
                      pickup_ready_at, dropoff_address, dropoff_lat, dropoff_lon, dropoff_due_at, weight_kg, equipment,
                      price_ceiling_minor, currency, awarded_bid_id, carrier_id, company_id)
SELECT l.id, l.at, coalesce(d.awarded_at, l.at), CASE WHEN d.n IS NULL THEN 2 ELSE 3 END, l.status,
    'Kade ' || pg_temp.pick(l.n, 8, 200) || ', 3199 Rotterdam, NL',
    51 + pg_temp.pick(l.n, 9, 10000) / 10000.0, 4 + pg_temp.pick(l.n, 10, 10000) / 10000.0,
    l.at + interval '20 years',
    'Hafenstrasse ' || pg_temp.pick(l.n, 11, 200) || ', 47119 Duisburg, DE',
    51 + pg_temp.pick(l.n, 12, 10000) / 10000.0, 6 + pg_temp.pick(l.n, 13, 10000) / 10000.0,
    l.at + interval '20 years 1 day',
    500 + pg_temp.pick(l.n, 14, 1000),
    (ARRAY['van', 'box_truck', 'curtainsider', 'reefer', 'flatbed'])[1 + pg_temp.pick(l.n, 15, 5)],
    l.ceiling_minor, 'EUR', d.id, pg_temp.company(d.carrier), pg_temp.company(l.shipper)
FROM loads AS l LEFT JOIN deals AS d USING (n) ORDER BY l.n;

INSERT INTO bids (id, created_at, updated_at, version, status, amount_minor, currency, pickup_eta, award_expires_at,
                  hold_id, booking_id, company_id, shipper_id)
SELECT o.id, o.at, coalesce(d.awarded_at, o.at), 1, CASE
        WHEN o.booking_status IN ('cancelled', 'expired') THEN 'rejected'
        WHEN o.booking_status = 'open' OR o.booking_status = 'awarded' AND NOT o.won THEN 'pending'
        WHEN o.booking_status = 'awarded' THEN 'awarded'
        WHEN o.won THEN 'accepted' ELSE 'rejected' END,
    o.amount_minor, 'EUR', o.booked_at + interval '20 years 1 hour',
    d.awarded_at + interval '21 years', d.hold_id, o.booking_id, pg_temp.company(o.carrier), pg_temp.company(o.shipper)
FROM offers AS o LEFT JOIN deals AS d ON d.id = o.id ORDER BY o.at;

INSERT INTO shipments (id, created_at, updated_at, version, status, amount_minor, currency, hold_id, last_event_at,
                       bid_id, booking_id, carrier_id, shipper_id)
SELECT shipment_id, booked_at + interval '7 hours', paid_at, 1,
    CASE booking_status WHEN 'delivered' THEN 'closed' ELSE 'in_transit' END, amount_minor, 'EUR', hold_id,
    booked_at + interval '1 day', id, booking_id, pg_temp.company(carrier), pg_temp.company(shipper)
FROM deals WHERE booking_status <> 'awarded' ORDER BY booked_at;

INSERT INTO proofs_of_delivery (id, created_at, signed_by, document_sha256, carrier_id, shipment_id, shipper_id)
SELECT pg_temp.id_of('proof', n, paid_at), paid_at, 'The dock', repeat('0', 64), pg_temp.company(carrier), shipment_id,
    pg_temp.company(shipper)
FROM deals WHERE booking_status = 'delivered' ORDER BY paid_at;

INSERT INTO ledger_accounts (id, company_id, kind, currency, posted_minor, pending_out_minor, pending_in_minor,
                             may_go_negative, version, created_at, updated_at)
SELECT pg_temp.id_of('account', row_number() OVER (), '2026-01-01Z'), company_id, kind, 'EUR', 0, 0, 0, false, 0,
    '2026-01-01Z', '2026-01-01Z'
FROM (SELECT pg_temp.company(n), 'held' FROM generate_series(1, 10) AS n
      UNION ALL SELECT pg_temp.company(n), 'wallet' FROM generate_series(11, 20) AS n
      UNION ALL SELECT pg_temp.company(n), 'fees' FROM generate_series(1, 10) AS n) AS a(company_id, kind);

CREATE TEMPORARY TABLE payments AS
SELECT d.n, d.booking_id, p.*, debit.id AS debit_account_id, credit.id AS credit_account_id,
    debit.company_id AS debit_company_id, credit.company_id AS credit_company_id
FROM deals AS d
JOIN ledger_accounts AS wallet ON wallet.company_id = pg_temp.company(d.shipper) AND wallet.kind = 'wallet'
JOIN ledger_accounts AS held ON held.company_id = pg_temp.company(d.shipper) AND held.kind = 'held'
JOIN ledger_accounts AS paid ON paid.company_id = pg_temp.company(d.carrier) AND paid.kind = 'wallet'
JOIN ledger_accounts AS fees ON fees.company_id = pg_temp.company(d.shipper) AND fees.kind = 'fees',
LATERAL (VALUES
    (1, d.hold_id, 'hold', 'hold:' || d.id, d.amount_minor, wallet.id, held.id, d.awarded_at, true),
    (2, pg_temp.id_of('payment', d.n, d.paid_at), 'settlement', 'settlement:' || d.shipment_id,
        d.amount_minor - d.fee_minor, held.id, paid.id, d.paid_at, false),
    (3, pg_temp.id_of('fee', d.n, d.paid_at), 'fee', 'settlement:' || d.shipment_id || ':fee',
        d.fee_minor, held.id, fees.id, d.paid_at, false)
) AS p(step, id, kind, reference, amount_minor, debit_id, credit_id, at, is_pending)
JOIN ledger_accounts AS debit ON debit.id = p.debit_id
JOIN ledger_accounts AS credit ON credit.id = p.credit_id
WHERE p.is_pending OR d.booking_status = 'delivered';

INSERT INTO ledger_transfers (id, kind, reference, subject_id, amount_minor, currency, debit_account_id,
                              credit_account_id, debit_company_id, credit_company_id, is_pending, created_at)
SELECT id, kind, reference, booking_id, amount_minor, 'EUR', debit_account_id, credit_account_id, debit_company_id,
    credit_company_id, is_pending, at
FROM payments ORDER BY at;

INSERT INTO ledger_resolutions (id, transfer_id, outcome, amount_minor, debit_company_id, credit_company_id, created_at)
SELECT pg_temp.id_of('resolution', d.n, d.paid_at), d.hold_id, 'posted', d.amount_minor, p.debit_company_id,
    p.credit_company_id, d.paid_at
FROM deals AS d JOIN payments AS p ON p.id = d.hold_id
WHERE d.booking_status = 'delivered' ORDER BY d.paid_at;

-- Two entries of each payment, numbered from where the deposits ended, each with the balance that it made.
INSERT INTO ledger_entries (id, account_id, transfer_id, company_id, amount_minor, balance_after_minor, account_version,
                            created_at)
SELECT pg_temp.id_of('entry', e.number, e.at), e.account_id, e.id, a.company_id, e.amount_minor,
    a.posted_minor + sum(e.amount_minor) OVER book, a.version + row_number() OVER book, e.at
FROM (
    SELECT row_number() OVER (ORDER BY d.paid_at, p.step, side.account_id) AS number, d.paid_at AS at, p.id, p.step,
        side.account_id, side.amount_minor
    FROM payments AS p JOIN deals AS d ON d.n = p.n AND d.booking_status = 'delivered',
    LATERAL (VALUES (p.debit_account_id, -p.amount_minor), (p.credit_account_id, p.amount_minor))
        AS side(account_id, amount_minor)
) AS e
JOIN ledger_accounts AS a ON a.id = e.account_id
WINDOW book AS (PARTITION BY e.account_id ORDER BY e.number);

UPDATE ledger_accounts AS a SET posted_minor = e.balance_after_minor, version = e.account_version
FROM (SELECT DISTINCT ON (account_id) * FROM ledger_entries ORDER BY account_id, account_version DESC) AS e
WHERE e.account_id = a.id;
UPDATE ledger_accounts AS a
SET pending_out_minor = coalesce(p.sum, 0) FROM (
    SELECT debit_account_id AS id, sum(p.amount_minor) FROM payments AS p JOIN deals AS d USING (n)
    WHERE p.is_pending AND d.booking_status <> 'delivered' GROUP BY 1) AS p WHERE p.id = a.id;
UPDATE ledger_accounts AS a
SET pending_in_minor = coalesce(p.sum, 0) FROM (
    SELECT credit_account_id AS id, sum(p.amount_minor) FROM payments AS p JOIN deals AS d USING (n)
    WHERE p.is_pending AND d.booking_status <> 'delivered' GROUP BY 1) AS p WHERE p.id = a.id;

SET session_replication_role = DEFAULT;
