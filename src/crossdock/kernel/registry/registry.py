"""Finds every module through its manifest, and answers who fulfils a store contract."""

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pydantic_settings import BaseSettings

from crossdock.kernel.errors import ConfigurationError, ProgrammingError
from crossdock.kernel.registry.manifest import Module, Orm
from crossdock.kernel.schema.names import KERNEL_TABLES

STORE_PREFIX = {Orm.TORTOISE: "Tortoise", Orm.SQLALCHEMY: "SqlAlchemy"}


@dataclass(frozen=True)
class Registry:
    """All modules of one package, by name, in the order of their names."""

    package: str
    modules: dict[str, Module]
    _stores: dict[type[Any], tuple[Module, type[Any]]] = field(default_factory=dict, repr=False)

    @classmethod
    def discover(cls, package: str) -> "Registry":
        """Imports `<package>.<name>.module` of every folder. Raises ConfigurationError when two own one table."""
        names = sorted(info.name for info in pkgutil.iter_modules(import_module(package).__path__) if info.ispkg)
        modules = {name: import_module(f"{package}.{name}.module").MODULE for name in names}
        registry = cls(package, modules)
        registry.owners()
        return registry

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules.values())

    def owners(self) -> dict[str, Module]:
        """Table → the module that owns it. Raises ConfigurationError naming both when there are two."""
        owners: dict[str, Module] = {}
        for module in self:
            for table in module.tables:
                if table in owners or table in KERNEL_TABLES:
                    other = owners[table].name if table in owners else "the kernel"
                    raise ConfigurationError(
                        f"The table {table} has two owners: {other} and {module.name}. Take it out of one."
                    )
                owners[table] = module
        return owners

    def load(self, module: Module, path: str) -> Any:
        """The object at `file:name` of a module's package, as in `routes:router`."""
        file, _, name = path.partition(":")
        return getattr(import_module(f"{self.package}.{module.name}.{file}"), name)

    def model_modules(self, orm: Orm) -> list[str]:
        """The dotted names of the models files of one ORM."""
        return [
            f"{self.package}.{module.name}.models_{orm.value}" for module in self if module.orm is orm and module.tables
        ]

    def store(self, contract: type[Any]) -> tuple[Module, type[Any]]:
        """The module that a store contract belongs to, and the class that fulfils it today."""
        found = self._stores.get(contract)
        if found is None:
            found = self._stores[contract] = self._find_store(contract)
        return found

    def _find_store(self, contract: type[Any]) -> tuple[Module, type[Any]]:
        for module in self:
            if module.store and contract.__module__ == f"{self.package}.{module.name}.store":
                implementation = self.load(
                    module, f"store_{module.orm.value}:{STORE_PREFIX[module.orm]}{contract.__name__}"
                )
                return module, implementation
        raise ProgrammingError(f"{contract.__qualname__} is not the store of any module in {self.package}.")

    def routers(self) -> list[Any]:
        return [self.load(module, module.router) for module in self if module.router]

    def settings(self) -> dict[type[BaseSettings], BaseSettings]:
        """Each module's own settings, read from `CROSSDOCK_<MODULE>__*`."""
        return {module.settings: module.settings() for module in self if module.settings}
