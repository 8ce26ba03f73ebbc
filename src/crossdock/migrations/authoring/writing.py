"""`migrate new`: the tool of a module's chain writes the next revision; what changed in `rules.sql` is added to it."""

import re
from collections.abc import Sequence
from pathlib import Path

from crossdock.errors import Conflict, Invalid, NotFound
from crossdock.migrations.authoring.inserting import insert
from crossdock.migrations.authoring.rules_change import RulesChange, rules_change
from crossdock.migrations.authoring.standing import need_current
from crossdock.migrations.files import literals
from crossdock.migrations.owners import check_owners
from crossdock.migrations.revision import Direction, find
from crossdock.migrations.run.runner import Runner
from crossdock.migrations.tools.formats import FORMATS
from crossdock.migrations.tools.tool import SLUG_MAX
from crossdock.registry import SHARED, Module, Orm, Registry
from crossdock.sql.statement import statements, tables_of

REMARK = re.compile(r"^    # ### .* ###\n", re.MULTILINE)
"""alembic's, around what it has generated."""


class NothingToWrite(Conflict):
    """Models and rules say what the chain says already."""


class OthersDiffer(Conflict):
    """Models of other modules differ as well."""


async def write_revision(
    runner: Runner, registry: Registry, name: str, message: str, *, is_empty: bool = False, needs: Sequence[str] = ()
) -> Path:
    """The file that was made. `needs` are revisions of either chain, as in `aerich:2`.

    Raises NothingToWrite, OthersDiffer, Behind, and whatever is wrong with files, models and database; then no file is
    left.
    """
    check_owners(registry, runner.chains.chains)
    module = module_called(registry, name)
    for need in needs:
        find(runner.chains.revisions, need)
    slug, chain = slug_of(message), chain_of(module).tool
    await need_current(runner.chains)
    await _refuse_to_swallow(runner, module, is_empty=is_empty)
    if chain not in runner.tools:
        raise NothingToWrite(f"This project has no chain of {chain_of(module).tool}'s, whose revision it would be.")
    write = runner.tools[chain].write
    path = await write(slug, message, is_empty=is_empty)
    try:
        change = RulesChange() if is_empty else await _rules_change(runner, registry, module, path)
        if path is None and change:
            path = await write(slug, message, is_empty=True)
        if path is not None:
            insert(path, FORMATS[chain], change)
            head(path, message, module, needs)
            await _refuse_strangers(runner, registry, module, path)
    except BaseException:
        if path is not None:
            path.unlink()
        raise
    if path is None:
        raise NothingToWrite(
            f"Models and rules of {name} say what the {chain} chain says already: there is nothing to write. With"
            " --empty the revision is written by hand."
        )
    return path


async def _rules_change(runner: Runner, registry: Registry, module: Module, path: Path | None) -> RulesChange:
    """What the tool's file does not say yet."""
    sql = "" if path is None else await _script(runner, path)
    return await rules_change(runner.chains.address, registry, module, chain_of(module), sql)


async def _script(runner: Runner, path: Path) -> str:
    """What a file that was just made runs on the way up."""
    runner.chains.forget()
    revision = next(revision for revision in runner.chains.revisions if revision.path == path)
    return await runner.tools[revision.chain].script(revision, Direction.UP) or ""


async def restate(runner: Runner) -> Path:
    """Writes the state of the models into the last file of the chain that keeps it: after a merge it may be that of a
    branch that did not know of the other one's revision. Its statements stay as they are."""
    for chain in runner.chains.chains:
        if chain.format.keeps_state and chain.revisions():
            return await runner.tools[chain.name].restate()
    raise NothingToWrite("No chain here keeps the state of the models in its files, or it has no revision.")


def module_called(registry: Registry, name: str) -> Module:
    """Raises NotFound, with the names that there are. `shared` is one of them."""
    if name == SHARED.name:
        return SHARED
    if name not in registry.modules:
        raise NotFound(f"There is no module {name}: there are {', '.join([*registry.modules, SHARED.name])}.")
    return registry.modules[name]


def chain_of(module: Module) -> Orm:
    """The one ORM whose chain migrates a module's tables. Raises Conflict when half of them were handed over."""
    orms = {module.tool_of(table) for table in module.tables}
    if len(orms) > 1:
        raise Conflict(
            f"The tables of {module.name} belong to both chains ({dict(module.migrated_by)}): hand over the others too,"
            " or write the file with the tool itself."
        )
    return orms.pop() if orms else module.orm


def slug_of(message: str) -> str:
    """`Books: add a note` → `books_add_a_note`. Raises Invalid when nothing is left."""
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:SLUG_MAX].rstrip("_")
    if not slug:
        raise Invalid(f"The message {message!r} names nothing: say in a few words what the revision does.")
    return slug


async def _refuse_to_swallow(runner: Runner, module: Module, *, is_empty: bool) -> None:
    """Where each file keeps the models as they are, an empty one would take in their differences without SQL."""
    orm = chain_of(module)
    if is_empty and FORMATS[orm.tool].keeps_state:
        found = await runner.tools[orm.tool].differences()
        if found:
            raise Conflict(
                f"The {orm.value.title()} models differ from the chain ({found[0]}): write that first, without --empty."
            )


async def _refuse_strangers(runner: Runner, registry: Registry, module: Module, path: Path) -> None:
    sql = await _script(runner, path)
    changed = {table for statement in statements(sql) for table in changed_by(statement, tables_of(statement))}
    strangers = sorted(changed & {table for table, owner in registry.owners().items() if owner is not module})
    if strangers:
        raise OthersDiffer(
            f"Models of other modules differ as well: {', '.join(strangers)}. Write theirs first, one revision each; no"
            " file was kept."
        )


def changed_by(statement: object, named: set[str]) -> set[str]:
    """Of the tables that a statement names, those that it changes: the target of a foreign key is only named."""
    node = getattr(statement, "node", None)
    relation = getattr(node, "relation", None)
    return {relation.relname} if relation is not None and relation.relname else named


def head(path: Path, message: str, module: Module, needs: Sequence[str]) -> None:
    """The docstring that says what it does, and what it needs."""
    text = REMARK.sub("", path.read_text(encoding="utf-8"))
    if literals(path)["__doc__"]:
        text = text.split('"""', 2)[2].lstrip()
    summary = message.strip().rstrip(".")
    docstring = (
        f'"""{summary[:1].upper()}{summary[1:]}.\n\nTables of {module.name}: {", ".join(module.tables)}.\n"""\n\n'
    )
    if needs:
        listed = ", ".join(f'"{need}"' for need in needs)
        text = _after_imports(text, f"NEEDS = ({listed},)\n")
    path.write_text(docstring + text, encoding="utf-8")


def _after_imports(text: str, line: str) -> str:
    lines = text.splitlines(keepends=True)
    last = max(number for number, each in enumerate(lines) if each.startswith(("import ", "from ")))
    return "".join([*lines[: last + 1], "\n", line, *lines[last + 1 :]])
