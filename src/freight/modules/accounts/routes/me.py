"""The signed-in user's own record and password over HTTP."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from crossdock.web.dependencies import Db
from crossdock.web.responses import etagged, found, no_content
from freight.modules.accounts.routes.device import device_of
from freight.modules.accounts.schemas.signing_in import PasswordChangeIn
from freight.modules.accounts.schemas.staff import MeOut
from freight.modules.accounts.service.signing_in.change_password import change_password
from freight.modules.accounts.store import AccountReads
from freight.web import Anybody

router = APIRouter(prefix="/v1/me", tags=["users"])


@router.get("", summary="Who you are", response_model=MeOut, responses=etagged(200))
async def read_me(db: Db, caller: Anybody) -> Response:
    """You, your company and your session. The ETag is that of your user."""
    async with db.reading(caller.tenant, AccountReads) as store:
        return found(await store.me_document(caller.user_id, caller.session_id))


@router.post("/password", status_code=204, summary="Change your password")
async def replace_password(body: PasswordChangeIn, request: Request, db: Db, caller: Anybody) -> Response:
    """Signs you out everywhere but here, at once. A wrong current password is 403 and counts as a failed sign-in."""
    await change_password(
        db,
        caller,
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
        address=device_of(request).address,
    )
    return no_content()
