"""A superuser's eyes on the database under test."""

from collections.abc import AsyncIterator

import pytest

from crossdock.config.settings import Settings
from crossdock.registry import Registry
from crossdock.transaction import Database
from tests.application import application
from tests.library.scene import Eyes, opened, small
from tests.world import Server


@pytest.fixture(scope="session")
async def eyes(server: Server, settings: Settings) -> AsyncIterator[Eyes]:
    connection = await server.connect(settings.pooled.database)
    yield Eyes(connection)
    await connection.close()


SPECIMENS_TABLE = """
CREATE SCHEMA scratch;
CREATE TABLE scratch.specimens (
    id uuid PRIMARY KEY, key uuid, words text, word varchar(100), small smallint, whole int, big bigint,
    ratio double precision, price numeric(30, 6), flag boolean, at timestamptz, day date, hour timetz, lasts bigint,
    blob bytea, state varchar(20), level smallint, document jsonb
);
GRANT USAGE ON SCHEMA scratch TO crossdock_app, crossdock_platform;
GRANT ALL ON scratch.specimens TO crossdock_app, crossdock_platform;
"""


@pytest.fixture(scope="package")
async def specimens(settings: Settings, eyes: Eyes) -> AsyncIterator[Database]:
    """A database object whose only module is the specimens'.

    Its table is dropped after the last test here: the doctor would report it, since it has no row level security.
    """
    await eyes.connection.execute(SPECIMENS_TABLE)
    async with opened(small(settings, 2), Registry.discover(application("tests.library.specimens"))) as database:
        yield database
    await eyes.connection.execute("DROP SCHEMA scratch CASCADE")


TESTS_EVENTS = """
CREATE POLICY outbox_add_tests ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'test.') AND company_id = (SELECT current_company_id()))
"""


@pytest.fixture(scope="package", autouse=True)
async def events_of_tests(eyes: Eyes) -> AsyncIterator[None]:
    """A tenant tells of its own rows, by a policy of each module: the tests' own events are about nothing."""
    await eyes.connection.execute(TESTS_EVENTS)
    yield
    await eyes.connection.execute("DROP POLICY outbox_add_tests ON outbox")
