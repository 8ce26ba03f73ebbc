"""The ledger against a plain model: any sequence of its verbs, on the real database, with every invariant checked."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from itertools import product
from string import ascii_uppercase
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from crossdock.errors import Conflict
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.ledger import service
from freight.modules.ledger.config import LedgerSettings
from freight.money import Money
from tests.invariants import ledger_violations
from tests.modules.ledger import company, do, reference
from tests.modules.ledger_model import COMPANIES, Model
from tests.world import Server, database_name

EXAMPLES, STEPS = 20, 20

ACCOUNTS = """
    SELECT company_id, kind, posted_minor, pending_out_minor, pending_in_minor FROM ledger_accounts
    WHERE currency = $1 AND (posted_minor, pending_out_minor, pending_in_minor) <> (0, 0, 0)
"""
TRANSFERS = """
    SELECT t.id, CASE WHEN NOT t.is_pending THEN 'posted' ELSE coalesce(r.outcome, 'pending') END,
        CASE WHEN NOT t.is_pending THEN t.amount_minor ELSE coalesce(r.amount_minor, 0) END
    FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id WHERE t.id = ANY($1)
"""
Balances = dict[tuple[UUID, str], tuple[int, int, int]]
"""(company, kind) → posted, pending out, pending in."""

FUNDS_MINOR = 1_000
amounts = st.integers(min_value=1, max_value=FUNDS_MINOR)
owners = st.integers(min_value=0, max_value=COMPANIES - 1)
currencies = ("X" + "".join(letters) for letters in product(ascii_uppercase, repeat=2))


@dataclass
class Real:
    """The database, on a loop of its own: Hypothesis calls its steps one by one, and awaits nothing."""

    runner: asyncio.Runner
    database: Database
    connection: asyncpg.Connection

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)


class LedgerMachine(RuleBasedStateMachine):
    """Each rule does one verb in both worlds: the ledger does, and refuses, exactly what the model does."""

    real: ClassVar[Real]
    deposits = Bundle("deposits")
    holds = Bundle("holds")

    @initialize(target=deposits)
    def begin(self) -> Any:
        self.currency = next(currencies)  # the accounts in it are this example's alone
        self.companies = [self.real.run(company(self.real.database)) for _ in range(COMPANIES)]
        self.model = Model(self.real.database.module_settings[LedgerSettings].fee_basis_points)  # type: ignore[attr-defined]
        self.ids: list[UUID] = []
        return multiple(*(self.deposit(owner, FUNDS_MINOR, 1) for owner in range(COMPANIES)))

    def step(self, refusal: str | None, verb: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
        """The verb in the real world, which must be refused as the model refused it."""
        if refusal is None:
            return self.real.run(do(self.real.database, verb, *arguments, **named))
        with pytest.raises(Conflict) as refused:
            self.real.run(do(self.real.database, verb, *arguments, **named))
        assert refused.value.code == refusal
        return None

    def money(self, amount: int) -> Money:
        return Money(amount, self.currency)

    @rule(target=deposits, owner=owners, amount=amounts, times=st.integers(1, 2))
    def deposit(self, owner: int, amount: int, times: int) -> int:
        """Said twice under one reference, it is done once."""
        self.model.deposit(len(self.ids), owner, amount)
        named = {"company_id": self.companies[owner], "amount": self.money(amount), "reference": reference()}
        made = {self.step(None, service.deposit, **named).id for _ in range(times)}
        self.ids += made
        return len(self.ids) - 1

    @rule(target=holds, owner=owners, amount=amounts)
    def hold(self, owner: int, amount: int) -> Any:
        refusal = self.model.hold(len(self.ids), owner, amount)
        named = {"company_id": self.companies[owner], "amount": self.money(amount), "subject_id": new_id()}
        made = self.step(refusal, service.hold, reference=reference(), **named)
        if made is None:
            return multiple()
        self.ids.append(made.id)
        return len(self.ids) - 1

    @rule(number=holds, payee=owners)
    def settle(self, number: int, payee: int) -> None:
        payer = self.companies[self.model.made[number].owner]
        named = {"payer_id": payer, "payee_id": self.companies[payee], "reference": reference()}
        self.step(self.model.settle(number, payee), service.settle, self.ids[number], **named)

    @rule(number=holds, expired=st.booleans())
    def void(self, number: int, expired: bool) -> None:
        self.step(self.model.void(number, expired=expired), service.void_hold, self.ids[number], expired=expired)

    @invariant()
    def the_balances_are_the_models(self) -> None:
        model, accounts = self.model, {}
        for number, company_id in enumerate(self.companies):
            accounts[company_id, "wallet"] = (model.wallet[number], model.pending[number], 0)
            accounts[company_id, "held"] = (model.held[number], 0, model.pending[number])
            accounts[company_id, "external"] = (model.external[number], 0, 0)
            accounts[company_id, "fees"] = (model.fees[number], 0, 0)
        assert self.real.run(self._accounts()) == {key: sides for key, sides in accounts.items() if any(sides)}

    async def _accounts(self) -> Balances:
        rows = await self.real.connection.fetch(ACCOUNTS, self.currency)
        return {(company_id, kind): (posted, out, into) for company_id, kind, posted, out, into in rows}

    @invariant()
    def the_transfers_are_the_models(self) -> None:
        wanted = {self.ids[number]: (moved.status, moved.posted) for number, moved in self.model.made.items()}
        rows = self.real.run(self.real.connection.fetch(TRANSFERS, list(wanted)))
        assert {transfer_id: (status, posted) for transfer_id, status, posted in rows} == wanted

    @invariant()
    def the_books_are_sound(self) -> None:
        assert self.real.run(ledger_violations(self.real.connection)) == []


@pytest.fixture
def real(server: Server, template: str, registry: Registry) -> Iterator[Real]:
    """On a database of its own: all of it is read after each step."""
    name = database_name("ledger")
    # A loop factory of its own: without one the runner would put its loop in the place of the tests' loop.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        database = Database(runner.run(server.copy(name, template)), registry)
        runner.run(database.__aenter__())
        connection = runner.run(server.connect(name))
        yield Real(runner, database, connection)
        runner.run(connection.close())
        runner.run(database.close())
        runner.run(server.drop(name))


def test_the_ledger_is_what_its_model_is(real: Real) -> None:
    """After every step of any sequence: the same balances and states in both, and no invariant broken."""
    bounds = hypothesis_settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type("Machine", (LedgerMachine,), {"real": real}), settings=bounds)
