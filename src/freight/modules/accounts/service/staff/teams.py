"""Teams: named groups of a company's users."""

from dataclasses import replace
from uuid import UUID

from crossdock.errors import Conflict, NotFound
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.accounts.caller import Caller
from freight.modules.accounts.events import MemberAdded, MemberRemoved, TeamCreated
from freight.modules.accounts.service.staff.unique import unique
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.staff import MemberRow, Role, TeamRow
from freight.rows import must_exist

NAME_IS_UNIQUE = "uid_teams_company_dcb6ad"
MEMBERS_MAX = 200
"""A list shows teams with all their members, so this limit keeps a page of teams below two megabytes."""


class TeamNameTaken(Conflict):
    """Your company has a team of this name already.

    Take another name, or the team that is there.
    """


class TeamFull(Conflict):
    """The team has as many members as a team may have: 200.

    Take somebody out of it, or make a second team.
    """


async def create_team(tx: Transaction, caller: Caller, name: str) -> TeamRow:
    """Adds a team without members. Raises RoleTooLow, TeamNameTaken."""
    caller.need(Role.MANAGER)
    now = tx.clock.now()
    team = TeamRow(id=new_id(), company_id=caller.company_id, name=name, created_at=now, updated_at=now, version=1)
    async with unique(tx, NAME_IS_UNIQUE, TeamNameTaken(field="body.name")):
        await tx.store(AccountStore).add_team(team)
    tx.emit(TeamCreated(subject_id=team.id))
    return team


async def add_member(tx: Transaction, caller: Caller, team_id: UUID, user_id: UUID) -> None:
    """Puts a user into a team. Does nothing for one who is in it. Raises RoleTooLow, NotFound for either, TeamFull."""
    team, store = await _lock(tx, caller, team_id), tx.store(AccountStore)
    must_exist(await store.get_user(user_id))
    if await store.is_member(team_id, user_id):
        return
    if await store.count_members(team_id) >= MEMBERS_MAX:
        raise TeamFull
    await store.add_member(MemberRow(new_id(), team.company_id, team.id, user_id, tx.clock.now()))
    await _touch(tx, team)
    tx.emit(MemberAdded(subject_id=team.id, user_id=user_id))


async def remove_member(tx: Transaction, caller: Caller, team_id: UUID, user_id: UUID) -> None:
    """Takes a user out of a team. Raises RoleTooLow, and NotFound where there is no such team or member."""
    team = await _lock(tx, caller, team_id)
    if not await tx.store(AccountStore).remove_member(team_id, user_id):
        raise NotFound
    await _touch(tx, team)
    tx.emit(MemberRemoved(subject_id=team.id, user_id=user_id))


async def _lock(tx: Transaction, caller: Caller, team_id: UUID) -> TeamRow:
    """The team, locked. Raises RoleTooLow, NotFound."""
    caller.need(Role.MANAGER)
    # Held until the commit: two requests that add members at once would otherwise both count the members before either
    # had added one, and exceed the limit.
    return must_exist(await tx.store(AccountStore).lock_team(team_id))


async def _touch(tx: Transaction, team: TeamRow) -> None:
    """Writes the time and the next version of a team whose members changed."""
    await tx.store(AccountStore).change_team(replace(team, updated_at=tx.clock.now(), version=team.version + 1))
