"""`crossdock openapi`: the OpenAPI document, without a database."""

import secrets

import typer
from pydantic import SecretStr

from crossdock.cli.output import AsJson, emit
from crossdock.kernel import config
from crossdock.kernel.config import AuthSettings
from crossdock.web.app import create_app


def register(app: typer.Typer) -> None:
    app.command()(openapi)


def openapi(as_json: AsJson = False) -> None:
    """Print the OpenAPI document; it is JSON with --json and without."""
    unused = AuthSettings(secret=SecretStr(secrets.token_hex(32)))  # nothing is signed, so no secret is made or kept
    emit(create_app(config.load(auth=unused)).openapi())
