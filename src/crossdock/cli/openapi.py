"""`crossdock openapi`: the OpenAPI document, without a database."""

import secrets
import sys
from typing import Annotated

import typer
from pydantic import SecretStr

from crossdock.cli.output import AsJson, emit
from crossdock.kernel import config
from crossdock.kernel.config import AuthSettings
from crossdock.web.app import create_app
from crossdock.web.document import page


def register(app: typer.Typer) -> None:
    app.command()(openapi)


Errors = Annotated[bool, typer.Option("--errors", help="All codes of errors with their remedies, as a page.")]


def openapi(errors: Errors = False, as_json: AsJson = False) -> None:
    """Print the OpenAPI document; it is JSON with --json and without."""
    unused = AuthSettings(secret=SecretStr(secrets.token_hex(32)))  # nothing is signed, so no secret is made or kept
    document = create_app(config.load(auth=unused)).openapi()
    if errors and not as_json:
        sys.stdout.write(page.as_page(document))
    else:
        emit(page.as_json(document) if errors else document)
