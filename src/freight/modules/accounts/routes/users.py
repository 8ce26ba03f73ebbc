"""A company's users over HTTP."""

from fastapi import APIRouter
from starlette.responses import Response

from crossdock.web.dependencies import Db, ExpectedVersion, Id, PageQuery
from crossdock.web.responses import answer, etagged, found, listed, once
from freight.modules.accounts.schemas.staff import UserIn, UserOut, UserPage, UserPatch
from freight.modules.accounts.service.staff import users
from freight.modules.accounts.store import AccountReads
from freight.modules.accounts.store.staff import UserRow
from freight.web import Key, SignedIn

router = APIRouter(prefix="/v1", tags=["users"])


@router.post(
    "/users",
    status_code=201,
    summary="Add a colleague",
    response_model=UserOut,
    responses=etagged(201),
)
async def create_user(body: UserIn, db: Db, caller: SignedIn, key: Key) -> Response:
    """Makes a user of your company, who can sign in at once. For admins."""
    password_hash = await users.first_password(caller, body.password.get_secret_value())
    async with db.transaction(caller.tenant, elevates=True) as tx:

        async def create() -> Response:
            return _answer(await users.add_colleague(tx, caller, body.to_person(), password_hash), 201)

        return await once(tx, key, create)


@router.get("/users", summary="List your colleagues", response_model=UserPage)
async def list_users(db: Db, caller: SignedIn, page: PageQuery) -> Response:
    """The people of your company; newest first."""
    async with db.reading(caller.tenant, AccountReads) as store:
        return listed(await store.user_page(page))


@router.get("/users/{user_id}", summary="Read a user", response_model=UserOut, responses=etagged(200))
async def read_user(user_id: Id, db: Db, caller: SignedIn) -> Response:
    """One person of your company, with the ETag. A sign-in does not change the ETag: it guards what people edit."""
    async with db.reading(caller.tenant, AccountReads) as store:
        return found(await store.user_document(user_id))


@router.patch(
    "/users/{user_id}",
    summary="Change a user",
    response_model=UserOut,
    responses=etagged(200),
)
async def change_user(
    user_id: Id, body: UserPatch, db: Db, caller: SignedIn, expected_version: ExpectedVersion
) -> Response:
    """Your own details, or as an admin anyone's. Role, status, boss and e-mail are an admin's to change.

    Nobody changes their own role. Send the ETag that you read in If-Match. A removed role and a suspension act at once.
    """
    async with db.transaction(caller.tenant, elevates=True) as tx:
        return _answer(
            await users.change_user(
                tx, caller, user_id, body.to_changes(), expected_version=expected_version, reason=body.reason
            )
        )


def _answer(user: UserRow, status: int = 200) -> Response:
    location = f"/v1/users/{user.id}" if status == 201 else None
    return answer(UserOut.model_validate(user), status, version=user.version, location=location)
