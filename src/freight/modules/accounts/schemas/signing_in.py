"""Signing in, one's own password and sessions, in and out of HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr

from crossdock.web.schemas import Input, Output, text
from freight.modules.accounts.schemas.fields import EMAIL_LENGTH_MAX, Password, Secret
from freight.modules.accounts.service.signing_in.passwords import LENGTH_MAX
from freight.schemas import Time


class SignInForm(Input):
    """The OAuth2 password form. `username` is the e-mail address; what is optional is ignored."""

    model_config = ConfigDict(title="Credentials")

    username: Annotated[str, text(EMAIL_LENGTH_MAX, examples=["admin@northgate.example"])]
    password: Annotated[Secret, Field(min_length=1, max_length=LENGTH_MAX, examples=["crossdock-demo"])]
    grant_type: Literal["password"] | None = None
    scope: Annotated[str, Field(max_length=200)] = ""
    client_id: Annotated[str | None, Field(max_length=200)] = None
    client_secret: Annotated[SecretStr | None, Field(max_length=200)] = None


class PasswordChangeIn(Input):
    """Your password as it is, and as it shall be."""

    model_config = ConfigDict(title="PasswordChange")

    current_password: Annotated[Secret, Field(min_length=1, max_length=LENGTH_MAX, examples=["crossdock-demo"])]
    new_password: Password


class RefreshIn(Input):
    model_config = ConfigDict(title="TokenRefresh")

    refresh_token: Annotated[Secret, Field(min_length=1, max_length=200, description="That of the last answer.")]


class TokenOut(Output):
    """Access for `expires_in` seconds, and the token that gets the next pair, once."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  a word of RFC 6749
    expires_in: int = Field(examples=[900])


class SessionOut(Output):
    """A sign-in on one device. `current` marks the one that asks."""

    id: UUID
    user_agent: str | None
    address: str | None
    created_at: Time
    last_used_at: Time
    expires_at: Time
    current: bool


class SessionPage(Output):
    items: list[SessionOut]
    next_cursor: str | None
