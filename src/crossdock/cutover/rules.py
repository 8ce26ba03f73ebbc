"""What a module says about its own move: beside its store, in a file `moving.py` that has a `MOVING`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.registry import Module, Registry
from crossdock.registry.registry import is_there
from crossdock.tenancy import Scope

FILE = "moving"
NAME = "MOVING"
EVERY_METHOD = "*"


@dataclass(frozen=True, slots=True)
class Ignore:
    """Values that may differ, with the reason. `path` is as a mismatch shows it, with `*` for any one part, as in
    `items.*.created_at`, or `rows.orders.*.id`."""

    method: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Clean:
    """A function that both answers of a method go through before they are compared, with the reason."""

    method: str
    function: Callable[[Any], Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """Calls that no traffic makes often enough: `run` is given the module's store, and makes them.

    It runs in a transaction of `scope` that is rolled back, and each call is compared (`crossdock move exercise`).
    """

    name: str
    scope: Scope
    run: Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Moving:
    """Of one module. `secrets` are names of fields that are masked wherever a mismatch is kept, beside the usual."""

    ignore: tuple[Ignore, ...] = ()
    clean: tuple[Clean, ...] = ()
    cases: tuple[Case, ...] = ()
    secrets: tuple[str, ...] = ()

    def cleaned(self, method: str, value: Any) -> Any:
        """An answer as it is compared."""
        for each in self.clean:
            if each.method in (method, EVERY_METHOD):
                value = each.function(value)
        return value

    def ignores(self, method: str, path: str) -> bool:
        """Whether a difference at a path is none."""
        rules = (each for each in self.ignore if each.method in (method, EVERY_METHOD))
        return any(_fits(path.split("."), rule.path.split(".")) for rule in rules)


def _fits(path: list[str], pattern: list[str]) -> bool:
    return len(path) == len(pattern) and all(want in ("*", part) for part, want in zip(path, pattern, strict=True))


def moving(registry: Registry, module: Module) -> Moving:
    """What a module says; nothing where it has no such file."""
    if not is_there(f"{registry.package_of(module)}.{FILE}"):
        return Moving()
    found: Moving = registry.load(module, f"{FILE}:{NAME}")
    return found


Rules = Mapping[str, Moving]
"""Module → what it says."""
