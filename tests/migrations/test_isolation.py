"""Every invariant that isolation rests on is asked of the database: what breaks one is told, with its remedy."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from crossdock.cli.diagnosis import State, examine
from crossdock.cli.diagnosis.isolation import look_at_isolation
from crossdock.config.settings import Settings
from crossdock.isolation import INVARIANTS, NotIsolated, Severity, ask, ask_before_start
from crossdock.registry import Registry
from crossdock.schema.drift import check
from tests.acceptance.process import Service, crossdock
from tests.migrations.breaches import BREACHES, Breach
from tests.world import Server, database_name

CASES = [(name, breach) for name, breaches in BREACHES.items() for breach in breaches]
NO_SQL = ("`", "It works", "Give the")
"""How a remedy begins that is for a person."""


@pytest.fixture(scope="module")
async def spoilt(server: Server, template: str) -> AsyncIterator[Settings]:
    """A migrated database of this file's own."""
    name = database_name("isolation")
    yield await server.copy(name, template)
    await server.drop(name)


@pytest.fixture
async def hand(server: Server, spoilt: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's connection in a transaction that is rolled back: roles belong to all databases of the server."""
    connection = await server.connect(spoilt.direct.database)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def test_each_invariant_is_broken_once() -> None:
    """The cases below are complete: a row more in the table wants one here."""
    assert set(BREACHES) == {invariant.name for invariant in INVARIANTS}


async def test_all_hold_in_a_migrated_database(hand: asyncpg.Connection, spoilt: Settings, registry: Registry) -> None:
    """Nothing is told of a database that nobody spoiled, whose service has a user of its own."""
    assert await ask(hand, "public", registry, spoilt.pooled.user) == []


@pytest.mark.parametrize("case", CASES, ids=[breach.change[:60] for _, breach in CASES])
async def test_what_breaks_one_is_told(
    hand: asyncpg.Connection, server: Server, spoilt: Settings, registry: Registry, case: tuple[str, Breach]
) -> None:
    """By what is wrong and the SQL that mends it; when that has been run, nothing is wrong any more."""
    name, breach = case
    words = {
        "owner": server.owner.user,
        "service": server.tenants.user,
        "superuser": server.superuser.user,
        "database": spoilt.direct.database,
        "by_superuser": f" GRANTED BY {server.superuser.user}" if hand.get_server_version() >= (16,) else "",
    }
    await hand.execute(breach.change.format_map(words))
    found = await ask(hand, "public", registry, spoilt.pooled.user)
    told = [each for each in found if each.invariant.name == name]
    assert [breach.wrong.format_map(words) in each.wrong for each in told] == [True]
    assert told[0].remedy.startswith(breach.remedy.format_map(words))
    for remedy in [each.remedy for each in found if not each.remedy.startswith(NO_SQL)]:
        await hand.execute(remedy)
    left = await ask(hand, "public", registry, spoilt.pooled.user)
    assert [each.line for each in left if not each.remedy.startswith(NO_SQL)] == []


async def test_the_doctor_tells_all_of_them(hand: asyncpg.Connection, spoilt: Settings, registry: Registry) -> None:
    """A line for each invariant that does not hold, as bad as its worst row; one for the rest."""
    await hand.execute(
        "ALTER ROLE crossdock_app BYPASSRLS; CREATE SCHEMA attic; GRANT CREATE ON SCHEMA attic TO PUBLIC"
    )
    found = {each.name: each for each in await look_at_isolation(hand, spoilt, registry)}
    assert [(each.name, each.state) for each in found.values()] == [
        ("roles' attributes", State.FAILED),
        ("rights to make things", State.FAILED),
        ("isolation", State.OK),
    ]
    assert found["roles' attributes"].advice == "ALTER ROLE crossdock_app NOBYPASSRLS;"
    assert found["isolation"].message == f"{len({each.name for each in INVARIANTS}) - 2} other invariants hold"


async def test_the_service_does_not_start_on_a_breach(
    hand: asyncpg.Connection, spoilt: Settings, registry: Registry
) -> None:
    """All of them in one message, each with its remedy. What is less than that is said, and it starts."""
    await hand.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    (said,) = await ask_before_start(hand, "public", registry, spoilt.pooled.user)
    assert said.invariant.severity is Severity.FAULT
    await hand.execute("ALTER TABLE bids DISABLE ROW LEVEL SECURITY; ALTER ROLE crossdock_platform SUPERUSER")
    with pytest.raises(NotIsolated) as caught:
        await ask_before_start(hand, "public", registry, spoilt.pooled.user)
    assert "ALTER ROLE crossdock_platform NOSUPERUSER;" in str(caught.value)
    assert "ALTER TABLE public.bids ENABLE ROW LEVEL SECURITY;" in str(caught.value)


async def test_everybody_asks(server: Server, template: str, registry: Registry) -> None:
    """The three that ask, as they are called: `schema check`, `doctor` and `serve`, before and after the remedy."""
    settings = await server.copy(database_name("asked"), template)
    service = Service(settings, forked=True)
    eyes = await server.connect(settings.direct.database)
    try:
        await eyes.execute("ALTER TABLE bids OWNER TO crossdock_app")
        (line,) = [each for each in await check(settings.direct, registry) if each.kind == "isolation"]
        assert line.subject == "isolation owners"
        assert line.advice == f"ALTER TABLE public.bids OWNER TO {server.owner.user};"
        assert "owners" in [each.name for each in await examine(settings) if each.state is State.FAILED]
        ran = await crossdock("serve", "--port", str(service.port), settings=settings)
        assert ran.is_one_line("crossdock_app owns TABLE public.bids", line.advice), ran
        await eyes.execute(line.advice)
        for each in await check(settings.direct, registry):  # what was granted to the owner is gone with the ownership
            assert each.subject == "bids, grants crossdock_app"
            await eyes.execute(each.advice)
        assert await check(settings.direct, registry) == []
        await service.start()
    finally:
        await service.stop()
        await eyes.close()
        await server.drop(settings.direct.database)
