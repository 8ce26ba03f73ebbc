"""Adding a person to a company, and the history of their role and status."""

from dataclasses import dataclass
from uuid import UUID

from crossdock.errors import Conflict
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.accounts.events import UserCreated
from freight.modules.accounts.service.staff.unique import unique
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.staff import Role, UserHistoryRow, UserRow, UserStatus

EMAIL_IS_UNIQUE = "users_email_key"


class EmailTaken(Conflict):
    """Somebody signs in with this e-mail address already.

    Sign in with it, or take another address.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The details of a new user. `email` is in lower case."""

    name: str
    email: str
    role: Role
    surname: str | None = None
    phone: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    job_title: str | None = None
    licence_number: str | None = None
    boss_id: UUID | None = None


async def add_person(
    tx: Transaction, company_id: UUID, person: Person, password_hash: str, *, email_field: str
) -> UserRow:
    """Adds an active user, with the first rows of their history.

    Raises EmailTaken, which names `email_field` as the field of the request that is at fault.
    """
    now = tx.clock.now()
    user = UserRow(
        id=new_id(),
        company_id=company_id,
        name=person.name,
        surname=person.surname,
        email=person.email,
        phone=person.phone,
        locale=person.locale,
        time_zone=person.time_zone,
        job_title=person.job_title,
        licence_number=person.licence_number,
        role=person.role,
        boss_id=person.boss_id,
        status=UserStatus.ACTIVE,
        last_sign_in_at=None,
        created_at=now,
        updated_at=now,
        version=1,
    )
    async with unique(tx, EMAIL_IS_UNIQUE, EmailTaken(field=email_field)):
        await tx.store(AccountStore).add_user(user, password_hash)
    await _add_first_history(tx, user)
    tx.emit(UserCreated(subject_id=user.id, role=user.role))
    return user


async def _add_first_history(tx: Transaction, user: UserRow) -> None:
    rows = [history_row(tx, user, "role", None, user.role), history_row(tx, user, "status", None, user.status)]
    await tx.store(AccountStore).add_history(rows)


def history_row(
    tx: Transaction, user: UserRow, field: str, before: str | None, after: str, *, reason: str | None = None
) -> UserHistoryRow:
    """The history row for a change of a user's role or status: who, when, from what, to what, why."""
    now = tx.clock.now()
    return UserHistoryRow(new_id(), user.company_id, user.id, field, before, after, tx.actor_id, reason, now)
