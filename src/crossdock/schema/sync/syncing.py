"""Writes the models of a module in the ORM that it has none of, proves them, and takes back what it cannot prove."""

import ast
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import MetaData

from crossdock.address import Address
from crossdock.application import AlembicChain, Application
from crossdock.errors import ConfigurationError
from crossdock.registry import Module, Orm, Registry
from crossdock.schema.expected import read_sides
from crossdock.schema.ownership import models_in, table_of
from crossdock.schema.sync.child import prove_anew
from crossdock.schema.sync.describing import describe, need_in_step
from crossdock.schema.sync.description import Model
from crossdock.schema.sync.file import Generated
from crossdock.schema.sync.frame import Frame, write_frame
from crossdock.schema.sync.proof import Proved, with_files
from crossdock.schema.sync.python import WIDTH
from crossdock.schema.sync.to_sqlalchemy import SqlAlchemyWriter
from crossdock.schema.sync.to_tortoise import TortoiseWriter

HEADINGS = {Orm.SQLALCHEMY: "SQLAlchemy", Orm.TORTOISE: "Tortoise"}


@dataclass(frozen=True, slots=True)
class Synced:
    """What was done: the file, whether it was written or is the same as before, and what was proved of it. `unnamed`
    is its dotted name where the module's manifest lists its models and not this one. `frame` is that of the store.
    `borrowed`: what the file imports from those that it was made of, as enumerations, which therefore have to stay."""

    path: Path
    is_new: bool
    proved: Proved
    unnamed: str | None
    frame: Frame
    borrowed: tuple[str, ...]


async def sync(address: Address, registry: Registry, name: str, to: Orm, *, force: bool = False) -> Synced:
    """Raises NotInStep, UnknownType, ChangedByHand and ReadOtherwise: then no file has changed."""
    module = registry.modules[name]
    files = _sources(module, registry, to)
    target, path = _place(module, registry, files[0], to)
    # Those that are there may be out of date, and still be needed: models of Tortoise relate to one another by name.
    there = (target,) if to is Orm.TORTOISE and path.is_file() else ()
    own = with_files(registry, module, {to.other: files, to: there})
    sides = await read_sides(address, own)
    need_in_step(sides, own, module, only=to.other)
    models = await describe(address, own, own.modules[name], to.other, sides)
    generated = Generated.of(path, _source(files), text_of(models, own, name, to))
    is_new = not generated.is_there
    if is_new and not force:
        generated.check()
    with written(generated):
        proved = await prove_anew(address, registry.application, name, to.other, {to.other: files, to: (target,)})
    unnamed = target if module.models and target not in module.models else None
    frame = write_frame(registry, module, to, models, target, _own_sources(registry.application))
    return Synced(path, is_new, proved, unnamed, frame, _borrowed(generated.text, files))


def _borrowed(text: str, files: tuple[str, ...]) -> tuple[str, ...]:
    """What a generated text imports from the files that it was made of."""
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module in files:
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.Import):
            names |= {each.name for each in node.names if each.name in files}
    return tuple(sorted(names))


def _sources(module: Module, registry: Registry, to: Orm) -> tuple[str, ...]:
    """The files that the new one is made of. Raises ConfigurationError where they are not the ones to make it of."""
    mine = next((table for table in module.tables if module.tool_of(table) is to), None)
    if mine:
        raise ConfigurationError(
            f"{mine} is migrated by {to.tool}, so its models for {to.value} say what is true, and are written by hand."
            f" Write the others from them: --to {to.other.value}."
        )
    files = registry.model_files(to.other).get(module.name)
    if not files:
        raise ConfigurationError(f"{module.name} has no models for {to.other.value} to make those for {to.value} of.")
    return files


@contextmanager
def written(generated: Generated) -> Iterator[None]:
    """The file is there inside, and afterwards only where nothing was raised."""
    if generated.is_there:
        yield
        return
    before = generated.path.read_text(encoding="utf-8") if generated.path.is_file() else None
    generated.write()
    importlib.invalidate_caches()
    try:
        yield
    except BaseException:
        if before is None:
            generated.path.unlink()
        else:
            generated.path.write_text(before, encoding="utf-8")
        raise


def _place(module: Module, registry: Registry, source: str, to: Orm) -> tuple[str, Path]:
    """The dotted name and the path of the new file: beside the source, or where the anatomy of a module has it."""
    package, _, _ = source.rpartition(".")
    is_shared = [source in files for files in registry.model_files(to.other).values()].count(True) > 1
    name = f"{module.name}_{to.value}" if is_shared else f"models_{to.value}"
    spec = find_spec(source)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    return f"{package}.{name}".lstrip("."), folder / f"{name}.py"


def _source(files: tuple[str, ...]) -> str:
    return " and ".join(f"{file.rpartition('.')[2]}.py" for file in files)


def text_of(models: list[Model], registry: Registry, name: str, to: Orm) -> str:
    """The file of a module's models in one ORM."""
    application = registry.application
    writer = _writer(models, registry, to)
    written = writer.written()
    apart = "\n\n\n" if written.startswith("class ") else "\n\n"
    text = (
        f'"""The tables of {name}, in {HEADINGS[to]}: the same columns, indexes and names."""\n\n'
        f"{writer.imports.written(_own_sources(application))}{apart}{written}"
    )
    return f"# ruff: noqa: E501\n{text}" if any(len(line) > WIDTH for line in text.splitlines()) else text


def _writer(models: list[Model], registry: Registry, to: Orm) -> SqlAlchemyWriter | TortoiseWriter:
    if to is Orm.SQLALCHEMY:
        return SqlAlchemyWriter(models, *_base(registry.application))
    app = registry.application.tortoise_app
    others = [each for file in registry.all_models(Orm.TORTOISE) for each in models_in(file)]
    return TortoiseWriter(models, app, {table_of(each): f"{app}.{each.__name__}" for each in others})


def _own_sources(application: Application) -> list[Path]:
    """The folders that the application's own packages are in."""
    return [application.root / source for source in application.sources]


def _base(application: Application) -> tuple[tuple[str, str], MetaData]:
    """The declarative base of the application's models. Raises ConfigurationError."""
    chain = application.alembic
    named = chain.metadata if chain else AlembicChain.model_fields["metadata"].default
    base = application.load(named)
    if not hasattr(base, "registry"):
        raise ConfigurationError(f"{named} is no declarative base: name one as `metadata` in [tool.crossdock.alembic].")
    module, _, name = named.partition(":")
    return (module, name), base.metadata
