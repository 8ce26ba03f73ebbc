"""Imports the public names of a package when they are first used: to import the package itself costs nothing."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package (PEP 562). `places` are its modules, each with the public names that it
    defines, in one string."""
    place_of = {name: place for place, names in places.items() for name in names.split()}

    def found(name: str) -> Any:
        place = place_of.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{place}"), name)
        setattr(sys.modules[package], name, value)  # from now on an attribute like any other
        return value

    return found
