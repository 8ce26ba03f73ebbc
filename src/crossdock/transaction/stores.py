"""Chooses the store that fulfils a contract: by the stage of its module, and by the scope."""

import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from crossdock.errors import ReadOnly
from crossdock.registry import Orm, Registry
from crossdock.stages import EVERYTHING, ModuleState, Stages
from crossdock.tenancy import Platform, Scope, Tenancy


def draw() -> int:
    """A lot, for a unit of work."""
    return random.getrandbits(32)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who answers a contract for one unit of work. `other` is the ORM that is compared with it, where one is."""

    contract: type[Any]
    state: ModuleState
    orm: Orm
    other: Orm | None = None


class Comparing(Protocol):
    """Puts a store that compares in the place of one that answers (`crossdock.cutover`)."""

    def reads(self, choice: Choice, unit: Any, store: Any) -> Any:
        """The store to read by."""
        ...

    def writes(self, choice: Choice, unit: Any, store: Any) -> Any:
        """The store of a transaction."""
        ...


class Stores:
    """Those of one process. `comparing` is None where nothing is compared, as in a command."""

    comparing: Comparing | None = None

    def __init__(self, registry: Registry, stages: Stages, tenancy: Tenancy) -> None:
        self._registry = registry
        self._stages = stages
        self._tenancy = tenancy
        self._settled: dict[type[Any], Choice] = {}
        """Of modules that do not move: the choice is the same for every scope."""
        self._moves = {module.name: all(registry.has_store(module, orm) for orm in Orm) for module in registry}

    def choose(self, contract: type[Any], scope: Scope, drawn: int | None = None) -> Choice:
        """A module whose stage names an ORM that it has no store of is answered for as its manifest says: so does a
        process with older or newer code, and it is right, since both work on the same tables. `drawn` is that of the
        unit of work, so that all its stores of a module are of one ORM."""
        settled = self._settled.get(contract)
        if settled is not None and self._stages.of(settled.state.module) is settled.state:
            return settled
        module = self._registry.module_of(contract)
        state, own = self._stages.of(module.name), self._registry.orm_of(module)
        if state.candidate is None or not self._moves[module.name] or module.name in self._registry.chosen:
            choice = self._settled[contract] = Choice(contract, state, own)
            return choice
        orm = state.orm_for(self._key(scope, drawn)) or own
        return Choice(contract, state, orm, orm.other if state.is_compared else None)

    def _key(self, scope: Scope, drawn: int | None) -> Hashable:
        """Whom a share of the scopes is counted by. Without tenants all have one scope, and a share of one is none or
        all: so it is a share of the units of work."""
        if self._tenancy.is_none and not isinstance(scope, Platform):
            return draw() if drawn is None else drawn
        return self._tenancy.queue_of(scope)

    def need_writable(self) -> None:
        """Raises ReadOnly where all modules are read-only."""
        _need_writable(self._stages.of(EVERYTHING))

    def to_read(self, choice: Choice, unit: Any) -> Any:
        """The store of a reading."""
        return self._made(choice, unit, None if self.comparing is None else self.comparing.reads)

    def to_write(self, choice: Choice, unit: Any) -> Any:
        """The store of a transaction. Raises ReadOnly where its module is."""
        _need_writable(choice.state)
        return self._made(choice, unit, None if self.comparing is None else self.comparing.writes)

    def _made(self, choice: Choice, unit: Any, compare: Callable[[Choice, Any, Any], Any] | None) -> Any:
        store = self._registry.implementation(choice.contract, choice.orm)(unit)
        if compare is None or choice.other is None:
            return store
        return compare(choice, unit, store)


def _need_writable(state: ModuleState) -> None:
    if state.read_only:
        raise ReadOnly(state.module, state.reason)
