"""The platform's operators: users of its own company. They are added and suspended by a command, and by no request."""

from dataclasses import replace

from crossdock.errors import NotFound
from crossdock.transaction import Transaction
from freight.modules.accounts.service.staff.people import Person, add_person
from freight.modules.accounts.service.staff.users import record_change
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.staff import Role, UserRow, UserStatus
from freight.modules.companies.api import PLATFORM_COMPANY_ID
from freight.rows import must_exist


class NoSuchOperator(NotFound):
    """No active operator signs in with this e-mail address.

    Look at the spelling. Whoever is suspended already stays so.
    """


async def add_operator(tx: Transaction, *, name: str, email: str, password_hash: str) -> UserRow:
    """Adds an operator. Call it in the platform's scope: a tenant may add none. Raises EmailTaken."""
    operator = Person(name=name, email=email, role=Role.OPERATOR)
    return await add_person(tx, PLATFORM_COMPANY_ID, operator, password_hash, email_field="email")


async def suspend_operator(tx: Transaction, email: str, *, reason: str | None) -> UserRow:
    """Ends an operator's sessions, and lets them sign in no more. Call it in the platform's scope.

    Raises NoSuchOperator.
    """
    store = tx.store(AccountStore)
    found = await store.find_credentials(email)
    if found is None or found.company_id != PLATFORM_COMPANY_ID:
        raise NoSuchOperator
    user = must_exist(await store.get_user(found.user_id, lock=True))
    suspended = replace(user, status=UserStatus.SUSPENDED, updated_at=tx.clock.now(), version=user.version + 1)
    await store.change_user(suspended, version=user.version)
    await record_change(tx, user, suspended, reason)
    return suspended
