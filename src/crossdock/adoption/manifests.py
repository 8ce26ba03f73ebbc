"""The manifests of what was found: one for each file of models, in one file beside them."""

import keyword
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from crossdock.adoption.found import ModelsFile
from crossdock.adoption.project import Project
from crossdock.errors import ConfigurationError
from crossdock.registry import Module

FILES = ("manifests", "crossdock_manifests")
"""What the file is called: the second, where there is one of the first name already."""
SAYS_NOTHING = {
    *("db", "database", "entities", "entity", "model", "models", "orm", "persistence", "schema", "tables"),
    *("sa", "sqlalchemy", "tortoise", "alembic", "aerich"),
}
"""Parts of a name that do not say what the models are about."""
COMMANDS = {"new", "show", "kernel", "shared"}
"""Names that no module can have: `crossdock modules new`, and the library itself."""
HEAD = '''"""What Crossdock knows of this service: a manifest for each file of models, with the tables in it."""

from crossdock.registry import Module, Orm

MODULES = [
'''


@dataclass(frozen=True, slots=True)
class Manifests:
    """`named` is their path, as [tool.crossdock] has it, and `file` where they are written."""

    named: str
    file: Path
    modules: tuple[Module, ...]

    @property
    def text(self) -> str:
        return HEAD + "".join(_written(module) for module in self.modules) + "]\n"


def manifests_of(project: Project, files: Sequence[ModelsFile]) -> Manifests:
    """Raises ConfigurationError where there is no place for them."""
    folder, package = _place(project, [file.name for file in files])
    for name in FILES:
        file = folder / f"{name}.py"
        if not file.exists():
            named = f"{package}.{name}" if package else name
            return Manifests(f"{named}:MODULES", file, tuple(_modules(project, files)))
    raise ConfigurationError(f"{folder} has both {FILES[0]}.py and {FILES[1]}.py already, and nothing was written.")


def _place(project: Project, names: Sequence[str]) -> tuple[Path, str]:
    """The folder, and the package that it is: the nearest one that all files of models lie in."""
    parents = [name.split(".")[:-1] for name in names]
    shared = []
    for parts in zip(*parents, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    package = ".".join(shared)
    if package:
        folder = Path(next(iter(import_module(package).__path__)))
        if folder.resolve().is_relative_to(project.root):
            return folder.resolve(), package
    return (project.root / project.sources[0]).resolve(), ""


def _modules(project: Project, files: Sequence[ModelsFile]) -> Iterator[Module]:
    names = [_name(project, file) for file in files]
    taken: set[str] = set()
    for file, name in zip(files, names, strict=True):
        unique = name if names.count(name) == 1 else f"{name}_{file.orm.value}"
        while unique in taken:
            unique += "_"
        taken.add(unique)
        yield Module(name=unique, orm=file.orm, tables=file.tables, models=(file.name,))


def _name(project: Project, file: ModelsFile) -> str:
    """The last part of the dotted name that says something: `library.books.models` are books, and so are
    `library.models_books`."""
    for part in reversed(file.name.split(".")):
        words = [word for word in re.split(r"_+", part.lower()) if word and word not in SAYS_NOTHING]
        name = "_".join(words)
        if name and name not in COMMANDS and not keyword.iskeyword(name):
            return name
    return project.name


def _written(module: Module) -> str:
    tables = "".join(f'            "{table}",\n' for table in module.tables)
    return (
        "    Module(\n"
        f'        name="{module.name}",\n'
        f"        orm=Orm.{module.orm.name},\n"
        f"        tables=(\n{tables}        ),\n"
        f'        models=("{module.models[0]}",),\n'
        "    ),\n"
    )
