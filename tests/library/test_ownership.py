"""Every table has one owner and one tool: manifests, models and chains agree, or it is said who else claims what."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crossdock.errors import ConfigurationError
from crossdock.models.tables import OWN_TABLES
from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import SHARED
from crossdock.schema.ownership import Misowned, check_ownership, faults, modelled
from tests.application import application

TORTOISE = """
from tortoise import Model, fields

class {name}(Model):
    id = fields.UUIDField(primary_key=True)

    class Meta:
        table = "{table}"
"""
SQLALCHEMY = """
from sqlalchemy import Column, MetaData, Table, Uuid
from crossdock.models.foreign import foreign_table

{name} = Table("{table}", MetaData(), Column("id", Uuid, primary_key=True))
stub = foreign_table(MetaData(), "companies")
"""


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """A package for modules of a test's own, forgotten afterwards."""
    folder = tmp_path / f"yard_{tmp_path.name.replace('-', '_')}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    sys.path.insert(0, str(tmp_path))
    yield folder
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        del sys.modules[name]


def module(package: Path, name: str, orm: Orm, *tables: str, models: dict[Orm, list[str]], **more: Orm) -> Module:
    """A module with the files that its models need, one model for each table named. `more` is `migrated_by`."""
    folder = package / name
    folder.mkdir()
    (folder / "__init__.py").touch()
    for each, mapped in models.items():
        text = TORTOISE if each is Orm.TORTOISE else SQLALCHEMY
        source = "".join(text.format(name=table.title(), table=table) for table in mapped)
        (folder / f"models_{each.value}.py").write_text(source)
    return Module(name=name, orm=orm, tables=tables, migrated_by=more)


def registry_of(package: Path, *modules: Module) -> Registry:
    return Registry(application(package.name), {module.name: module for module in modules})


def test_the_tree_as_it_is_has_no_fault(registry: Registry) -> None:
    """Every table of a manifest has a model in the ORM that migrates it, and every model is in its own manifest."""
    assert list(faults(registry)) == []
    check_ownership(registry)


def test_each_table_has_one_tool(registry: Registry) -> None:
    """The tables of the two chains are all tables, and no table is in both."""
    tortoise, sqlalchemy = registry.tables_of(Orm.TORTOISE), registry.tables_of(Orm.SQLALCHEMY)
    assert not tortoise.keys() & sqlalchemy.keys()
    assert tortoise.keys() | sqlalchemy.keys() == registry.owners().keys() | set(OWN_TABLES)
    assert all(registry.migrated_by(table) is Orm.TORTOISE for table in tortoise)
    assert all(sqlalchemy[table] is SHARED for table in OWN_TABLES)


def test_a_table_may_be_migrated_by_the_other_tool(registry: Registry) -> None:
    """It was handed over already, or is still to be: its owner stays, its chain is the one that the manifest says."""
    bookings = replace(registry.modules["bookings"], migrated_by={"booking_history": Orm.TORTOISE})
    moving = replace(registry, modules=registry.modules | {"bookings": bookings})
    assert (bookings.tool_of("bookings"), bookings.tool_of("booking_history")) == (Orm.SQLALCHEMY, Orm.TORTOISE)
    assert moving.migrated_by("booking_history") is Orm.TORTOISE
    assert moving.tables_of(Orm.TORTOISE)["booking_history"] is bookings
    assert "booking_history" not in moving.tables_of(Orm.SQLALCHEMY)
    assert list(faults(moving)) == []  # bookings has both pairs of files


def test_a_tool_for_a_table_of_somebody_else(registry: Registry) -> None:
    """A manifest says who migrates its own tables, and no other's."""
    bookings = replace(registry.modules["bookings"], migrated_by={"bids": Orm.SQLALCHEMY})
    with pytest.raises(ConfigurationError, match="bookings says who migrates bids, which is not among its tables"):
        replace(registry, modules=registry.modules | {"bookings": bookings}).owners()


def test_a_table_of_nobody_has_no_tool(registry: Registry) -> None:
    """Asking for it names the table."""
    assert registry.owner("strays") is None
    with pytest.raises(ConfigurationError, match="The table strays has no owner"):
        registry.migrated_by("strays")


def test_a_model_of_a_table_of_nobody(package: Path) -> None:
    """The file that has it is named."""
    docks = module(package, "docks", Orm.TORTOISE, models={Orm.TORTOISE: ["gates"]})
    gates = replace(docks, tables=("doors",))
    (package / "docks" / "models_tortoise.py").write_text(
        TORTOISE.format(name="Gate", table="gates") + TORTOISE.format(name="Door", table="doors")
    )
    with pytest.raises(Misowned) as caught:
        check_ownership(registry_of(package, gates))
    assert str(caught.value) == (
        "The table gates has a model in models_tortoise.py of docks and no owner:"
        " name it in the tables of its manifest."
    )


@pytest.mark.parametrize("orm", Orm)
def test_a_model_of_a_table_of_two(package: Path, orm: Orm) -> None:
    """Both are named, whichever ORM the second one is."""
    docks = module(package, "docks", Orm.TORTOISE, "gates", models={Orm.TORTOISE: ["gates"]})
    yard = module(package, "yard", orm, "lanes", models={orm: ["lanes", "gates"]})
    assert list(faults(registry_of(package, docks, yard))) == [
        f"The table gates has two owners: the manifest of docks, and models_{orm.value}.py of yard. Take it out of one."
    ]


def test_a_model_removed_before_its_hand_over(package: Path) -> None:
    """The tool would drop the table: it is said what to do first."""
    models = {Orm.TORTOISE: ["gates"], Orm.SQLALCHEMY: ["gates", "doors"]}
    docks = module(package, "docks", Orm.TORTOISE, "gates", "doors", models=models)
    assert list(faults(registry_of(package, docks))) == [
        "The table doors of docks is migrated by aerich, and models_tortoise.py has no model of it:"
        " put the model back, or hand the table over first, with `crossdock migrate handover doors`."
    ]
    handed_over = replace(docks, migrated_by={"doors": Orm.SQLALCHEMY})
    assert list(faults(registry_of(package, handed_over))) == []


def test_both_files_of_a_moving_module_are_found(package: Path) -> None:
    """Also those of the ORM that does not hold the truth; foreign tables are nobody's models."""
    docks = module(package, "docks", Orm.TORTOISE, "gates", models={orm: ["gates"] for orm in Orm})
    yard = module(package, "yard", Orm.SQLALCHEMY, "lanes", models={Orm.SQLALCHEMY: ["lanes"]})
    registry = registry_of(package, docks, yard)
    assert registry.model_files(Orm.TORTOISE) == {"docks": (f"{package.name}.docks.models_tortoise",)}
    assert set(registry.model_files(Orm.SQLALCHEMY)) == {"docks", "yard"}
    assert modelled(registry, Orm.TORTOISE) == {"gates"}
    assert modelled(registry, Orm.SQLALCHEMY) == {"gates", "lanes", *OWN_TABLES}
