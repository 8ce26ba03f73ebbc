"""`crossdock schema sync`: writes a module's models in the other ORM, and proves that both mean the same."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import AsJson, emit, say, shown, steps
from crossdock.registry import Module, Orm, Registry

if TYPE_CHECKING:
    from crossdock.schema.sync.frame import Frame


def sync(
    module: Annotated[str, typer.Argument(help="The module, as `crossdock modules` lists it.")],
    to: Annotated[
        Orm | None, typer.Option("--to", help="The ORM to write for; by default the one it is not on.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that was written or changed by hand.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a module's models in the other ORM, and prove against the database that both mean the same."""
    from crossdock.schema.sync.syncing import sync as write  # here: whoever compares need not wait for it

    registry = Registry.found()
    own = found_module(registry, module)
    with with_database(command_settings()) as settings, steps("Writing and proving"):
        done = asyncio.run(write(settings.direct, registry, module, to or own.orm.other, force=force))
    path = shown(done.path)
    if as_json:
        result = {"module": module, "file": path, "written": done.is_new, "name": done.unnamed, **asdict(done.proved)}
        result["borrowed"] = list(done.borrowed)
        emit(result | _frame_as_json(done.frame))
        return
    say(f"[bold]{escape(path)}[/] {'is written' if done.is_new else 'is as it was'}.")
    say(
        f"Proved on {escape(', '.join(done.proved.tables))}: alembic has nothing to change, and {done.proved.rows} rows"
        " that one ORM wrote are the same for the other."
    )
    _say_frame(done.frame)
    if done.borrowed:
        names = escape(", ".join(done.borrowed))
        say(f"It takes {names} from the models it was made of: move that to store.py, say, before those are deleted.")
    if done.unnamed:
        say(f"Add it to the models of {escape(module)} in its manifest: [bold]{escape(done.unnamed)}[/]")


def _frame_as_json(frame: "Frame") -> dict[str, Any]:
    return {
        "store": shown(frame.store) if frame.store else None,
        "untranslated": list(frame.untranslated),
        "reasons": {name: reason for name, reason in frame.untranslated.items() if reason},
        "documents": shown(frame.documents) if frame.documents else None,
        "to_fill": frame.open,
        "to_add": frame.to_add,
    }


def _say_frame(frame: "Frame") -> None:
    if frame.store is None:
        return
    left = f"still to be translated: {', '.join(frame.untranslated)}" if frame.untranslated else "all of it is there"
    say(f"[bold]{escape(shown(frame.store))}[/] is the frame of the store; {escape(left)}.")
    for name, reason in frame.untranslated.items():
        if reason:
            say(escape(f"  {name}: {reason}."))
    if frame.documents is None:
        return
    path = escape(shown(frame.documents))
    left = f"still to be filled: {', '.join(frame.open)}" if frame.open else "all of it is there"
    if frame.to_add:
        say(f"[bold]{path}[/] is as it was. Add these to it; {escape(left)}.\n\n{escape(frame.to_add)}")
    else:
        say(f"[bold]{path}[/] has its documents; {escape(left)}.")


def found_module(registry: Registry, name: str) -> Module:
    """Raises BadParameter with the modules that there are."""
    if name not in registry.modules:
        raise typer.BadParameter(f"There is no module {name!r}. There are {', '.join(registry.modules)}.")
    return registry.modules[name]
