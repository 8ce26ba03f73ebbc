"""A table changes tools: state only. One revision in each chain says so, no DDL is run, and every name stays.

Proved before and after: neither tool would write anything, and the models that take the table over describe the live
one to the letter.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from crossdock.clock import Clock
from crossdock.config.settings import Settings
from crossdock.errors import Conflict, Invalid
from crossdock.migrations.authoring.manifest_edit import manifest_path, with_migrated_by
from crossdock.migrations.authoring.writing import SLUG_MAX
from crossdock.migrations.chain import Chain
from crossdock.migrations.files import next_number
from crossdock.migrations.names import AERICH, ALEMBIC, spelled
from crossdock.migrations.owners import check_owners
from crossdock.migrations.status import Chains
from crossdock.migrations.tools.aerich_tool import AerichTool
from crossdock.migrations.tools.alembic_tool import AlembicTool
from crossdock.migrations.tools.tool import Tool
from crossdock.registry import SHARED, Module, Orm, Registry
from crossdock.schema.drift import compare_table
from crossdock.schema.ownership import modelled

AERICH_FILE = '''"""{summary}

State only: no statement is run, and every name stays as it is.
"""

from tortoise import BaseDBAsyncClient

{needs}{handed_over}RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "-- state only: {words}"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "-- state only, undone: {words}"


MODELS_STATE = (
    {state}
)
'''
ALEMBIC_FILE = '''"""{summary}

State only: no statement is run, and every name stays as it is.
"""

revision = "{number}"
down_revision = {before}
branch_labels = None
depends_on = None
{needs}{handed_over}

def upgrade() -> None:
    """{words}."""


def downgrade() -> None:
    """Undone: the state alone."""
'''


class CannotHandOver(Conflict):
    """The table cannot be handed over."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """What was written: one revision in each chain, and the manifests that say the new owner."""

    aerich: Path
    alembic: Path
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
        aerich, alembic = await _write_revisions(chains, changed, tables, to, undo=undo)
        manifests = _write_manifests(registry, changed, undo)
        check_owners(changed, chains.chains)
        await _prove(chains, changed, tables, to)
        undo.pop_all()
    return HandOver(aerich, alembic, manifests)


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
    return replace(registry, modules=modules, _stores={})


def _handed(module: Module, table: str, to: Orm) -> Module:
    told = {**module.migrated_by, table: to}
    return replace(module, migrated_by={name: orm for name, orm in told.items() if orm is not module.orm})


async def _prove_current(chains: Chains) -> None:
    for chain in await chains.status():
        if not chain.is_current:
            what = " ".join(chain.problems) or f"{', '.join(chain.pending)} pending"
            raise CannotHandOver(
                f"The {chain.name} chain is not at its head on this database ({what}): `crossdock migrate up` first."
            )


def _both(chains: Chains) -> tuple[Chain, Chain]:
    """aerich's and alembic's. Raises CannotHandOver where the application has only one."""
    aerich, alembic = chains.of_tool(AERICH), chains.of_tool(ALEMBIC)
    if aerich is None or alembic is None:
        raise CannotHandOver("This project has no two chains: there is nobody to hand a table over to.")
    return aerich, alembic


async def _prove(chains: Chains, registry: Registry, tables: Sequence[str], to: Orm) -> None:
    """Neither tool would write anything, and the taker's models are the live tables to the letter."""
    aerich, alembic = _both(chains)
    tools: dict[str, Tool] = {
        AERICH: AerichTool(chains.address, registry, aerich),
        ALEMBIC: AlembicTool(chains.address, registry, alembic),
    }
    for name, tool in tools.items():
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
) -> tuple[Path, Path]:
    """The giver's revision and the taker's, which comes after it."""
    aerich_chain, alembic_chain = _both(chains)
    listed = ", ".join(tables)
    slug = f"hand_over_{'_'.join(tables)}"[:SLUG_MAX].rstrip("_")
    aerich, alembic = aerich_chain.revisions(), alembic_chain.revisions()
    numbers = {AERICH: str(len(aerich)), ALEMBIC: next_number(alembic)}
    taker, giver = to.tool, to.other.tool
    needs = {giver: "", taker: f'NEEDS = ("{giver}:{numbers[giver]}",)\n'}
    handed_over = f"HANDED_OVER = {json.dumps(dict.fromkeys(tables, taker))}\n"
    words = {
        "summary": f"Hand {listed} over to {to.tool}.",
        "words": f"{to.tool} migrates {listed} from here on",
        "handed_over": handed_over,
    }
    state = await AerichTool(chains.address, changed, aerich_chain).state()
    aerich_text = AERICH_FILE.format(state=state, needs=needs[AERICH], **words)
    before = f'"{alembic[-1].name}"' if alembic else "None"
    alembic_text = ALEMBIC_FILE.format(number=numbers[ALEMBIC], before=before, needs=needs[ALEMBIC], **words)
    now = Clock().now().strftime("%Y%m%d%H%M%S")
    return (
        _create(aerich_chain.folder / f"{numbers[AERICH]}_{now}_{slug}.py", aerich_text, undo),
        _create(alembic_chain.folder / f"{numbers[ALEMBIC]}_{slug}.py", alembic_text, undo),
    )


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
