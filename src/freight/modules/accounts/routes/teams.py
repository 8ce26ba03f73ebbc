"""Teams over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from crossdock.web.dependencies import Db, Id, PageQuery
from crossdock.web.responses import answer, found, listed, located, no_content, once
from freight.modules.accounts.schemas.staff import TeamIn, TeamOut, TeamPage
from freight.modules.accounts.service.staff import teams
from freight.modules.accounts.store import AccountReads
from freight.web import Key, SignedIn

router = APIRouter(prefix="/v1/teams", tags=["teams"])


@router.post("", status_code=201, summary="Make a team", response_model=TeamOut, responses=located())
async def create_team(body: TeamIn, db: Db, caller: SignedIn, key: Key) -> Response:
    """Makes a team without members. For managers and admins."""
    async with db.transaction(caller.tenant) as tx:

        async def create() -> Response:
            team = await teams.create_team(tx, caller, body.name)
            return answer(TeamOut.of(team, []), 201, location=f"/v1/teams/{team.id}")

        return await once(tx, key, create)


@router.get("", summary="List your teams", response_model=TeamPage)
async def list_teams(db: Db, caller: SignedIn, page: PageQuery) -> Response:
    """The teams of your company with their members; newest first."""
    async with db.reading(caller.tenant, AccountReads) as store:
        return listed(await store.team_page(page))


@router.get("/{team_id}", summary="Read a team", response_model=TeamOut)
async def read_team(team_id: Id, db: Db, caller: SignedIn) -> Response:
    """One team of your company with its members."""
    async with db.reading(caller.tenant, AccountReads) as store:
        return found(await store.team_document(team_id))


@router.put(
    "/{team_id}/members/{user_id}",
    status_code=204,
    summary="Put a user into a team",
)
async def add_member(team_id: Id, user_id: Id, db: Db, caller: SignedIn) -> Response:
    """A second time changes nothing. For managers and admins."""
    async with db.transaction(caller.tenant) as tx:
        await teams.add_member(tx, caller, team_id, user_id)
    return no_content()


@router.delete(
    "/{team_id}/members/{user_id}",
    status_code=204,
    summary="Take a user out of a team",
)
async def remove_member(team_id: Id, user_id: Id, db: Db, caller: SignedIn) -> Response:
    """404 when they are not in it. For managers and admins."""
    async with db.transaction(caller.tenant) as tx:
        await teams.remove_member(tx, caller, team_id, user_id)
    return no_content()
