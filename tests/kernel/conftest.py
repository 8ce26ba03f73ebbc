"""A superuser's eyes on the database under test."""

from collections.abc import AsyncIterator

import pytest

from crossdock.kernel.config import Settings
from tests.kernel.scene import Eyes
from tests.world import Server


@pytest.fixture(scope="session")
async def eyes(server: Server, settings: Settings) -> AsyncIterator[Eyes]:
    connection = await server.connect(settings.pooled.database)
    yield Eyes(connection)
    await connection.close()
