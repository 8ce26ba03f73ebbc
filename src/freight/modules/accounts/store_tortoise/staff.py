"""The part of the accounts store for users and teams, on Tortoise."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from crossdock.documents import Document, Page, collection, document
from crossdock.schema.tortoise import insert, newest, one
from freight.modules.accounts.models_tortoise import Team, TeamMember, User, UserHistory
from freight.modules.accounts.schemas.staff import MeOut, TeamOut, UserOut
from freight.modules.accounts.store.staff import MemberRow, Role, TeamRow, UserHistoryRow, UserRow, UserStatus
from freight.modules.companies.api import CompanyOut


class TortoiseUserReads:
    """Fulfils `UserReads`."""

    async def get_user(self, user_id: UUID, *, lock: bool = False) -> UserRow | None:
        model = await one(User.filter(id=user_id, deleted_at=None), lock=lock)
        return None if model is None else _user_row(model)

    async def has_admin_besides(self, company_id: UUID, user_id: UUID) -> bool:
        admins = User.filter(company_id=company_id, role=Role.ADMIN, status=UserStatus.ACTIVE, deleted_at=None)
        return await admins.exclude(id=user_id).exists()

    async def user_document(self, user_id: UUID) -> Document | None:
        row = await self.get_user(user_id)
        return None if row is None else document(UserOut.model_validate(row), row.version)

    async def me_document(self, user_id: UUID, session_id: UUID) -> Document | None:
        model = await User.filter(id=user_id, deleted_at=None).select_related("company").first()
        if model is None:
            return None
        user = UserOut.model_validate(_user_row(model))
        company = CompanyOut.model_validate(model.company)
        return document(MeOut(**user.model_dump(), company=company, session_id=session_id), model.version)

    async def user_page(self, page: Page) -> Document:
        models, next_cursor = await newest(User.filter(deleted_at=None), page)
        return collection([UserOut.model_validate(_user_row(model)) for model in models], next_cursor)


class TortoiseUsers(TortoiseUserReads):
    """Fulfils `UserStore`."""

    async def add_user(self, row: UserRow, password_hash: str) -> None:
        await User.create(
            id=row.id,
            company_id=row.company_id,
            created_at=row.created_at,
            last_sign_in_at=row.last_sign_in_at,
            password_hash=password_hash,
            **_details(row),
        )

    async def change_user(self, row: UserRow, *, version: int) -> bool:
        return await User.filter(id=row.id, version=version, deleted_at=None).update(**_details(row)) == 1

    async def add_history(self, rows: list[UserHistoryRow]) -> None:
        await insert(UserHistory, *rows)


class TortoiseTeamReads:
    """Fulfils `TeamReads`."""

    async def count_members(self, team_id: UUID) -> int:
        return await TeamMember.filter(team_id=team_id).count()

    async def is_member(self, team_id: UUID, user_id: UUID) -> bool:
        return await TeamMember.filter(team_id=team_id, user_id=user_id).exists()

    async def team_document(self, team_id: UUID) -> Document | None:
        model = await one(Team.filter(id=team_id))
        return None if model is None else document(TeamOut.of(_team_row(model), (await _members([team_id]))[team_id]))

    async def team_page(self, page: Page) -> Document:
        models, next_cursor = await newest(Team.all(), page)
        members = await _members([model.id for model in models])
        return collection([TeamOut.of(_team_row(model), members[model.id]) for model in models], next_cursor)


class TortoiseTeams(TortoiseTeamReads):
    """Fulfils `TeamStore`."""

    async def add_team(self, row: TeamRow) -> None:
        await insert(Team, row)

    async def lock_team(self, team_id: UUID) -> TeamRow | None:
        model = await one(Team.filter(id=team_id), lock=True)
        return None if model is None else _team_row(model)

    async def change_team(self, row: TeamRow) -> None:
        await Team.filter(id=row.id).update(updated_at=row.updated_at, version=row.version)

    async def add_member(self, row: MemberRow) -> None:
        await insert(TeamMember, row)

    async def remove_member(self, team_id: UUID, user_id: UUID) -> bool:
        return await TeamMember.filter(team_id=team_id, user_id=user_id).delete() == 1


async def _members(team_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    """The members of several teams, in the order in which they joined. One query for a whole page of teams."""
    members: dict[UUID, list[UUID]] = defaultdict(list)
    pairs = TeamMember.filter(team_id__in=team_ids).order_by("id").values_list("team_id", "user_id")
    for team_id, user_id in await pairs:
        members[team_id].append(user_id)
    return members


def _details(row: UserRow) -> dict[str, Any]:
    """The columns that a change writes. Not the time of the last sign-in: a sign-in may write it at the same time."""
    return {
        "name": row.name,
        "surname": row.surname,
        "email": row.email,
        "phone": row.phone,
        "locale": row.locale,
        "time_zone": row.time_zone,
        "job_title": row.job_title,
        "licence_number": row.licence_number,
        "role": row.role,
        "boss_id": row.boss_id,
        "status": row.status,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def _user_row(model: User) -> UserRow:
    return UserRow(
        id=model.id,
        company_id=model.company_id,  # type: ignore[attr-defined]
        name=model.name,
        surname=model.surname,
        email=model.email,
        phone=model.phone,
        locale=model.locale,
        time_zone=model.time_zone,
        job_title=model.job_title,
        licence_number=model.licence_number,
        role=model.role,
        boss_id=model.boss_id,  # type: ignore[attr-defined]
        status=model.status,
        last_sign_in_at=model.last_sign_in_at,
        created_at=model.created_at,
        updated_at=model.updated_at,
        version=model.version,
    )


def _team_row(model: Team) -> TeamRow:
    return TeamRow(model.id, model.company_id, model.name, model.created_at, model.updated_at, model.version)  # type: ignore[attr-defined]
