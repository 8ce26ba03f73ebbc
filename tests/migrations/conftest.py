"""Databases with nothing in them."""

import itertools
from collections.abc import AsyncIterator

import pytest

from crossdock.kernel.config import Settings
from crossdock.kernel.migrations.runner import Runner
from crossdock.kernel.registry import Registry
from tests.migrations.catalogue import Catalogue, look
from tests.world import Server, database_name

_numbers = itertools.count(1)


@pytest.fixture
async def empty(server: Server) -> AsyncIterator[Settings]:
    """Settings on an empty database, which the owner owns."""
    name = database_name(f"migrations_{next(_numbers)}")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    await admin.close()
    yield server.settings(name)
    await server.drop(name)


@pytest.fixture
def runner(empty: Settings) -> Runner:
    """A runner for the empty database."""
    return Runner(empty, Registry.discover(empty.modules_package))


@pytest.fixture(scope="session")
async def migrated(server: Server, template: str) -> Catalogue:
    """What `Runner.up` makes of an empty database."""
    name = database_name("migrated")
    await server.copy(name, template)  # not the template itself: while somebody looks at it, nobody can copy it
    catalogue = await look(server, name)
    await server.drop(name)
    return catalogue
