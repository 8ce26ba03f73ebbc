"""What must hold of the books at any commit, as SQL: each claim with a query that finds what breaks it."""

from collections.abc import Mapping

import asyncpg

MOVED = """
    SELECT t.*, CASE WHEN t.is_pending THEN r.amount_minor ELSE t.amount_minor END AS moved_minor
    FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id
    WHERE NOT t.is_pending OR r.outcome = 'posted'
"""
"""Transfers that moved money, and how much."""

LEDGER = {
    "the entries of a transfer sum to zero per currency": """
        SELECT e.transfer_id, a.currency, sum(e.amount_minor) FROM ledger_entries e
        JOIN ledger_accounts a ON a.id = e.account_id
        GROUP BY e.transfer_id, a.currency HAVING sum(e.amount_minor) <> 0
    """,
    "a transfer has two entries of what it moved, out of its debit and into its credit account": f"""
        SELECT t.id, t.kind, t.moved_minor, e.* FROM ({MOVED}) t LEFT JOIN (
            SELECT transfer_id, count(*), min(amount_minor), max(amount_minor),
                (array_agg(account_id ORDER BY amount_minor))[1] AS from_id,
                (array_agg(account_id ORDER BY amount_minor))[2] AS to_id
            FROM ledger_entries GROUP BY transfer_id
        ) e ON e.transfer_id = t.id
        WHERE (e.count, e.min, e.max, e.from_id, e.to_id)
            IS DISTINCT FROM (2, -t.moved_minor, t.moved_minor, t.debit_account_id, t.credit_account_id)
    """,
    "there are no entries of a transfer that moved nothing": f"""
        SELECT e.* FROM ledger_entries e WHERE e.transfer_id NOT IN (SELECT id FROM ({MOVED}) t)
    """,
    "the sum over all accounts is zero per currency": """
        SELECT currency, sum(posted_minor) FROM ledger_accounts GROUP BY currency HAVING sum(posted_minor) <> 0
    """,
    "a balance is the sum of the entries and the last running balance, at the version of the last entry": """
        SELECT a.*, e.summed, e.counted, last.balance_after_minor, last.account_version FROM ledger_accounts a
        LEFT JOIN (SELECT account_id, sum(amount_minor) AS summed, count(*) AS counted
                   FROM ledger_entries GROUP BY account_id) e ON e.account_id = a.id
        LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, balance_after_minor, account_version
                   FROM ledger_entries ORDER BY account_id, account_version DESC) last ON last.account_id = a.id
        WHERE a.posted_minor <> coalesce(e.summed, 0) OR a.posted_minor <> coalesce(last.balance_after_minor, 0)
            OR a.version <> coalesce(last.account_version, 0) OR a.version <> coalesce(e.counted, 0)
    """,
    "versions have no gap, and each running balance is the one before it and its amount": """
        SELECT * FROM (
            SELECT e.*, row_number() OVER book AS number, sum(amount_minor) OVER book AS running
            FROM ledger_entries e WINDOW book AS (PARTITION BY account_id ORDER BY account_version)
        ) e WHERE account_version <> number OR balance_after_minor <> running
    """,
    "what is pending on an account is what its unresolved holds set aside": """
        WITH pending AS (
            SELECT t.* FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id
            WHERE t.is_pending AND r.id IS NULL
        )
        SELECT a.*, wanted_out.sum, wanted_in.sum FROM ledger_accounts a
        LEFT JOIN (SELECT debit_account_id AS id, sum(amount_minor) FROM pending GROUP BY 1) wanted_out USING (id)
        LEFT JOIN (SELECT credit_account_id AS id, sum(amount_minor) FROM pending GROUP BY 1) wanted_in USING (id)
        WHERE a.pending_out_minor <> coalesce(wanted_out.sum, 0) OR a.pending_in_minor <> coalesce(wanted_in.sum, 0)
    """,
    "a hold is resolved once, for at most its amount, and for nothing unless it is posted": """
        SELECT t.id, t.is_pending, t.amount_minor, count(*), sum(r.amount_minor), min(r.outcome)
        FROM ledger_resolutions r JOIN ledger_transfers t ON t.id = r.transfer_id
        GROUP BY t.id HAVING NOT t.is_pending OR count(*) <> 1 OR sum(r.amount_minor) > t.amount_minor
            OR (min(r.outcome) = 'posted') <> (sum(r.amount_minor) > 0)
    """,
    "no account but the outside world is, or ever was, below zero": """
        SELECT a.*, e.balance_after_minor FROM ledger_accounts a LEFT JOIN ledger_entries e ON e.account_id = a.id
        WHERE a.may_go_negative <> (a.kind = 'external') OR a.pending_out_minor < 0 OR a.pending_in_minor < 0
            OR (a.kind <> 'external' AND (a.posted_minor - a.pending_out_minor < 0 OR e.balance_after_minor < 0))
    """,
    "a transfer, its accounts and its companies fit together, in one currency": """
        SELECT t.* FROM ledger_transfers t
        JOIN ledger_accounts d ON d.id = t.debit_account_id JOIN ledger_accounts c ON c.id = t.credit_account_id
        WHERE t.currency <> d.currency OR t.currency <> c.currency OR d.id = c.id OR t.amount_minor <= 0
            OR t.debit_company_id <> d.company_id OR t.credit_company_id <> c.company_id
    """,
    "entries and resolutions name the companies of their account and their transfer": """
        SELECT e.id FROM ledger_entries e JOIN ledger_accounts a ON a.id = e.account_id
        WHERE e.company_id <> a.company_id
        UNION ALL
        SELECT r.id FROM ledger_resolutions r JOIN ledger_transfers t ON t.id = r.transfer_id
        WHERE (r.debit_company_id, r.credit_company_id) <> (t.debit_company_id, t.credit_company_id)
    """,
    "deposits, holds and fees are booked between accounts of one company": """
        SELECT id, kind, debit_company_id, credit_company_id FROM ledger_transfers
        WHERE kind IN ('deposit', 'hold', 'fee') AND debit_company_id <> credit_company_id
    """,
    "a transfer takes nothing back and has no end: those columns are the release before's": """
        SELECT id, reverses_id, expires_at FROM ledger_transfers
        WHERE reverses_id IS NOT NULL OR expires_at IS NOT NULL OR kind = 'reversal'
    """,
    "each transfer and each resolution was told once in the outbox, and nothing else was": """
        SELECT coalesce(done.id, told.subject_id) AS id, coalesce(done.type, told.type) AS type, told.times
        FROM (
            SELECT id, CASE WHEN is_pending THEN 'ledger.held' ELSE 'ledger.posted' END AS type FROM ledger_transfers
            UNION ALL SELECT transfer_id, 'ledger.resolved' FROM ledger_resolutions
        ) done FULL JOIN (
            SELECT subject_id, type, count(*) AS times FROM outbox WHERE type LIKE 'ledger.%' GROUP BY subject_id, type
        ) told ON told.subject_id = done.id AND told.type = done.type
        WHERE done.id IS NULL OR told.times IS DISTINCT FROM 1
    """,
}
SHOWN_MAX = 5


async def ledger_violations(connection: asyncpg.Connection) -> list[str]:
    """What breaks the ledger's invariants, as text; empty when all hold. The connection must see every row."""
    return await violations(connection, LEDGER)


async def violations(connection: asyncpg.Connection, claims: Mapping[str, str]) -> list[str]:
    """The rows that break each claim, a few of each, all as of one moment."""
    found = []
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for claim, query in claims.items():
            rows = await connection.fetch(query)
            found += [f"not so: {claim}: {dict(row)}" for row in rows[:SHOWN_MAX]]
    return found
