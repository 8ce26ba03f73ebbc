"""`crossdock schema check`: one sentence and status 0, or a line for each difference and status 1."""

from collections.abc import AsyncIterator

import pytest

from crossdock.config.settings import Settings
from tests.acceptance.process import crossdock
from tests.world import Server, database_name


@pytest.fixture
async def own(server: Server, template: str) -> AsyncIterator[Settings]:
    """A migrated database of one's own."""
    name = database_name("schema_command")
    yield await server.copy(name, template)
    await server.drop(name)


async def test_check(own: Settings, server: Server) -> None:
    """For a person and for a machine; what it says to do is in the answer, and so is what each side says."""
    well = await crossdock("schema", "check", settings=own)
    assert (well.status, well.output.strip()) == (0, "Models and database agree.")
    assert (await crossdock("schema", "check", "--json", settings=own)).json == []
    connection = await server.connect(own.direct.database)
    await connection.execute("ALTER TABLE bids ADD COLUMN note text; CREATE TABLE strays (id int)")
    await connection.close()
    shown = await crossdock("schema", "check", settings=own)
    assert shown.status == 1
    assert all(word in shown.output for word in ("bids.note", "DROP COLUMN note;", "strays", "2 differences"))
    told = await crossdock("schema", "check", "--json", settings=own)
    assert told.status == 1
    note, strays = told.json
    assert note | {"line": ""} == {
        "table": "bids",
        "kind": "column",
        "name": "note",
        "owner": "bids",
        "says": {"tortoise": None, "database": "text"},
        "advice": "ALTER TABLE bids DROP COLUMN note;",
        "line": "",
    }
    assert note["line"] == "bids.note: tortoise: -; database: text. ALTER TABLE bids DROP COLUMN note;"
    assert strays["advice"].endswith("DROP TABLE strays;")


async def test_a_database_that_is_behind(own: Settings, server: Server) -> None:
    """What is still to be applied is named before the differences that it may explain."""
    assert (await crossdock("migrate", "down", "alembic:0003", "--yes", settings=own)).status == 0
    ran = await crossdock("schema", "check", settings=own)
    first = ran.output.partition("\n")[0]
    assert first.startswith("Not applied yet: 0004")
    assert ran.status == 1


async def test_a_user_who_may_not_make_schemas(own: Settings, server: Server) -> None:
    """The right that is missing, in one line, with status 1."""
    weak = own.with_database(server.service.with_database(own.direct.database))
    ran = await crossdock("schema", "check", settings=weak)
    assert ran.is_one_line("GRANT CREATE ON DATABASE", server.service.user)
