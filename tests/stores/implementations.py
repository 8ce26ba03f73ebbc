"""The stores that a contract's tests run over: every implementation that the module's folder has."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from crossdock.registry import Orm
from crossdock.registry.registry import STORE_PREFIX


def orms(contract: type[Any]) -> list[Orm]:
    """One while a module has one pair of files, both while it moves."""
    package = contract.__module__.removesuffix(".store")
    return [orm for orm in Orm if find_spec(f"{package}.store_{orm.value}")]


def implementations(contract: type[Any]) -> list[type[Any]]:
    """The class of each of them."""
    package = contract.__module__.removesuffix(".store")
    return [
        getattr(import_module(f"{package}.store_{orm.value}"), f"{STORE_PREFIX[orm]}{contract.__name__}")
        for orm in orms(contract)
    ]
