"""Makes the companies and their people, or finds those that an earlier run made."""

from dataclasses import dataclass
from uuid import UUID

from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Transaction
from freight.demo.world import OPERATOR_EMAIL, OPERATOR_NAME, PASSWORD, DemoCompany, DemoPerson
from freight.modules.accounts.api import Caller, Role, add_operator
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from freight.modules.accounts.service.staff.people import Person
from freight.modules.accounts.service.staff.register import register
from freight.modules.accounts.service.staff.teams import add_member, create_team
from freight.modules.accounts.service.staff.users import add_colleague, change_user
from freight.modules.accounts.store import AccountReads

SCOPE = Platform("demo world")


@dataclass(frozen=True, slots=True)
class Crew:
    """A company's people, each ready to act."""

    company: DemoCompany
    people: dict[Role, Caller]

    @property
    def manager(self) -> Caller:
        """The person who decides deals."""
        return self.people.get(Role.MANAGER) or self.people[Role.ADMIN]

    @property
    def employee(self) -> Caller:
        """The person who does what needs no manager."""
        return self.people.get(Role.EMPLOYEE) or self.manager


async def demo_password_hash() -> str:
    """The hash of the demo password. It is computed once, because that takes longer than adding a person."""
    return await PASSWORDS.hash(PASSWORD, field="password")


async def is_there(database: Database, email: str) -> bool:
    return await _find(database, email) is not None


async def _find(database: Database, email: str) -> tuple[UUID, UUID] | None:
    """The ids of a user and their company."""
    async with database.reading(SCOPE, AccountReads) as accounts:
        found = await accounts.find_credentials(email)
    return None if found is None else (found.user_id, found.company_id)


async def hire_operator(database: Database, password: str) -> None:
    """Adds the operator of the platform. `password` is its hash."""
    async with database.transaction(SCOPE) as tx:
        await add_operator(tx, name=OPERATOR_NAME, email=OPERATOR_EMAIL, password_hash=password)


async def hire_crew(database: Database, company: DemoCompany, password: str) -> Crew:
    """Adds a company, and all of its people but the last. `password` is the hash that everybody gets."""
    admin = await _register(database, company, password)
    callers = {Role.ADMIN: admin}
    for person in company.people[1:-1]:
        callers[person.role] = await _hire(database, admin, company, person, password)
    return Crew(company, callers)


async def complete(database: Database, crew: Crew, password: str) -> Crew:
    """Adds the last of a company's people and all of its teams, in one transaction: both are there, or neither."""
    admin, company, last = crew.people[Role.ADMIN], crew.company, crew.company.people[-1]
    there = await _find(database, company.email(last.role))
    if there is not None:
        return Crew(company, crew.people | {last.role: _caller(company, last.role, *there)})
    async with database.transaction(admin.tenant, elevates=True) as tx:
        people = crew.people | {last.role: await _add(tx, admin, company, last, password)}
        for name in company.teams:
            team = await create_team(tx, admin, name)
            for person in people.values():
                await add_member(tx, admin, team.id, person.user_id)
    return Crew(company, people)


async def _register(database: Database, company: DemoCompany, password: str) -> Caller:
    founder, email = company.people[0], company.email(Role.ADMIN)
    there = await _find(database, email)
    if there is not None:
        return _caller(company, Role.ADMIN, *there)
    async with database.transaction(SCOPE) as tx:
        made, user = await register(
            tx,
            company_name=company.name,
            kind=company.kind,
            name=founder.name,
            email=email,
            password_hash=password,
        )
    admin = _caller(company, Role.ADMIN, user.id, made.id)
    async with database.transaction(admin.tenant, elevates=True) as tx:
        more = {"surname": founder.surname, "job_title": founder.job_title}
        await change_user(tx, admin, admin.user_id, more, expected_version=None)  # type: ignore[arg-type]
    return admin


async def _hire(database: Database, admin: Caller, company: DemoCompany, person: DemoPerson, password: str) -> Caller:
    """Adds one person, unless they are there."""
    there = await _find(database, company.email(person.role))
    if there is not None:
        return _caller(company, person.role, *there)
    async with database.transaction(admin.tenant, elevates=True) as tx:
        return await _add(tx, admin, company, person, password)


async def _add(tx: Transaction, admin: Caller, company: DemoCompany, person: DemoPerson, password: str) -> Caller:
    colleague = Person(
        name=person.name,
        surname=person.surname,
        email=company.email(person.role),
        role=person.role,
        job_title=person.job_title,
        boss_id=admin.user_id,
    )
    user = await add_colleague(tx, admin, colleague, password)
    return _caller(company, person.role, user.id, admin.company_id)


def _caller(company: DemoCompany, role: Role, user_id: UUID, company_id: UUID) -> Caller:
    return Caller(user_id, company_id, company.kind.value, role, new_id())
