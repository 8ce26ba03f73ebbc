"""`crossdock openapi`: the OpenAPI document, without a database."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from crossdock.cli.output import AsJson, emit
from crossdock.extras import need_extra
from crossdock.registry import Registry, load_settings


def register(app: typer.Typer) -> None:
    app.command()(openapi)


Errors = Annotated[bool, typer.Option("--errors", help="All codes of errors with their remedies, as a page.")]


def openapi(errors: Errors = False, as_json: AsJson = False) -> None:
    """Print the OpenAPI document; it is JSON with --json and without."""
    registry = Registry.found()
    need_extra("web", "crossdock openapi")
    from crossdock.web.document import page  # here: other commands go without FastAPI

    document = made_document(registry)
    if errors and not as_json:
        sys.stdout.write(page.as_page(document))
    else:
        emit(page.as_json(document) if errors else document)


def made_document(registry: Registry) -> dict[str, Any]:
    """Of the app as in development, whose secrets are made in a folder that is removed: nothing is signed with them."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(registry, environment="development", data_dir=Path(folder))
        document: dict[str, Any] = registry.application.make_app(settings=settings, registry=registry).openapi()
    return document
