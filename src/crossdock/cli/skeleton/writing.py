"""Writes the files of a new module, all or none: beside their place first, then moved there."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module, invalidate_caches
from pathlib import Path

from crossdock.cli.skeleton.fields import Field
from crossdock.cli.skeleton.files import Templates
from crossdock.cli.skeleton.names import Names
from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError, Conflict
from crossdock.migrations.authoring.standing import need_current
from crossdock.migrations.authoring.tidying import tidy
from crossdock.migrations.authoring.writing import write_revision
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry


class NameTaken(Conflict):
    """The name is taken."""


class FileThere(Conflict):
    """A file is there already."""


@dataclass(frozen=True, slots=True)
class Written:
    """The files, the revision last, and what ruff could not mend in them."""

    files: tuple[Path, ...]
    left: str


async def write_module(settings: Settings, names: Names, fields: Sequence[Field], tests: Path) -> Written:
    """Raises NameTaken, FileThere, Behind, and what `migrate new` raises; then no file is left."""
    registry = Registry.found()
    package = _package_of_modules(registry)
    _refuse_taken(registry, names)
    folder = Path(next(iter(import_module(package).__path__)))
    module = folder / names.module
    templates = Templates.of(registry.application)
    tested = {tests / path: text for path, text in templates.tests(names, fields, package).items()}
    _refuse_there([module, *tested])
    _need_folders(tests, tested)
    await need_current(Runner(settings, registry).chains)
    async with _staged(package, folder) as stage:
        made = _write(stage / names.module, templates.module(names, fields, package))
        moved = {stage / "tests" / str(number): path for number, path in enumerate(tested)}
        _write(stage / "tests", {path.name: tested[target] for path, target in moved.items()})
        found = Registry.discover(registry.application)
        revision = await write_revision(Runner(settings, found), found, names.module, f"Add {names.table}")
        _move({stage / names.module: module, **moved}, revision)
    files = (*(module / path for path in made), *tested, revision)
    return Written(files, tidy(files))  # at their places: only there ruff knows which imports are ours


def _package_of_modules(registry: Registry) -> str:
    """Raises ConfigurationError where all manifests are listed in a file, which nothing is written into."""
    named = registry.application.modules_named
    if all(":" in each for each in named):
        listed = ", ".join(f'"{each}"' for each in named)
        raise ConfigurationError(
            "A new module is a folder in a package of modules, and [tool.crossdock] names none. Make an empty package,"
            f' {registry.package}.modules say, and name it: modules = [{listed}, "{registry.package}.modules"].'
        )
    return registry.package


def _refuse_taken(registry: Registry, names: Names) -> None:
    if names.module in registry.modules:
        raise NameTaken(f"There is a module {names.module} already: choose another name.")
    owner = registry.owner(names.table)
    if owner is not None:
        raise NameTaken(f"{names.table} is a table of {owner.name} already: choose another name.")
    _refuse_taken_path(registry, f"/v1/{names.module.replace('_', '-')}")


def _refuse_taken_path(registry: Registry, url: str) -> None:
    routers = registry.routers()
    if not routers:
        return
    from crossdock.web.paths import paths_of  # here: where there are routers, FastAPI is installed

    if any(path == url or path.startswith(f"{url}/") for path in paths_of(routers)):
        raise NameTaken(f"{url} is a path of another module already: choose another name.")


def _refuse_there(paths: Sequence[Path]) -> None:
    for path in paths:
        if path.exists():
            raise FileThere(f"{path} is there already: nothing was written.")


def _need_folders(tests: Path, tested: Iterable[Path]) -> None:
    """Raises FileThere. The tests' folders are packages where the folder of all tests is one."""
    for path in tested:
        kind, is_there = "folder", path.parent.is_dir()
        if (tests / "__init__.py").is_file():
            kind, is_there = "package", (path.parent / "__init__.py").is_file()
        if not is_there:
            raise FileThere(f"There is no {kind} {path.parent} to write {path.name} into: see --tests.")


@asynccontextmanager
async def _staged(package: str, folder: Path) -> AsyncIterator[Path]:
    """A folder whose modules are found as those of the package. A point before its name: no other process finds it."""
    where = import_module(package).__path__
    stage = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    where.append(str(stage))
    invalidate_caches()
    try:
        yield stage
    finally:
        where.remove(str(stage))
        shutil.rmtree(stage)


def _write(folder: Path, texts: dict[str, str]) -> list[str]:
    """Returns the paths below the folder."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return list(texts)


def _move(moves: dict[Path, Path], revision: Path) -> None:
    """What was moved goes back where it came from if the next one cannot be; the revision goes with them."""
    with ExitStack() as undo:
        undo.callback(revision.unlink)
        for path, target in moves.items():
            path.rename(target)
            undo.callback(target.rename, path)
        undo.pop_all()
