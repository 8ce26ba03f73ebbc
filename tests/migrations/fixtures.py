"""Databases with nothing in them, migrated ones and copies of the project: for whichever folder imports them."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from tests.migrations.catalogue import Catalogue, look
from tests.migrations.copies import RELEASES, copied, released
from tests.migrations.killing import Killer, killer
from tests.migrations.scene import Scene
from tests.world import Server, database_name

__all__ = [
    "current",
    "deadly",
    "deployed",
    "empty",
    "migrated",
    "runner",
    "scene",
    "scene_of_three",
    "template_of_three",
]

_numbers = itertools.count(1)


@pytest.fixture
async def empty(server: Server) -> AsyncIterator[Settings]:
    """Settings on an empty database, which the owner owns."""
    name = database_name(f"migrations_{next(_numbers)}")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}" STRATEGY file_copy')
    await admin.close()
    yield server.settings(name)
    await server.drop(name)


@pytest.fixture
def runner(empty: Settings) -> Runner:
    """A runner for the empty database."""
    return Runner(empty, Registry.found())


@pytest.fixture(scope="session")
async def migrated(server: Server, template: str) -> Catalogue:
    """What `Runner.up` makes of an empty database."""
    name = database_name("migrated")
    await server.copy(name, template)  # not the template itself: while somebody looks at it, nobody can copy it
    catalogue = await look(server, name)
    await server.drop(name)
    return catalogue


@pytest.fixture
async def current(server: Server, template: str) -> AsyncIterator[Settings]:
    """Settings on a migrated database of one's own."""
    name = database_name(f"current_{next(_numbers)}")
    yield await server.copy(name, template)
    await server.drop(name)


@pytest.fixture
def scene(server: Server, current: Settings, tmp_path: Path) -> Scene:
    """A migrated database of one's own, and a copy of the chains that made it."""
    return Scene(server, current, copied(tmp_path / "project", own_code=False))


@pytest.fixture(scope="session")
async def template_of_three(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A database to copy, on which `Project.add_three` has run."""
    name = database_name("three")
    settings = await server.copy(name, template)
    project = copied(tmp_path_factory.mktemp("three") / "project", own_code=False)
    project.add_three()
    await project.runner(settings).up()
    yield name
    await server.drop(name)


@pytest.fixture
async def scene_of_three(server: Server, template_of_three: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """Like `scene`, with a first, a middle and a last revision in both chains; all are applied."""
    name = database_name(f"three_{next(_numbers)}")
    settings = await server.copy(name, template_of_three)
    project = copied(tmp_path / "project", own_code=False)
    project.add_three()
    yield Scene(server, settings, project)
    await server.drop(name)


@pytest.fixture(scope="session")
async def deadly() -> AsyncIterator[Killer]:
    async with killer() as started:
        yield started


def with_one_login(settings: Settings) -> Settings:
    """As releases before 0.2 sign in: the platform's login does tenants' work too."""
    return settings.with_database(settings.platform, settings.direct)


@pytest.fixture
async def deployed(server: Server, empty: Settings, tmp_path: Path) -> Scene:
    """The last release's database with the demo world in it, made by the release's own code."""
    release = released(tmp_path / "release", RELEASES[-1])
    for command in (("migrate", "up"), ("seed",)):
        ran = await release.crossdock(*command, settings=with_one_login(empty))
        assert ran.status == 0, ran
    return Scene(server, empty, copied(tmp_path / "project", own_code=False))
