"""Every document of the project, found through the registry."""

from collections.abc import Mapping
from importlib import import_module
from typing import TypeAlias

from crossdock.documents.listing import Listing
from crossdock.documents.single import Single
from crossdock.registry import Registry
from crossdock.registry.registry import is_there

FILE = "documents"

DocumentStatement: TypeAlias = Single | Listing


def catalogue(registry: Registry) -> Mapping[str, DocumentStatement]:
    """`books.page` → what `page` is in the module's `documents.py`."""
    found: dict[str, DocumentStatement] = {}
    for module in registry:
        path = f"{registry.package_of(module)}.{FILE}"
        if not is_there(path):
            continue
        values = vars(import_module(path)).items()
        found |= {f"{module.name}.{name}": each for name, each in values if isinstance(each, Single | Listing)}
    return found


def compile_all(registry: Registry) -> None:
    """Raises CannotCompile, naming schema and field: a service with a wrong document does not start."""
    for document in catalogue(registry).values():
        _ = document.compiled
