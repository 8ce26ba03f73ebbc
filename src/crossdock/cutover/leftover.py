"""The files of the ORM that a module has left: which of them something still needs."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import is_there
from crossdock.schema.ownership import models_in

NAMED_MAX = 4


def left_over(registry: Registry, module: Module, gone: Orm) -> list[str]:
    """A sentence for each file of `gone` that is still there: who needs it, or that it can be deleted."""
    package = registry.package_of(module)
    own = [f"{package}.{kind}_{gone.value}" for kind in ("store", "models")]
    # In a service of one's own the first models are in `models.py`, say.
    files = list(dict.fromkeys([*own, *registry.model_files(gone).get(module.name, ())]))
    return [
        _said(file, sorted(_needed_by(registry, module, gone, file, files)), _top(registry.package))
        for file in files
        if is_there(file)
    ]


def _said(file: str, needed_by: list[str], looked_in: str) -> str:
    name = f"{file.rpartition('.')[2]}.py"
    if needed_by:
        others = f" and {len(needed_by) - NAMED_MAX} others" if len(needed_by) > NAMED_MAX else ""
        return f"{name} has to stay: it is needed by {', '.join(needed_by[:NAMED_MAX])}{others}."
    return f"{name} is needed by nothing in {looked_in}: delete it, or keep it for the way back."


def _needed_by(registry: Registry, module: Module, gone: Orm, file: str, own: list[str]) -> Iterator[str]:
    """Files that import it, but for those that go with it, and relations of other modules' models to its models."""
    for path, text in _sources(registry.package).items():
        if _names(file, path, text) and not any(_is_of(path, each) for each in own):
            yield path
    if gone is Orm.TORTOISE and file in registry.model_files(gone).get(module.name, ()):
        yield from _relations(registry, file)


def _is_of(path: str, file: str) -> bool:
    """Whether a source is that file, or lies in the package of its name."""
    name = file.replace(".", "/")
    return path == f"{name}.py" or path.startswith(f"{name}/")


def _names(file: str, path: str, text: str) -> bool:
    """Whether a source names a file, by an import of any kind or in a text, as a manifest does."""
    return bool(re.search(rf"\b{re.escape(file)}\b", text)) or file in _imported(path, text)


def _imported(path: str, text: str) -> Iterator[str]:
    """What `from ... import ...` may import, in full: each name may be a file or something in one."""
    folders = path.split("/")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            base = folders[: len(folders) + 1 - node.level] if node.level else []
            parts = [*base, node.module] if node.module else base
            yield ".".join(parts)
            yield from (".".join([*parts, each.name]) for each in node.names)


def _top(package: str) -> str:
    return package.partition(".")[0]


def _sources(package: str) -> dict[str, str]:
    """Path → text, of the application's whole package."""
    (root,) = import_module(_top(package)).__path__
    return {
        path.relative_to(Path(root).parent).as_posix(): path.read_text(encoding="utf-8")
        for path in Path(root).rglob("*.py")
    }


def _relations(registry: Registry, gone: str) -> Iterator[str]:
    """Tortoise's relations name a model, and have to find it. SQLAlchemy's foreign keys name a table."""
    models = {model.__name__ for model in models_in(gone)}
    files = {file for files in registry.model_files(Orm.TORTOISE).values() for file in files} - {gone}
    for model in (model for file in files for model in models_in(file)):
        yield from (f"{model.__name__}.{name}" for name, field in _related(model) if field in models)


def _related(model: Any) -> Iterator[tuple[str, str]]:
    """Field → the name of the model that it leads to."""
    for name, field in model._meta.fields_map.items():
        if led_to := getattr(field, "model_name", None):
            yield name, str(led_to).rpartition(".")[2]
