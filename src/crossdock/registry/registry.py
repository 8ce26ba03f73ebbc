"""Finds every module through its manifest, and answers who fulfils a store contract."""

import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from crossdock.application import Application
from crossdock.config.variables import wrong
from crossdock.errors import ConfigurationError, ProgrammingError
from crossdock.models.names import OWN_TABLES
from crossdock.registry.manifest import Module, Orm

SHARED = Module(name="shared", orm=Orm.SQLALCHEMY, tables=OWN_TABLES, summary="what all modules share")
"""The owner of the library's own tables, and of the application's rules that belong to no module. It is no module:
nothing finds it by its name."""

STORE_PREFIX = {Orm.TORTOISE: "Tortoise", Orm.SQLALCHEMY: "SqlAlchemy"}


@dataclass(frozen=True)
class Registry:
    """All modules of one application, by name, in the order of their names."""

    application: Application
    modules: dict[str, Module]
    chosen: dict[str, Orm] = field(default_factory=dict, repr=False)
    """Module → the ORM that answers for it, whatever its manifest and its stage say."""
    _contracts: dict[type[Any], Module] = field(default_factory=dict, repr=False)
    _implementations: dict[tuple[type[Any], Orm], type[Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def discover(cls, application: Application) -> "Registry":
        """Imports `<package>.<name>.module` of every folder, and manifests that are listed. Raises ConfigurationError
        when two own one table."""
        application.make_importable()
        modules: dict[str, Module] = {}
        for named in application.modules_named:
            for name, module in (_listed if ":" in named else _in_folders)(application, named):
                if name in modules:
                    raise ConfigurationError(f"There are two modules called {name}. Give one of them another name.")
                modules[name] = module
        registry = cls(application, dict(sorted(modules.items())))
        registry.owners()
        return registry

    @classmethod
    def found(cls) -> "Registry":
        """Of the application of the current folder. Raises NoProject."""
        return cls.discover(Application.find())

    @property
    def package(self) -> str:
        """The package of the modules: the first one that has a folder for each, or the one of the list of manifests."""
        return _first_package(self.application)

    def package_of(self, module: Module) -> str:
        """The package of one module."""
        return module.package or f"{self.package}.{module.name}"

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules.values())

    def owners(self) -> dict[str, Module]:
        """Table → the module that owns it. Raises ConfigurationError naming both when there are two."""
        owners: dict[str, Module] = {}
        for module in self:
            for table in module.tables:
                if table in owners or table in OWN_TABLES:
                    other = owners[table].name if table in owners else "the library"
                    raise ConfigurationError(
                        f"The table {table} has two owners: {other} and {module.name}. Take it out of one."
                    )
                owners[table] = module
            for table in module.migrated_by.keys() - set(module.tables):
                raise ConfigurationError(
                    f"The manifest of {module.name} says who migrates {table}, which is not among its tables."
                )
        return owners

    def owner(self, table: str) -> Module | None:
        """The module that owns a table, SHARED for the library's own, None for a table of nobody."""
        return SHARED if table in OWN_TABLES else self.owners().get(table)

    def migrated_by(self, table: str) -> Orm:
        """The ORM whose chain migrates a table. Raises ConfigurationError for a table of nobody."""
        owner = self.owner(table)
        if owner is None:
            raise ConfigurationError(f"The table {table} has no owner: name it in the manifest of a module.")
        return owner.tool_of(table)

    def tables_of(self, orm: Orm) -> dict[str, Module]:
        """The tables that one ORM's chain migrates → their owners. The library's own are SQLAlchemy's."""
        owners = self.owners() | dict.fromkeys(OWN_TABLES, SHARED)
        return {table: owner for table, owner in owners.items() if owner.tool_of(table) is orm}

    def load(self, module: Module, path: str) -> Any:
        """The object at `file:name` of a module's package, as in `routes:router`."""
        file, _, name = path.partition(":")
        return getattr(import_module(f"{self.package_of(module)}.{file}"), name)

    def model_modules(self, orm: Orm) -> list[str]:
        """The dotted names of the models files of one ORM."""
        return _each_once(
            file
            for module in self
            if module.orm is orm and module.tables
            for file in module.models_of(orm) or [self._by_convention(module, orm)]
        )

    def all_models(self, orm: Orm) -> list[str]:
        """The same of every module that has models of it: a module that is moving has those of both."""
        return _each_once(file for files in self.model_files(orm).values() for file in files)

    def model_files(self, orm: Orm) -> dict[str, tuple[str, ...]]:
        """Module → the dotted names of its models files for one ORM, of every module that has one."""
        found = {module.name: self._files(module, orm) for module in self if module.tables}
        return {name: files for name, files in found.items() if files}

    def _files(self, module: Module, orm: Orm) -> tuple[str, ...]:
        if module.models:
            return module.models_of(orm)
        file = self._by_convention(module, orm)
        return (file,) if is_there(file) else ()

    def _by_convention(self, module: Module, orm: Orm) -> str:
        return f"{self.package_of(module)}.models_{orm.value}"

    def store(self, contract: type[Any]) -> tuple[Module, type[Any]]:
        """The module that a store contract belongs to, and the class that fulfils it while the module does not move."""
        module = self.module_of(contract)
        return module, self.implementation(contract, self.orm_of(module))

    def orm_of(self, module: Module) -> Orm:
        """The ORM that answers for a module while it does not move."""
        return self.chosen.get(module.name, module.orm)

    def module_of(self, contract: type[Any]) -> Module:
        """The module that a store contract belongs to. Raises ProgrammingError."""
        found = self._contracts.get(contract)
        if found is None:
            found = self._contracts[contract] = self._find_module(contract)
        return found

    def implementation(self, contract: type[Any], orm: Orm) -> type[Any]:
        """The class that fulfils a contract on one ORM."""
        found = self._implementations.get((contract, orm))
        if found is None:
            path = f"store_{orm.value}:{STORE_PREFIX[orm]}{contract.__name__}"
            found = self._implementations[contract, orm] = self.load(self.module_of(contract), path)
        return found

    def has_store(self, module: Module, orm: Orm) -> bool:
        """Whether a module has a store on an ORM: one that is moving has both."""
        return module.store is not None and is_there(f"{self.package_of(module)}.store_{orm.value}")

    def answered_by(self, contract: type[Any], orm: Orm) -> "Registry":
        """The same modules, the contracts of one fulfilled by the ORM of choice, for a module that has both pairs.

        The manifests stay as they are: the models that refer to its tables need its own, whoever answers for it.
        """
        module = self.module_of(contract)
        return replace(self, chosen=self.chosen | {module.name: orm})

    def _find_module(self, contract: type[Any]) -> Module:
        for module in self:
            if module.store and contract.__module__ == f"{self.package_of(module)}.store":
                return module
        looked = [f"{self.package_of(module)}.store" for module in self if module.store]
        raise ProgrammingError(
            f"{contract.__qualname__} of {contract.__module__} is not the store of any module in {self.package}."
            f" Contracts are looked for in {', '.join(looked) or 'nothing: no manifest has `store`'}."
            " Where a module's files are in another package, its manifest says which: `package`."
        )

    def routers(self) -> list[Any]:
        return [self.load(module, module.router) for module in self if module.router]

    def settings(self) -> dict[type[BaseSettings], BaseSettings]:
        """Each module's own settings, from `CROSSDOCK_<MODULE>__*`. Raises ConfigurationError for a wrong value."""
        return {module.settings: _read(module.settings) for module in self if module.settings}


def _in_folders(application: Application, package: str) -> Iterator[tuple[str, Module]]:
    """Name of the folder → its manifest."""
    for name in sorted(info.name for info in pkgutil.iter_modules(import_module(package).__path__) if info.ispkg):
        module = import_module(f"{package}.{name}.module").MODULE
        is_said = module.package or package == _first_package(application)
        yield name, module if is_said else replace(module, package=f"{package}.{name}")


def _listed(application: Application, path: str) -> Iterator[tuple[str, Module]]:
    """Of a sequence of manifests. Raises ConfigurationError where it is none."""
    found = application.load(path)
    if not isinstance(found, list | tuple) or not all(isinstance(each, Module) for each in found):
        raise ConfigurationError(f"[tool.crossdock] names {path} as modules, which is no list of crossdock's Module.")
    for module in found:
        home = f"{_parent(path)}.{module.name}".lstrip(".")
        yield module.name, module if module.package else replace(module, package=home)


def _first_package(application: Application) -> str:
    named = application.modules_named
    return next((each for each in named if ":" not in each), _parent(named[0]) if named else "")


def _parent(path: str) -> str:
    """Of `library.manifests:MODULES`: `library`."""
    return path.partition(":")[0].rpartition(".")[0]


def _each_once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def is_there(name: str) -> bool:
    """Whether a module can be imported by its dotted name; False too where the package around it is missing."""
    return _spec(name) is not None


def is_package(name: str) -> bool:
    """Whether it is a folder, which may have other files than code."""
    spec = _spec(name)
    return spec is not None and spec.submodule_search_locations is not None


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ModuleNotFoundError:
        return None


def _read(kind: type[BaseSettings]) -> BaseSettings:
    try:
        return kind()
    except ValidationError as error:
        raise wrong(error, kind.model_config.get("env_prefix", "")) from None
