"""The statements of the bare peer, written by hand."""

BOOKING = "SELECT * FROM bookings WHERE id = $1"

OVERVIEW = """
    SELECT b.*, w.id AS bid_id, w.status AS bid_status, w.amount_minor, w.currency AS bid_currency, w.pickup_eta,
        w.created_at AS bid_at, c.id AS bidder_id, c.name AS bidder_name, c.kind AS bidder_kind
    FROM bookings AS b
    LEFT JOIN bids AS w ON w.booking_id = b.id
    LEFT JOIN companies AS c ON c.id = w.company_id
    WHERE b.id = $1 ORDER BY w.id DESC
"""

PAGE = """
    SELECT b.*, c.name AS shipper_name, c.kind AS shipper_kind
    FROM bookings AS b JOIN companies AS c ON c.id = b.company_id
    WHERE b.id < $1 AND b.{filter} = $2 ORDER BY b.id DESC LIMIT $3
"""
PAGE_OF_COMPANY = PAGE.format(filter="company_id")
PAGE_OF_STATUS = PAGE.format(filter="status")

CREATE = """
    INSERT INTO bookings (id, created_at, updated_at, version, status, pickup_address, pickup_lat, pickup_lon,
                          pickup_ready_at, dropoff_address, dropoff_lat, dropoff_lon, dropoff_due_at, weight_kg,
                          equipment, price_ceiling_minor, currency, company_id)
    VALUES ($1, $2, $2, 1, 'draft', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING *
"""

BID = "SELECT * FROM bids WHERE id = $1"
LOCK_BOOKING = "SELECT status FROM bookings WHERE id = $1 FOR NO KEY UPDATE"
LOCK_BID = "SELECT status FROM bids WHERE id = $1 FOR NO KEY UPDATE"
AWARD_BOOKING = """
    UPDATE bookings SET status = 'awarded', carrier_id = $2, awarded_bid_id = $3, updated_at = $4, version = version + 1
    WHERE id = $1
"""
AWARD_BID = """
    UPDATE bids SET status = 'awarded', hold_id = $2, award_expires_at = $3, updated_at = $4, version = version + 1
    WHERE id = $1 RETURNING *
"""

ACCOUNTS = """
    SELECT * FROM ledger_accounts
    WHERE currency = $1 AND ((company_id = $2 AND kind = $3) OR (company_id = $4 AND kind = $5))
    ORDER BY id FOR NO KEY UPDATE
"""
TRANSFER = """
    INSERT INTO ledger_transfers (id, kind, reference, subject_id, amount_minor, currency, debit_account_id,
                                  credit_account_id, debit_company_id, credit_company_id, is_pending, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING *
"""
ENTRY = """
    INSERT INTO ledger_entries (id, account_id, transfer_id, company_id, amount_minor, balance_after_minor,
                                account_version, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
SET_ASIDE = "UPDATE ledger_accounts SET pending_out_minor = pending_out_minor + $2, updated_at = $3 WHERE id = $1"
EXPECT = "UPDATE ledger_accounts SET pending_in_minor = pending_in_minor + $2, updated_at = $3 WHERE id = $1"
POST = "UPDATE ledger_accounts SET posted_minor = $2, version = $3, updated_at = $4 WHERE id = $1"
