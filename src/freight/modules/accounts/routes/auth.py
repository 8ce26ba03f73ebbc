"""Registering, signing in, and the signed-in user's sessions over HTTP."""

from typing import Annotated
from uuid import uuid5

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from crossdock.tenancy import Platform
from crossdock.web.dependencies import Db, Id, PageQuery
from crossdock.web.responses import answer, listed, located, no_content, once, unstored
from freight.modules.accounts.routes.device import device_of
from freight.modules.accounts.schemas.signing_in import RefreshIn, SessionPage, SignInForm, TokenOut
from freight.modules.accounts.schemas.staff import RegisteredOut, RegisterIn, UserOut
from freight.modules.accounts.service.signing_in import sessions
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from freight.modules.accounts.service.signing_in.sign_in import sign_in
from freight.modules.accounts.service.signing_in.tokens import Signed
from freight.modules.accounts.service.staff.register import register
from freight.modules.accounts.store import AccountReads
from freight.modules.companies.api import PLATFORM_COMPANY_ID, CompanyOut
from freight.web import Anybody, SignedTokens, StrangersKey

router = APIRouter(prefix="/v1/auth", tags=["auth"])


@router.post(
    "/register",
    status_code=201,
    summary="Register a company",
    response_model=RegisteredOut,
    responses=located(),
)
async def register_company(body: RegisterIn, db: Db, key: StrangersKey) -> Response:
    """Makes a company and its first admin, who can sign in at once. The Idempotency-Key is the e-mail address's."""
    password_hash = await PASSWORDS.hash(body.user.password.get_secret_value(), field="body.user.password")
    async with db.transaction(Platform("register")) as tx:

        async def create() -> Response:
            company, user = await register(
                tx,
                company_name=body.company.name,
                kind=body.company.to_kind(),
                name=body.user.name,
                email=body.user.email,
                password_hash=password_hash,
            )
            made = RegisteredOut(company=CompanyOut.model_validate(company), user=UserOut.model_validate(user))
            return answer(made, 201, location=f"/v1/users/{user.id}")

        return await once(tx, key, create, owner={"company_id": uuid5(PLATFORM_COMPANY_ID, body.user.email)})


@router.post("/token", summary="Sign in", response_model=TokenOut, responses=unstored())
async def issue_tokens(form: Annotated[SignInForm, Form()], request: Request, db: Db, tokens: SignedTokens) -> Response:
    """The OAuth2 password form. After a few failures each next try has to wait longer."""
    password = form.password.get_secret_value()
    return _signed(await sign_in(db, tokens, email=form.username, password=password, device=device_of(request)))


@router.post("/refresh", summary="Get the next tokens", response_model=TokenOut, responses=unstored())
async def refresh_tokens(body: RefreshIn, db: Db, tokens: SignedTokens) -> Response:
    """A refresh token works once. One that comes a second time ends its session."""
    return _signed(await sessions.refresh(db, tokens, body.refresh_token.get_secret_value()))


@router.post("/logout", status_code=204, summary="Sign out")
async def sign_out(db: Db, caller: Anybody) -> Response:
    """Ends the session of this token, at once."""
    async with db.transaction(caller.tenant, while_read_only=True) as tx:
        await sessions.revoke(tx, caller, caller.session_id, reason="signed out")
    return no_content()


@router.get("/sessions", summary="List your sessions", response_model=SessionPage)
async def list_sessions(db: Db, caller: Anybody, page: PageQuery) -> Response:
    """Where you are signed in now; newest first."""
    async with db.reading(caller.tenant, AccountReads) as store:
        return listed(await store.session_page(caller.user_id, caller.session_id, page, db.clock.now()))


@router.delete("/sessions/{session_id}", status_code=204, summary="End a session")
async def end_session(session_id: Id, db: Db, caller: Anybody) -> Response:
    """Signs one of your devices out, at once."""
    async with db.transaction(caller.tenant, while_read_only=True) as tx:
        await sessions.revoke(tx, caller, session_id, reason="ended by its user")
    return no_content()


def _signed(signed: Signed) -> Response:
    tokens = TokenOut(
        access_token=signed.access_token, refresh_token=signed.refresh_token, expires_in=signed.expires_in_s
    )
    response = answer(tokens)
    response.headers["Cache-Control"] = "no-store"  # RFC 6749, 5.1
    return response
