"""`crossdock modules`: lists the modules, as their manifests describe them, and writes the skeleton of a new one."""

import asyncio
import difflib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from crossdock.cli.output import AsJson, emit, note, say, shown, steps, table
from crossdock.registry import SHARED, Module, Registry


class Showing(TyperGroup):
    """`crossdock modules [NAME]` is short for `crossdock modules show [NAME]`. No module has the name of a command: the
    skeleton refuses one."""

    default = "show"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_said = args[:1] in [[name] for name in (*self.commands, "--help")]
        return super().parse_args(ctx, args if is_said else [self.default, *args])


app = typer.Typer(cls=Showing, help="List the modules, show one, or write the skeleton of a new one.")


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="modules")


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="One module, in detail.")] = None, as_json: AsJson = False
) -> None:
    """List the modules: which ORM holds each one's truth, its lane, tables and their tool, router and events."""
    registry = Registry.found()
    if name is None:
        _show_all(registry, as_json=as_json)
        return
    if name not in registry.modules:
        near = difflib.get_close_matches(name, registry.modules) or list(registry.modules)
        raise typer.BadParameter(f"There is no module {name!r}. Did you mean {', '.join(near)}?")
    _show_one(registry.modules[name], as_json=as_json)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="A noun in the plural, as in `depots`: the folder, the table, the path.")],
    field: Annotated[
        list[str] | None, typer.Option("--field", help="`name:kind`, as in `doors:int` or `note:text(500)?`.")
    ] = None,
    one: Annotated[str | None, typer.Option("--one", help="The singular, where it is not regular.")] = None,
    tests: Annotated[Path, typer.Option("--tests", help="The folder of the tests.")] = Path("tests"),
    as_json: AsJson = False,
) -> None:
    """Write a module's skeleton: all its files, its revision and its tests. All of them, or none."""
    # here: whoever looks at the modules need not wait for FastAPI and both ORMs
    from crossdock.cli.database import command_settings, with_database
    from crossdock.cli.skeleton.fields import WrongField, read_fields
    from crossdock.cli.skeleton.names import WrongName, names_of
    from crossdock.cli.skeleton.writing import write_module

    columns = Registry.found().application.tenancy_object.columns
    try:
        names, wanted = names_of(name, one), read_fields(field or ["name:text(100)"], columns)
    except (WrongName, WrongField) as error:
        raise typer.BadParameter(str(error)) from None
    with with_database(command_settings()) as settings, steps("Writing"):
        written = asyncio.run(write_module(settings, names, wanted, tests))
    if written.left:
        note(written.left)
    paths = [shown(path) for path in written.files]
    following = _following([path for path in paths if path.startswith(str(tests))])
    if as_json:
        emit({"module": name, "table": names.table, "one": names.one, "files": paths, "next": following})
        return
    say(f"The module [bold]{name}[/] has the table [bold]{names.table}[/]; one of them is a {names.one}. Written:")
    for line in paths:
        say(f"  {line}")
    say("Next: say in words what is yours (summaries, examples, rules), then")
    for line in following:
        say(f"  {line}")


def _following(tests: Sequence[str]) -> list[str]:
    """The next commands to type."""
    tested = [f"python -m pytest -q {' '.join(tests)}"] if tests else []
    return ["crossdock migrate plan", "crossdock migrate up", *tested, "crossdock migrate check"]


def described(module: Module) -> dict[str, Any]:
    """A manifest as plain values."""
    return {
        "name": module.name,
        "summary": module.summary,
        "orm": module.orm.value,
        "lane": module.lane.value,
        "tables": list(module.tables),
        "migrated_by": {table: module.tool_of(table).tool for table in module.tables},
        "store": module.store,
        "router": module.router,
        "events": list(module.events),
        "jobs": [{field.name: getattr(job, field.name) for field in fields(job)} for job in module.jobs],
        "settings": _variables(module),
    }


def _variables(module: Module) -> list[str]:
    """The environment variables that the module's own settings are read from."""
    if module.settings is None:
        return []
    prefix = module.settings.model_config.get("env_prefix", "")
    return [f"{prefix}{field.upper()}" for field in module.settings.model_fields]


def _show_all(registry: Registry, *, as_json: bool) -> None:
    if as_json:
        emit([described(module) for module in registry])
        return
    rows = [
        (
            f"[bold]{module.name}[/]",
            module.orm.value,
            module.lane.value,
            _lines(module.tables),
            _lines([module.tool_of(table).tool for table in module.tables]),
            "yes" if module.router else "-",
            _lines(module.events),
        )
        for module in registry
    ]
    table("Modules", ("module", "ORM", "lane", "tables", "migrated by", "router", "events"), rows)
    say(f"The library's own tables: {', '.join(SHARED.tables)}.")


def _show_one(module: Module, *, as_json: bool) -> None:
    facts = described(module)
    if as_json:
        emit(facts)
        return
    jobs = [f"{job.name}: {job.run}, every {job.every_s:g} s" for job in module.jobs]
    tables = [f"{table} (migrated by {tool})" for table, tool in facts["migrated_by"].items()]
    lists = {"tables": tables, "events": module.events, "jobs": jobs, "settings": facts["settings"]}
    rows = [(key, str(facts[key] or "-")) for key in ("summary", "orm", "lane", "store", "router")]
    table(module.name, ("", ""), [*rows, *((key, _lines(values)) for key, values in lists.items())])


def _lines(values: Sequence[str]) -> str:
    return "\n".join(values) or "-"
