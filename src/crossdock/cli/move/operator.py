"""Whoever calls a command of `crossdock move`, with what they may do."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import say
from crossdock.cutover.ladder import Step
from crossdock.cutover.operating import Operations
from crossdock.registry import Registry
from crossdock.stages import ModuleState

Result = TypeVar("Result")

LAST = 50
Last = Annotated[int, typer.Option("--last", min=1, max=10_000, help="How many, from the newest one on.")]
Name = Annotated[str, typer.Argument(metavar="MODULE", help="The module, by the name of its manifest.")]


def run(work: Callable[[Operations], Awaitable[Result]], by: str | None = None) -> Result:
    """What `work` does with the configured database, in the name of `by`, or of the user of this machine."""

    async def worked() -> Result:
        return await work(Operations(settings, Registry.found(), by=by or _user()))

    with with_database(command_settings()) as settings:
        return asyncio.run(worked())


def newest(found: list[Result], last: int) -> tuple[list[Result], bool]:
    """The first `last` of what was found, and whether there are more."""
    return found[:last], len(found) > last


def say_more(more: bool, last: int) -> None:
    """Where the rows that were shown are not all of them."""
    if more:
        say(f"These are the newest {last}: `--last` shows more.")


def where(state: ModuleState) -> str:
    """The place of a module on its path, in a few words."""
    if state.stage is None:
        return "not moving"
    since = f", since {state.since:%Y-%m-%d %H:%M:%S}" if state.since else ""
    return f"{Step(state.stage, state.share)}, from {state.control} to {state.control and state.control.other}{since}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"  # a container without a name for its user
