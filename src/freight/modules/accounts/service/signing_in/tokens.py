"""Access tokens: signed, valid for minutes, and bound to a session. When the session ends, they are refused."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from crossdock.errors import Unauthenticated

ALGORITHM = "HS256"
AUDIENCE = "crossdock"
REQUIRED = ["exp", "iat", "aud", "sub", "sid", "cid"]


@dataclass(frozen=True, slots=True)
class Claims:
    """Who is calling, by the token. It has no role: that is read from the database."""

    user_id: UUID
    session_id: UUID
    company_id: UUID


@dataclass(frozen=True, slots=True)
class Signed:
    """The tokens of a sign-in or a refresh. The access token lasts `expires_in_s`, the refresh token works once."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """Signs and verifies access tokens. The secret has at least 32 bytes."""

    secret: str = field(repr=False)
    access_ttl_s: int
    refresh_ttl_s: int

    def sign(self, claims: Claims, now: datetime) -> str:
        return jwt.encode(
            {
                "sub": str(claims.user_id),
                "sid": str(claims.session_id),
                "cid": str(claims.company_id),
                "aud": AUDIENCE,
                "iat": now,
                "exp": now + timedelta(seconds=self.access_ttl_s),
            },
            self.secret,
            ALGORITHM,
        )

    def verify(self, token: str, now: datetime) -> tuple[Claims, datetime]:
        """The claims of a token, and when it expires.

        Raises Unauthenticated for `alg=none`, a wrong audience or signature, an expired or a malformed token.
        """
        try:
            payload = jwt.decode(
                token,
                self.secret,
                [ALGORITHM],
                audience=AUDIENCE,
                # The expiry is compared below: our clock decides, not the library's.
                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
            claims = Claims(UUID(payload["sub"]), UUID(payload["sid"]), UUID(payload["cid"]))
            expires_at = datetime.fromtimestamp(int(payload["exp"]), UTC)
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError, OSError):
            raise Unauthenticated from None
        if expires_at <= now:
            raise Unauthenticated
        return claims, expires_at
