"""Modules are found through their manifests: who owns a table, who fulfils a contract, which code is loaded when."""

import pytest

from crossdock.errors import ConfigurationError, ProgrammingError
from crossdock.models.tables import OWN_TABLES
from crossdock.registry import Module, Orm, Registry
from crossdock.transaction import Database
from freight.modules.companies.store import CompanyStore
from tests.application import FREIGHT
from tests.library.scene import PLATFORM, Stop


def registry_of(*modules: Module) -> Registry:
    return Registry(FREIGHT, {module.name: module for module in modules})


def test_modules_are_found_by_name(registry: Registry) -> None:
    """Every folder of the package, in the order of their names, under the name that its manifest says."""
    names = [module.name for module in registry]
    assert names == sorted(names)
    assert {"accounts", "bids", "bookings", "companies", "ledger", "shipments"} <= set(names)
    assert all(registry.modules[name].name == name for name in names)


def test_two_owners_of_one_table_are_an_error() -> None:
    """It names the table and both of them."""
    registry = registry_of(
        Module(name="freight", orm=Orm.TORTOISE, tables=("loads", "lorries")),
        Module(name="yard", orm=Orm.SQLALCHEMY, tables=("docks", "lorries")),
    )
    with pytest.raises(ConfigurationError) as caught:
        registry.owners()
    assert str(caught.value) == "The table lorries has two owners: freight and yard. Take it out of one."


@pytest.mark.parametrize("table", OWN_TABLES)
def test_the_kernels_tables_are_its_own(table: str) -> None:
    """A module that claims one is told whose it is."""
    registry = registry_of(Module(name="freight", orm=Orm.TORTOISE, tables=(table,)))
    with pytest.raises(ConfigurationError, match=f"The table {table} has two owners: the library and freight"):
        registry.owners()


def test_a_contract_is_fulfilled_by_the_orm_that_the_manifest_names(registry: Registry) -> None:
    """`Tortoise<contract>` or `SqlAlchemy<contract>` of the contract's own module."""
    module, implementation = registry.store(CompanyStore)
    assert (module.name, implementation.__name__) == ("companies", "TortoiseCompanyStore")
    assert registry.store(CompanyStore) == (module, implementation)


def test_a_class_that_is_no_contract_is_refused(registry: Registry) -> None:
    """With its name, and where stores are looked for."""
    refused = (
        r"Stop of \S+ is not the store of any module in freight\.modules\. Contracts are looked for in "
        r"freight\.modules\.\S+\.store, .* its manifest says which: `package`\."
    )
    with pytest.raises(ProgrammingError, match=refused):
        registry.store(Stop)


@pytest.mark.parametrize("orm", Orm)
def test_a_plain_name_stays_the_other_orms(orm: Orm) -> None:
    """`models` beside `models_sqlalchemy`: whose it is does not change with the word of the manifest at the end of a
    move."""
    module = Module("shop", orm, ("books",), models=("shop.models", "shop.models_sqlalchemy"))
    assert module.models_of(Orm.TORTOISE) == ("shop.models",)
    assert module.models_of(Orm.SQLALCHEMY) == ("shop.models_sqlalchemy",)


@pytest.mark.parametrize("orm", Orm)
def test_a_plain_name_alone_is_the_modules(orm: Orm) -> None:
    """Where no name says an ORM, or another one does, it is that of the manifest."""
    module = Module("shop", orm, ("books",), models=("shop.models", f"shop.models_{orm.other.value}"))
    assert module.models_of(orm) == ("shop.models",)


def test_models_are_those_of_the_orm_that_holds_the_truth(registry: Registry) -> None:
    """One models file for each module with tables, of its own ORM only."""
    tortoise, sqlalchemy = registry.model_modules(Orm.TORTOISE), registry.model_modules(Orm.SQLALCHEMY)
    assert "freight.modules.companies.models_tortoise" in tortoise
    assert "freight.modules.ledger.models_sqlalchemy" in sqlalchemy
    assert len(tortoise) + len(sqlalchemy) == len([module for module in registry if module.tables])


def test_every_module_has_its_own_settings(registry: Registry) -> None:
    """One frozen object for each module that has settings, under its class."""
    settings = registry.settings()
    assert all(isinstance(value, kind) for kind, value in settings.items())
    assert len(settings) == len([module for module in registry if module.settings])


async def test_a_unit_gives_a_module_its_settings(database: Database) -> None:
    """The one that was read at the start."""
    async with database.transaction(PLATFORM) as tx:
        for kind, value in database.module_settings.items():
            assert tx.settings(kind) is value
