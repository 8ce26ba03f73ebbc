"""`crossdock migrate`: up, down and status, over both chains."""

from collections.abc import AsyncIterator

import pytest

from crossdock.config.settings import Settings
from crossdock.models.names import MACHINERY
from tests.acceptance.process import crossdock
from tests.world import Server, database_name


@pytest.fixture
async def empty(server: Server) -> AsyncIterator[Settings]:
    """A database with nothing in it."""
    name = database_name("empty")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    await admin.close()
    yield server.settings(name)
    await server.drop(name)


async def test_up_and_down_again(empty: Settings, server: Server) -> None:
    """Status 1 while something is pending; up applies all, twice is the same as once; down leaves no table of ours."""
    before = await crossdock("migrate", "status", "--json", settings=empty)
    assert (before.status, before.json["current"]) == (1, False)
    pending = {chain["name"]: chain["pending"] for chain in before.json["chains"]}
    assert all(pending.values())
    for _ in range(2):
        up = await crossdock("migrate", "up", "--json", settings=empty)
        assert (up.status, {chain["name"]: chain["applied"] for chain in up.json["chains"]}) == (0, pending)
    down = await crossdock("migrate", "down", "--yes", "--json", settings=empty)
    assert {chain["name"]: chain["pending"] for chain in down.json["chains"]} == pending
    eyes = await server.connect(empty.direct.database)
    left = await eyes.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await eyes.close()
    assert {row["tablename"] for row in left} <= MACHINERY


async def test_a_user_without_the_right_is_told_so(empty: Settings, server: Server) -> None:
    """PostgreSQL's refusal in one line, with status 1: the service's own user may not migrate."""
    weak = empty.with_database(server.service.with_database(empty.direct.database))
    assert (await crossdock("migrate", "up", settings=weak)).is_one_line("permission denied")


async def test_one_user_for_everything(empty: Settings) -> None:
    """Whoever may make roles may also be the service's user: nothing but a warning is left for the doctor."""
    one = empty.with_database(empty.direct, empty.direct)
    assert (await crossdock("migrate", "up", settings=one)).status == 0
    found = {
        check["name"]: check["state"] for check in (await crossdock("doctor", "--json", settings=one)).json["checks"]
    }
    assert (found["membership"], found["service user"]) == ("ok", "warning")
