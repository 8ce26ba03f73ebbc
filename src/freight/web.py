"""The dependencies of the marketplace's routes: who is signed in, and the Idempotency-Key of a write."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from crossdock.tenancy import Platform
from crossdock.web.dependencies import IdempotencyKey, KeyHeader
from crossdock.web.dependencies import idempotency_key as with_fingerprint
from crossdock.web.signing_in import caller_by
from freight.modules.accounts.api import Caller, Tokens

bearer = OAuth2PasswordBearer(tokenUrl="/v1/auth/token", auto_error=False, description="Sign in at /v1/auth/token.")
find_caller = caller_by(bearer)

Anybody = Annotated[Caller, Depends(find_caller)]
"""The person who calls, of a company or an operator of the platform; 401 without a valid token. No response is sent
until PostgreSQL has confirmed that they are still signed in with this role. The caller's unit of work asks that, so a
route with this dependency, or one of those below, must open one."""


async def _of_a_company(caller: Anybody) -> Caller:
    caller.need_company()
    return caller


async def _operator(caller: Anybody) -> Caller:
    caller.need_operator()
    return caller


SignedIn = Annotated[Caller, Depends(_of_a_company)]
"""The same for a route of the business: 403 for an operator of the platform, who has no part in it."""
Operator = Annotated[Caller, Depends(_operator)]
"""The same for a route of the platform's own: 403 for everybody but its operators."""


async def operators_scope(caller: Operator) -> Platform:
    """In which an operator looks at what belongs to no company."""
    return caller.platform("look at the moves")


def _tokens(request: Request) -> Tokens:
    tokens: Tokens = request.app.state.tokens
    return tokens


SignedTokens = Annotated[Tokens, Depends(_tokens)]


async def _key(request: Request, caller: SignedIn, idempotency_key: KeyHeader = None) -> IdempotencyKey | None:
    return await with_fingerprint(request, idempotency_key, str(caller.user_id))


async def _strangers_key(request: Request, idempotency_key: KeyHeader = None) -> IdempotencyKey | None:
    return await with_fingerprint(request, idempotency_key, "a stranger")


Key = Annotated[IdempotencyKey | None, Depends(_key)]
StrangersKey = Annotated[IdempotencyKey | None, Depends(_strangers_key)]
"""The Idempotency-Key of a route that needs no sign-in, such as registering."""
