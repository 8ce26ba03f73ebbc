"""The locks that every revision of the project really takes, up and down, against those that the plan foretold."""

import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.plan import ordered
from crossdock.migrations.revision import Direction
from crossdock.registry import Registry
from freight.demo.seed import seed
from tests.migrations.copies import copied
from tests.migrations.scene import Scene
from tests.migrations.tracing import foretold_and_taken
from tests.world import Server


@pytest.fixture
async def bare(server: Server, empty: Settings, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(server, empty, copied(tmp_path_factory.mktemp("trace") / "project"))


async def test_every_revision_takes_the_locks_that_were_foretold(bare: Scene, registry: Registry) -> None:
    """One after the other, up from nothing and, with the demo world in it, down again."""
    order = ordered(bare.runner.chains.revisions)
    for revision in order:
        await foretold_and_taken(bare, Direction.UP, revision.key)
    await seed(bare.settings, registry)
    for revision in reversed(order[:-1]):
        await foretold_and_taken(bare, Direction.DOWN, revision.key)
    await foretold_and_taken(bare, Direction.DOWN, None)
