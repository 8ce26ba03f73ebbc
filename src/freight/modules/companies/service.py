"""The rules of companies, one function for each verb. Each works in the caller's transaction."""

from uuid import UUID

from crossdock.errors import ProgrammingError
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.companies.events import CompanyCreated
from freight.modules.companies.store import CompanyKind, CompanyRow, CompanyStore
from freight.rows import must_exist


class OnePlatform(ProgrammingError):
    """There is one platform, and it is there already: register a shipper, a carrier or both."""


async def add_company(tx: Transaction, name: str, kind: CompanyKind) -> CompanyRow:
    """Adds a company. Call it in the platform's scope: a tenant may not add one. Raises OnePlatform."""
    if kind is CompanyKind.PLATFORM:
        raise OnePlatform
    now = tx.clock.now()
    company = CompanyRow(id=new_id(), name=name, kind=kind, created_at=now, updated_at=now, version=1)
    await tx.store(CompanyStore).add(company)
    tx.emit(CompanyCreated(subject_id=company.id, kind=kind))
    return company


async def get_company(tx: Transaction, company_id: UUID) -> CompanyRow:
    """A company that the caller sees. Raises NotFound."""
    return must_exist(await tx.store(CompanyStore).get(company_id))


async def lock_company(tx: Transaction, company_id: UUID) -> CompanyRow:
    """The company, locked until the end of the transaction. Raises NotFound."""
    # A lock needs the right to UPDATE, which no tenant has on companies. The role goes back at once, the lock stays.
    async with tx.as_platform("lock a company"):
        return must_exist(await tx.store(CompanyStore).get(company_id, lock=True))
