"""The queries that look for broken books find them: each claim is broken once, to see it fail."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.ledger import service
from tests.invariants import LEDGER, ledger_violations
from tests.modules.ledger import company, do, eur, hold, reference
from tests.world import Server, database_name

UNBIND = """
    SET session_replication_role = replica;
    ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_covered, DROP CONSTRAINT ck_ledger_accounts_pending,
        DROP CONSTRAINT uq_ledger_accounts_company_id_kind_currency;
    ALTER TABLE ledger_entries DROP CONSTRAINT uq_ledger_entries_account_id_account_version;
"""
"""Takes away what the database itself sees to, triggers included."""

HARM = {
    "UPDATE ledger_entries SET amount_minor = amount_minor + 1": "the entries of a transfer sum to zero",
    "UPDATE ledger_entries SET amount_minor = amount_minor * 2": "two entries of what it moved",
    "UPDATE ledger_entries SET amount_minor = -amount_minor": "two entries of what it moved",
    "DELETE FROM ledger_entries WHERE amount_minor > 0": "two entries of what it moved",
    "DELETE FROM ledger_entries": "two entries of what it moved",
    "UPDATE ledger_entries SET transfer_id = (SELECT id FROM ledger_transfers t WHERE is_pending AND NOT EXISTS"
    " (SELECT FROM ledger_resolutions r WHERE r.transfer_id = t.id))": "no entries of a transfer that moved nothing",
    "UPDATE ledger_accounts SET posted_minor = posted_minor + 1": "the sum over all accounts is zero",
    "UPDATE ledger_accounts SET version = version + 1": "a balance is the sum of the entries",
    "UPDATE ledger_entries SET balance_after_minor = 5": "versions have no gap",
    "UPDATE ledger_entries SET account_version = account_version + 1": "versions have no gap",
    "UPDATE ledger_accounts SET pending_out_minor = pending_out_minor + 1": "what is pending on an account",
    "UPDATE ledger_accounts SET pending_in_minor = 0": "what is pending on an account",
    "UPDATE ledger_resolutions SET amount_minor = amount_minor + 10000": "a hold is resolved once",
    "UPDATE ledger_resolutions SET outcome = 'voided'": "a hold is resolved once",
    "UPDATE ledger_accounts SET kind = 'wallet', may_go_negative = false": "no account but the outside world",
    "UPDATE ledger_accounts SET may_go_negative = true": "no account but the outside world",
    "UPDATE ledger_accounts SET currency = 'QQQ' WHERE kind = 'wallet'": "fit together, in one currency",
    "UPDATE ledger_transfers SET debit_company_id = gen_random_uuid()": "fit together, in one currency",
    "UPDATE ledger_entries SET company_id = gen_random_uuid()": "name the companies of their account",
    "UPDATE ledger_resolutions SET debit_company_id = gen_random_uuid()": "name the companies of their account",
    "UPDATE ledger_transfers SET credit_company_id = gen_random_uuid() WHERE kind = 'fee'": "between accounts of one",
    "UPDATE ledger_transfers SET expires_at = now() WHERE kind = 'hold'": "takes nothing back and has no end",
    "DELETE FROM ledger_resolutions": "told once in the outbox",
    "DELETE FROM outbox WHERE type = 'ledger.posted'": "told once in the outbox",
    "INSERT INTO outbox SELECT gen_random_uuid(), type, subject_id, company_id, actor_id, payload, created_at"
    " FROM outbox WHERE type = 'ledger.held'": "told once in the outbox",
}


@pytest.fixture(scope="module")
async def unbound(server: Server, template: str, registry: Registry) -> AsyncIterator[asyncpg.Connection]:
    """Books with something of everything, in a database of their own that nothing protects any more."""
    name = database_name("unbound")
    async with Database(await server.copy(name, template), registry) as database:
        owner, payee = await company(database, 1_000), await company(database)
        pending, voided, settled = [await hold(database, owner, eur(100)) for _ in range(3)]
        await do(database, service.void_hold, voided.id)
        await do(database, service.settle, settled.id, payer_id=owner, payee_id=payee, reference=reference())
        assert pending.posted is None
    connection = await server.connect(name)
    await connection.execute(UNBIND)
    yield connection
    await connection.close()
    await server.drop(name)


def test_each_claim_is_broken_by_something() -> None:
    """No query is there that nobody has seen find anything."""
    assert {claim for claim in LEDGER if not any(part in claim for part in HARM.values())} == set()


@pytest.mark.parametrize("harm", HARM)
async def test_harm_is_found(unbound: asyncpg.Connection, harm: str) -> None:
    """Sound before; after it the claim that it breaks is reported."""
    assert await ledger_violations(unbound) == []
    for statement in ("BEGIN ISOLATION LEVEL REPEATABLE READ", harm):
        await unbound.execute(statement)
    try:
        broken = [claim for claim, query in LEDGER.items() if await unbound.fetch(query)]
    finally:
        await unbound.execute("ROLLBACK")
    assert [claim for claim in broken if HARM[harm] in claim]
