"""A database of its own for each test that moves a module, and an operator who moves it."""

from collections.abc import AsyncIterator

import pytest

from crossdock.config.settings import MoveSettings, Settings, StageSettings
from crossdock.cutover.operating import Operations
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.tenancy import CompanyScope
from tests.stores.rows import tenant
from tests.world import Server, World, database_name

QUICK = MoveSettings(comparisons_min=1, stage_min_s=0, noise_first=1, slower_max=1_000, time_share_max=100)
"""A gate that a test can pass: how long a stage has to last, and how much slower the candidate may be, is not its."""


@pytest.fixture
async def apart(server: Server, template: str) -> AsyncIterator[Settings]:
    """The settings of a database that nobody else moves modules in."""
    name = database_name("moves")
    settings = await server.copy(name, template)
    yield settings.model_copy(update={"moves": QUICK, "stages": StageSettings(poll_s=60, deaf_max_s=3_600)})
    await server.drop(name)


@pytest.fixture
async def moved(apart: Settings, registry: Registry) -> AsyncIterator[Database]:
    async with Database(apart, registry) as opened:
        yield opened


@pytest.fixture
def operator(apart: Settings, registry: Registry) -> Operations:
    return Operations(apart, registry, by="the test")


@pytest.fixture
async def shipper(moved: Database) -> CompanyScope:
    return await tenant(moved, "shipper")


@pytest.fixture
async def service(apart: Settings) -> AsyncIterator[World]:
    """The app on that database."""
    async with World.open(apart) as world:
        yield world


@pytest.fixture
def served(service: World) -> Database:
    """That of the app."""
    assert service.app is not None
    found: Database = service.app.state.database
    return found
