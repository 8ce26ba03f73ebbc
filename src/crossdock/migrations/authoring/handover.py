"""A table changes tools: state only. One revision in each chain says so, no DDL is run, and every name stays.

Proved before and after: neither tool would write anything, and the models that take the table over describe the live
one to the letter.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from crossdock.config.settings import Settings
from crossdock.errors import Conflict, Invalid
from crossdock.migrations.authoring.manifest_edit import manifest_path, with_migrated_by
from crossdock.migrations.names import spelled
from crossdock.migrations.owners import check_owners
from crossdock.migrations.status import Chains
from crossdock.migrations.tools.every import tools_of
from crossdock.migrations.tools.formats import FORMATS
from crossdock.migrations.tools.tool import StateOnly, Tool
from crossdock.registry import SHARED, Module, Orm, Registry
from crossdock.schema.drift import compare_table
from crossdock.schema.ownership import modelled


class CannotHandOver(Conflict):
    """The table cannot be handed over."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """What was written: one revision in each chain, and the manifests that say the new owner."""

    revisions: tuple[Path, ...]
    manifests: tuple[Path, ...]


async def hand_over(settings: Settings, registry: Registry, tables: Sequence[str], to: Orm) -> HandOver:
    """Writes the two revisions and the manifests. Raises CannotHandOver, and leaves every file as it was."""
    tables = tuple(dict.fromkeys(tables))
    chains = Chains(settings.direct, registry.application)
    changed = handed(registry, tables, to)
    check_owners(registry, chains.chains)
    await _prove_current(chains)
    await _prove(chains, registry, tables, to)
    with ExitStack() as undo:
        revisions = await _write_revisions(chains, changed, tables, to, undo=undo)
        manifests = _write_manifests(registry, changed, undo)
        check_owners(changed, chains.chains)
        await _prove(chains, changed, tables, to)
        undo.pop_all()
    return HandOver(revisions, manifests)


def handed(registry: Registry, tables: Sequence[str], to: Orm) -> Registry:
    """The registry as it is afterwards. Raises CannotHandOver without a table to give or a model to take it."""
    modules = dict(registry.modules)
    for table in dict.fromkeys(tables):
        owner = registry.owner(table)
        if owner is None or owner is SHARED:
            whose = "the library's own" if owner is SHARED else "no module's"
            raise CannotHandOver(f"The table {table} is {whose}: only a module's tables are handed over.")
        if owner.tool_of(table) is to:
            raise CannotHandOver(f"The table {table} of {owner.name} is migrated by {to.tool} already.")
        if table not in modelled(registry, to):
            raise CannotHandOver(
                f"models_{to.value}.py of {owner.name} has no model of {table}: write it first, exactly as the table is"
                " (`crossdock schema check` compares them)."
            )
        modules[owner.name] = _handed(modules[owner.name], table, to)
    return replace(registry, modules=modules, _contracts={})


def _handed(module: Module, table: str, to: Orm) -> Module:
    tools = {**module.migrated_by, table: to}
    return replace(module, migrated_by={name: orm for name, orm in tools.items() if orm is not module.orm})


async def _prove_current(chains: Chains) -> None:
    for chain in await chains.status():
        if not chain.is_current:
            what = " ".join(chain.problems) or f"{', '.join(chain.pending)} pending"
            raise CannotHandOver(
                f"The {chain.name} chain is not at its head on this database ({what}): `crossdock migrate up` first."
            )


def _tools(chains: Chains, registry: Registry, to: Orm) -> dict[str, Tool]:
    """The giver's and the taker's. Raises CannotHandOver where the application has only one."""
    found = {name: chain for name in (to.other.tool, to.tool) if (chain := chains.of_tool(name))}
    if len(found) < 2:
        missing = next(orm.tool for orm in (to, to.other) if orm.tool not in found)
        begin = " Begin one: `crossdock init --alembic FOLDER`, then `crossdock migrate up`." * (to is Orm.SQLALCHEMY)
        raise CannotHandOver(f"This project has no chain of {missing}'s to hand a table over to or from.{begin}")
    return tools_of(chains.address, registry, list(found.values()))


async def _prove(chains: Chains, registry: Registry, tables: Sequence[str], to: Orm) -> None:
    """Neither tool would write anything, and the taker's models are the live tables to the letter."""
    for name, tool in sorted(_tools(chains, registry, to).items()):
        found = await tool.differences()
        if found:
            raise CannotHandOver(
                f"The {name} chain and its models differ, so an empty difference would prove nothing: {found[0]}."
            )
    for table in tables:
        lines = [difference.line for difference in await compare_table(chains.address, registry, to, table)]
        if lines:
            raise CannotHandOver(
                f"The {to.value} models do not describe {table} to the letter, in {len(lines)} places:"
                f" {' | '.join(lines[:5])}"
            )


async def _write_revisions(
    chains: Chains, changed: Registry, tables: Sequence[str], to: Orm, *, undo: ExitStack
) -> tuple[Path, ...]:
    """The giver's revision, and the taker's, which comes after it."""
    tools, made = _tools(chains, changed, to), []
    giver, taker = to.other.tool, to.tool
    numbers = {name: FORMATS[name].next_number(chains.named(name).revisions()) for name in tools}
    for name, tool in tools.items():
        needs = f'NEEDS = ("{giver}:{numbers[giver]}",)\n' if name == taker else ""
        path, text = await tool.state_only(StateOnly(tuple(tables), taker, numbers[name], needs))
        made.append(_create(path, text, undo))
    return tuple(made)


def _create(path: Path, text: str, undo: ExitStack) -> Path:
    """Exclusively: a file that is there already is somebody's work."""
    with path.open("x", encoding="utf-8") as file:
        undo.callback(path.unlink)
        file.write(text)
    return path


def _write_manifests(registry: Registry, changed: Registry, undo: ExitStack) -> tuple[Path, ...]:
    paths = []
    for module in changed:
        if module == registry.modules[module.name]:
            continue
        path = manifest_path(registry, module)
        source = path.read_text(encoding="utf-8")
        text = with_migrated_by(source, module.migrated_by, module.name)
        undo.callback(path.write_text, source, encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return tuple(dict.fromkeys(paths))


def orm_of(chain: str) -> Orm:
    """Of `aerich` or `alembic`, as the command says it."""
    for orm in Orm:
        if orm.tool == spelled(chain):
            return orm
    raise Invalid(f"--to is one of {' and '.join(orm.tool for orm in Orm)}, not {chain}.")
