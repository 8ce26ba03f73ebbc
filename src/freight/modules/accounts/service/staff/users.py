"""A company's users: who may change what of whom, and which rules must hold afterwards."""

from dataclasses import replace
from typing import TypedDict
from uuid import UUID

from crossdock.errors import Conflict, Forbidden, Invalid, PreconditionFailed
from crossdock.guards import QueryPerRow, allow
from crossdock.transaction import Transaction
from freight.modules.accounts.caller import Caller, RoleTooLow
from freight.modules.accounts.events import UserChanged, UserRoleChanged, UserStatusChanged
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from freight.modules.accounts.service.signing_in.sessions import revoke_all
from freight.modules.accounts.service.staff.people import EMAIL_IS_UNIQUE, EmailTaken, Person, add_person, history_row
from freight.modules.accounts.service.staff.unique import unique
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.staff import Role, UserRow, UserStatus
from freight.modules.companies.api import lock_company
from freight.rows import must_exist

LEVELS_MAX = 50
"""The most bosses above one another: more than any company has, and a limit on how far `_check_above` walks."""
GOVERNED = frozenset({"role", "status", "boss_id"})
"""The fields with rules that concern several users. They are changed only while the company is locked."""
ADMINS_ONLY = GOVERNED | {"email"}


class OwnRole(Forbidden):
    """Nobody changes their own role: ask another admin.

    Another admin of your company may do it.
    """


class LastAdmin(Conflict):
    """This is the company's only active admin: make another one first.

    Give another colleague the role `admin`, then send it again.
    """


class UnknownBoss(Invalid):
    """There is no such person in your company.

    Take the id of a colleague: `GET /v1/users`.
    """


class BossCycle(Conflict):
    """Nobody is their own boss, neither directly nor through others.

    Choose somebody who is not below this person.
    """


class TooManyLevels(Conflict):
    """There are too many bosses above one another.

    Choose a boss who has fewer above them.
    """


class UserChanges(TypedDict, total=False):
    """The fields to change. One that is absent stays as it is."""

    name: str
    surname: str | None
    email: str
    phone: str | None
    locale: str
    time_zone: str
    job_title: str | None
    licence_number: str | None
    role: Role
    boss_id: UUID | None
    status: UserStatus


async def first_password(caller: Caller, password: str) -> str:
    """The hash of a new colleague's password. Call it before the transaction: it is slow.

    Raises RoleTooLow, CommonPassword.
    """
    caller.need(Role.ADMIN)
    return await PASSWORDS.hash(password, field="body.password")


async def add_colleague(tx: Transaction, caller: Caller, person: Person, password_hash: str) -> UserRow:
    """Adds a user to the caller's company. Raises RoleTooLow, UnknownBoss, TooManyLevels, EmailTaken."""
    caller.need(Role.ADMIN)
    if person.boss_id is not None:
        await _lock_people(tx, caller)
        await _check_above(tx, person.boss_id)
    return await add_person(tx, caller.company_id, person, password_hash, email_field="body.email")


async def change_user(
    tx: Transaction,
    caller: Caller,
    user_id: UUID,
    changes: UserChanges,
    *,
    expected_version: int | None,
    reason: str | None = None,
) -> UserRow:
    """Changes the given fields, and records the history of role and status. A suspended user is signed out everywhere.

    With no field to change, returns the user as it is. Raises NotFound, RoleTooLow, OwnRole, PreconditionFailed,
    LastAdmin, UnknownBoss, BossCycle, TooManyLevels, EmailTaken.
    """
    # The company first, then the user: two changes in one company take their locks in this order.
    if GOVERNED & changes.keys():
        await _lock_people(tx, caller)
    user = must_exist(await tx.store(AccountStore).get_user(user_id, lock=True))
    changed = replace(user, **changes, updated_at=tx.clock.now(), version=user.version + 1)
    _check_right(caller, user, changed, changes)
    if expected_version not in (None, user.version):
        raise PreconditionFailed
    if not changes:
        return user
    await _check_admins(tx, user, changed)
    await _check_boss(tx, user, changed)
    async with unique(tx, EMAIL_IS_UNIQUE, EmailTaken(field="body.email")):
        if not await tx.store(AccountStore).change_user(changed, version=user.version):
            raise PreconditionFailed
    await record_change(tx, user, changed, reason)
    return changed


async def _lock_people(tx: Transaction, caller: Caller) -> None:
    """Locks the caller's company until the commit, so that roles, statuses and bosses change one request at a time.

    Without the lock, two admins who demote each other would each see another admin left, and two users who become each
    other's boss would each see no cycle. Raises RoleTooLow.
    """
    caller.need(Role.ADMIN)
    await lock_company(tx, caller.company_id)
    # The caller's own role may have been removed while this request waited for the lock, so it is read again.
    now = await tx.store(AccountStore).get_user(caller.user_id)
    if now is None or not _is_active_admin(now):
        raise RoleTooLow


def _check_right(caller: Caller, user: UserRow, changed: UserRow, changes: UserChanges) -> None:
    if user.id != caller.user_id or ADMINS_ONLY & changes.keys():
        caller.need(Role.ADMIN)
    if user.id == caller.user_id and user.role != changed.role:
        raise OwnRole


def _is_active_admin(user: UserRow) -> bool:
    return user.role is Role.ADMIN and user.status is UserStatus.ACTIVE


async def _check_admins(tx: Transaction, user: UserRow, changed: UserRow) -> None:
    if not _is_active_admin(user) or _is_active_admin(changed):
        return
    if not await tx.store(AccountStore).has_admin_besides(user.company_id, user.id):
        raise LastAdmin


async def _check_boss(tx: Transaction, user: UserRow, changed: UserRow) -> None:
    if changed.boss_id != user.boss_id:
        await _check_above(tx, changed.boss_id, below=user.id)


async def _check_above(tx: Transaction, boss_id: UUID | None, *, below: UUID | None = None) -> None:
    """Walks up from `boss_id` to the top. Raises BossCycle where it meets `below`, UnknownBoss, TooManyLevels."""
    above = boss_id
    with allow(QueryPerRow, because="who is above is known from the one below alone, and levels have a limit"):
        for _ in range(LEVELS_MAX + 1):  # one more than the limit, to find out that nobody is above the last one
            if above is None:
                return
            if above == below:
                raise BossCycle(field="body.boss_id")
            above = (await _boss(tx, above)).boss_id
    raise TooManyLevels(field="body.boss_id")


async def _boss(tx: Transaction, user_id: UUID) -> UserRow:
    boss = await tx.store(AccountStore).get_user(user_id)
    if boss is None:
        raise UnknownBoss(field="body.boss_id")
    return boss


async def record_change(tx: Transaction, user: UserRow, changed: UserRow, reason: str | None) -> None:
    """Adds the history rows and the events of a change, and ends the sessions of a user who was suspended."""
    rows = []
    tx.emit(UserChanged(subject_id=user.id, version=changed.version))
    if user.role != changed.role:
        rows.append(history_row(tx, user, "role", user.role, changed.role, reason=reason))
        tx.emit(UserRoleChanged(subject_id=user.id, from_role=user.role, to_role=changed.role, reason=reason))
    if user.status != changed.status:
        rows.append(history_row(tx, user, "status", user.status, changed.status, reason=reason))
        tx.emit(UserStatusChanged(subject_id=user.id, from_status=user.status, to_status=changed.status, reason=reason))
    if rows:
        await tx.store(AccountStore).add_history(rows)
    if changed.status is UserStatus.SUSPENDED:
        await revoke_all(tx, user.id, reason="user suspended")
