"""`python -m freight.operators`: adds an operator of the platform, or suspends one. No request can."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.main import run
from crossdock.cli.output import AsJson, emit, say
from crossdock.errors import Invalid
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Transaction
from freight.modules.accounts.api import PASSWORDS, OperatorIn, add_operator, suspend_operator
from freight.small_database import small_database

Result = TypeVar("Result")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address that the operator signs in with.")]


def main() -> None:
    """The command, as `python -m freight.operators` runs it."""
    run(app)


@app.callback()
def operators() -> None:
    """The platform's operators: they sign in like everybody, and see /v1/operations."""


@app.command()
def add(
    email: Email, name: Annotated[str, typer.Option("--name", help="What to call them.")], as_json: AsJson = False
) -> None:
    """Add an operator. The password is asked for, or read from the first line of stdin where that is no terminal."""
    operator = _checked(email, name, _password())
    password_hash = asyncio.run(PASSWORDS.hash(operator.password.get_secret_value(), field="password"))
    user = _in_transaction(
        "add an operator",
        lambda tx: add_operator(tx, name=operator.name, email=operator.email, password_hash=password_hash),
    )
    if as_json:
        emit({"id": str(user.id), "email": user.email, "status": user.status})
    else:
        say(f"{escape(user.email)} is an operator now, and signs in at /v1/auth/token.")


@app.command()
def suspend(
    email: Email,
    reason: Annotated[str | None, typer.Option("--reason", help="Kept in the history of the user.")] = None,
    as_json: AsJson = False,
) -> None:
    """End an operator's sessions, at once, and let them sign in no more."""
    user = _in_transaction("suspend an operator", lambda tx: suspend_operator(tx, email.lower(), reason=reason))
    if as_json:
        emit({"id": str(user.id), "email": user.email, "status": user.status})
    else:
        say(f"{escape(user.email)} is suspended, and signed out everywhere.")


def _password() -> str:
    """Never an argument: others see those in the list of processes, and shells keep them."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _checked(email: str, name: str, password: str) -> OperatorIn:
    """Raises Invalid with everything that is wrong, in one line, without the password."""
    try:
        return OperatorIn.model_validate({"email": email, "name": name, "password": password})
    except ValidationError as error:
        faults = [f"{each['loc'][0]}: {each['msg']}" for each in error.errors(include_input=False)]
        raise Invalid("; ".join(faults)) from None


def _in_transaction(why: str, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
    """Does one thing with the platform's rights, in the database that the settings name."""

    async def done() -> Result:
        async with (
            small_database(settings, Registry.found()) as database,
            database.transaction(Platform(why), while_read_only=True) as tx,
        ):
            return await work(tx)

    with with_database(command_settings()) as settings:
        return asyncio.run(done())


if __name__ == "__main__":
    main()
