"""`crossdock modules`: the architecture, as the manifests tell it."""

import difflib
from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any

import typer

from crossdock.cli.output import AsJson, emit, say, table
from crossdock.kernel import config
from crossdock.kernel.registry import KERNEL, Module, Registry


def register(app: typer.Typer) -> None:
    app.command()(modules)


def modules(
    name: Annotated[str | None, typer.Argument(help="One module, in detail.")] = None, as_json: AsJson = False
) -> None:
    """List the modules: which ORM holds each one's truth, its lane, tables and their tool, router and events."""
    registry = Registry.discover(config.load().modules_package)
    if name is None:
        _show_all(registry, as_json=as_json)
        return
    if name not in registry.modules:
        near = difflib.get_close_matches(name, registry.modules) or list(registry.modules)
        raise typer.BadParameter(f"There is no module {name!r}. Did you mean {', '.join(near)}?")
    _show_one(registry.modules[name], as_json=as_json)


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
    say(f"The kernel's own, migrated by {KERNEL.orm.tool}: {', '.join(KERNEL.tables)}.")


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
