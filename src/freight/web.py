"""What a route of the marketplace asks for: who is calling, and the key of a write that may be sent again."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from crossdock.web.dependencies import IdempotencyKey, KeyHeader
from crossdock.web.dependencies import idempotency_key as with_fingerprint
from crossdock.web.signing_in import caller_by
from freight.modules.accounts.api import Caller, Tokens

bearer = OAuth2PasswordBearer(tokenUrl="/v1/auth/token", auto_error=False, description="Sign in at /v1/auth/token.")
find_caller = caller_by(bearer)

SignedIn = Annotated[Caller, Depends(find_caller)]
"""The person who calls; 401 without a valid token. A revoked session or a removed role acts at once: the caller's units
of work confirm them, and the route has to have one."""


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
"""Where nobody is signed in yet."""
