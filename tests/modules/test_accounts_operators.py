"""The platform's operators: what they reach, what they do not, and who can make one."""

from uuid import UUID

import pytest
from sqlalchemy import text

from crossdock.errors import Forbidden
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from crossdock.transaction.faults import violated_constraint
from freight.modules.accounts.api import Role, suspend_operator
from freight.modules.accounts.service.staff.people import Person as NewPerson
from freight.modules.accounts.service.staff.people import add_person
from freight.modules.companies.api import PLATFORM_COMPANY_ID
from freight.tenancy import CompanyScope
from tests.documented import document
from tests.modules.accounts import change, change_password, newcomer, refused, try_sign_in
from tests.modules.operators import operator
from tests.requests import Operation, operations
from tests.world import World, ok, unique

PLATFORM = Platform("test")
OWN = ("/v1/auth/", "/v1/me", "/v1/operations")
OF_COMPANIES = [each for each in operations(document()) if not each.path.startswith(OWN)]
OTHERS = (
    "bids",
    "bid_history",
    "bookings",
    "booking_history",
    "ledger_accounts",
    "ledger_entries",
    "ledger_transfers",
    "proofs_of_delivery",
    "shipments",
    "shipment_events",
    "teams",
)
"""Tables of what companies do: the platform's own company has no row in them."""


async def test_an_operator_signs_in_like_everybody(world: World, database: Database) -> None:
    """With a session that can be read, listed and ended, in the platform's company."""
    person = await operator(world, database)
    me = ok(await person.http.get("/v1/me"))
    assert (me["role"], me["company"]["kind"]) == ("operator", "platform")
    assert me["company"]["id"] == str(PLATFORM_COMPANY_ID)
    assert [each["current"] for each in ok(await person.http.get("/v1/auth/sessions"))["items"]] == [True]
    ok(await change_password(person, "a better horse battery"), 204)
    ok(await person.http.post("/v1/auth/logout"), 204)
    refused(await person.http.get("/v1/me"), 401, "unauthenticated")
    ok(await try_sign_in(world, person.email, "a better horse battery"))


@pytest.mark.parametrize("operation", OF_COMPANIES, ids=lambda operation: operation.name)
async def test_nothing_of_companies_is_for_an_operator(world: World, database: Database, operation: Operation) -> None:
    """Each operation of the business refuses an operator, with a problem that says what to do."""
    person = await operator(world, database)
    url = operation.url({name: str(new_id()) for name in operation.variables})
    problem = refused(await person.http.request(operation.method, url, **operation.request), 403, "not_for_operators")
    assert "operator of the platform" in problem["detail"]


async def test_there_are_operations_of_companies() -> None:
    """So the test above has something to refuse."""
    assert {"bookings_create", "users_list", "ledger_list_accounts"} <= {each.name for each in OF_COMPANIES}


async def test_the_policies_show_an_operator_nothing_of_companies(world: World, database: Database) -> None:
    """Whatever the code above does: an operator's unit of work sees no row that a company made, no open load."""
    shipper = await world.shipper()
    await world.open_booking(shipper)
    ok(await shipper.http.post("/v1/teams", json={"name": unique("team")}), 201)
    person = await operator(world, database)
    scope = CompanyScope(PLATFORM_COMPANY_ID, "platform", actor_id=UUID(person.user_id))
    async with database.transaction(scope) as tx:
        seen = {table: (await tx.session.execute(text(f"SELECT count(*) FROM {table}"))).scalar() for table in OTHERS}
        companies = (await tx.session.execute(text("SELECT DISTINCT company_id FROM users"))).scalars().all()
    assert seen == dict.fromkeys(OTHERS, 0)
    assert companies == [PLATFORM_COMPANY_ID]


async def test_no_request_makes_an_operator(world: World) -> None:
    """`operator` is no role that an admin may give, neither to a new colleague nor to one who is there."""
    admin = await world.register("shipper")
    problem = refused(await admin.http.post("/v1/users", json=newcomer(role="operator")), 422, "invalid_input")
    assert [each["path"] for each in problem["errors"]] == ["body.role"]
    refused(await change(admin, admin.user_id, role="operator"), 422, "invalid_input")


async def test_no_company_has_an_operator(world: World, database: Database) -> None:
    """A check of the table: not even with the platform's rights."""
    shipper = await world.register("shipper")
    with pytest.raises(Exception) as caught:
        await add(database, UUID(shipper.company_id), Role.OPERATOR)
    assert violated_constraint(caught.value) == "ck_users_operators"


async def test_the_platforms_company_has_operators_only(database: Database) -> None:
    """The same check: no admin who could add colleagues is ever in it."""
    with pytest.raises(Exception) as caught:
        await add(database, PLATFORM_COMPANY_ID, Role.ADMIN)
    assert violated_constraint(caught.value) == "ck_users_operators"


async def test_an_operator_makes_no_operator(database: Database) -> None:
    """The policy refuses it: a tenant's unit of work adds none, that of the platform's own company neither."""
    with pytest.raises(Forbidden):
        await add(database, PLATFORM_COMPANY_ID, Role.OPERATOR, CompanyScope(PLATFORM_COMPANY_ID, "platform"))


async def test_a_suspended_operator_is_out_at_once(world: World, database: Database) -> None:
    """The token that worked a moment ago is refused, and so is the password."""
    person = await operator(world, database)
    ok(await person.http.get("/v1/me"))
    async with database.transaction(PLATFORM) as tx:
        await suspend_operator(tx, person.email, reason="left")
    refused(await person.http.get("/v1/me"), 401, "unauthenticated")
    refused(await try_sign_in(world, person.email), 401, "wrong_credentials")


async def add(database: Database, company_id: UUID, role: Role, scope: CompanyScope | Platform = PLATFORM) -> None:
    """A user of some company with some role, added below all rules but the database's own."""
    person = NewPerson(name="Eve", email=f"{unique('eve')}@rogue.example", role=role)
    async with database.transaction(scope) as tx:
        await add_person(tx, company_id, person, "a hash", email_field="email")
