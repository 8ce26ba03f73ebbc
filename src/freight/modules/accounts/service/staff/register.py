"""Registering: a company and its first admin, in one transaction."""

from crossdock.transaction import Transaction
from freight.modules.accounts.service.staff.people import Person, add_person
from freight.modules.accounts.store.staff import Role, UserRow
from freight.modules.companies.api import Company, CompanyKind, add_company


async def register(
    tx: Transaction, *, company_name: str, kind: CompanyKind, name: str, email: str, password_hash: str
) -> tuple[Company, UserRow]:
    """Adds a company and its admin. Call it in the platform's scope: there is no tenant yet. Raises EmailTaken."""
    company = await add_company(tx, company_name, kind)
    admin = Person(name=name, email=email, role=Role.ADMIN)
    return company, await add_person(tx, company.id, admin, password_hash, email_field="body.user.email")
