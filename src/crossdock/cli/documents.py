"""`crossdock documents`: the statements that PostgreSQL answers reads with, and how it plans them."""

import asyncio
import difflib
import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.syntax import Syntax

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import AsJson, emit, say, table
from crossdock.config.settings import Settings
from crossdock.documents.catalogue import DocumentStatement, catalogue
from crossdock.documents.explain import explain
from crossdock.documents.listing import Listing
from crossdock.driver.compiled import Compiled
from crossdock.migrations.authoring.standing import need_nothing_pending
from crossdock.migrations.status import Chains
from crossdock.registry import Registry
from crossdock.tenancy import Tenant
from crossdock.transaction import Database

MEMBER = re.compile(r", ('[{},\"\]\[])")
"""Where an object's next member begins."""

app = typer.Typer(no_args_is_help=False, help="List the documents, or show one's SQL and its plan.")


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="documents")


@app.callback(invoke_without_command=True)
def documents(context: typer.Context, as_json: AsJson = False) -> None:
    """List the documents: reads that PostgreSQL answers as finished JSON, in the shape of a response schema."""
    if context.invoked_subcommand is not None:
        return
    found = catalogue(_registry())
    described = [_described(name, document) for name, document in found.items()]
    if as_json:
        emit(described)
        return
    rows = [(each["name"], each["kind"], each["schema"], str(len(each["statements"]))) for each in described]
    table("Documents", ("name", "kind", "schema", "statements"), rows)
    say("[dim]`crossdock documents show NAME` prints the SQL, with --explain the plan.[/]")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="As in the list, such as books.book.")],
    explained: Annotated[bool, typer.Option("--explain", help="Ask the database how it would run it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a document's SQL and parameters; a list has a statement for each combination of filter and page."""
    found = catalogue(_registry())
    if name not in found:
        near = difflib.get_close_matches(name, found) or list(found)
        raise typer.BadParameter(f"There is no document {name!r}. Did you mean {', '.join(near)}?")
    statements = found[name].statements
    plans: dict[str, str] = {}
    if explained:
        with with_database(command_settings()) as settings:
            plans = asyncio.run(_plans(settings, statements))
    if as_json:
        emit(_described(name, found[name]) | ({"plans": plans} if explained else {}))
        return
    for when, statement in statements.items():
        _print(f"{name}: {when}", statement, plans.get(when))


def _registry() -> Registry:
    return Registry.found()


def _described(name: str, document: DocumentStatement) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "list" if isinstance(document, Listing) else "one",
        "schema": document.schema.__name__,
        "statements": {
            when: {"sql": statement.sql, "parameters": list(statement.names)}
            for when, statement in document.statements.items()
        },
    }


async def _plans(settings: Settings, statements: Mapping[str, Compiled]) -> dict[str, str]:
    registry = Registry.found()
    await need_nothing_pending(Chains(settings.direct, registry.application))
    async with (
        Database(settings, registry) as database,
        database.transaction(_nobody(registry), while_read_only=True) as unit,
    ):
        return {when: await explain(unit.sql, statement) for when, statement in statements.items()}


def _nobody(registry: Registry) -> Tenant:
    """Whom a plan is made for: the policies are in it, and no row is read."""
    tenancy = registry.application.tenancy_object
    nothing: dict[type, Any] = {UUID: UUID(int=0), int: 0, str: ""}
    values: dict[str, Any] = {name: nothing[tenancy.columns.get(name, str)] for name in tenancy.settings.values()}
    return tenancy.scope(**values)


def _print(title: str, statement: Compiled, plan: str | None) -> None:
    say(f"[bold]{escape(title)}[/]")
    for number, name in enumerate(statement.names, 1):
        say(f"  ${number} {escape(name)}")
    Console(soft_wrap=True).print(Syntax(_broken(statement.sql), "postgresql", background_color="default"))
    if plan is not None:
        Console(soft_wrap=True, highlight=False).print(escape(plan))
    say("")


def _broken(sql: str) -> str:
    """The same statement, a line for each member of an object."""
    return MEMBER.sub(r",\n    \1", sql)
