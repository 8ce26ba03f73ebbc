"""Three pools: named in the server's own list, bounded, added up before the start, and clear about what is wrong."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError, DatabaseUnavailable
from crossdock.ids import new_id
from crossdock.pools.budget import Budget
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.companies.store import CompanyStore
from tests.library.scene import PLATFORM, Eyes, Stop, opened, small, through
from tests.waiting import until


async def test_the_pools_name_themselves(database: Database) -> None:
    """One line each for the log at start: name, ORM, sizes, login; no password."""
    user = database.settings.pooled.user
    assert [pool.describe() for pool in database.pools][:2] == [
        f"tortoise (tortoise) 0-8 as {user}",
        f"transactions (sqlalchemy) 0-8 as {user}",
    ]
    assert database.direct.describe() == f"direct (asyncpg) 0-2 as {database.settings.direct.user}"


async def test_the_server_sees_the_names(database: Database, eyes: Eyes) -> None:
    """Each connection's `application_name` is its pool's."""
    for pool in database.pools:
        async with pool.checkout() as checkout:
            assert await checkout.driver.fetchrow("SHOW application_name") == (f"crossdock {pool.name}",)
    assert await eyes.left_open() == 0


async def test_pools_open_with_their_least(settings: Settings, registry: Registry, eyes: Eyes) -> None:
    """The pools of both ORMs are warm from the start, and closed to the last at the end."""

    async def connections() -> set[int]:
        rows = await eyes.connection.fetch(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'crossdock %'"
        )
        return {row["pid"] for row in rows}

    before = await connections()
    async with opened(small(settings, 3, min_size=3), registry):
        assert len(await connections() - before) == 9 + 1  # and the one that hears of stages

    async def as_before() -> bool:
        return not await connections() - before

    await until(as_before)


async def test_a_ping_is_one_round_trip(database: Database) -> None:
    """On each pool, and it leaves nothing behind."""
    for pool in database.pools:
        await pool.ping()
    assert [pool.gate.statistics.in_use for pool in database.pools] == [0, 0, 0, 0]


async def test_a_lease_that_fails_costs_the_connection(settings: Settings, registry: Registry) -> None:
    """What state it was left in is unknown, so nobody gets it again; the slot is free."""
    async with opened(small(settings, 1), registry) as database:
        for pool in database.pools:
            with pytest.raises(Stop):
                async with pool.checkout() as checkout:
                    before = checkout.driver
                    await checkout.driver.execute("BEGIN")
                    raise Stop
            async with pool.checkout() as checkout:
                assert checkout.driver is not before
                assert not checkout.driver.is_in_transaction()


async def test_statements_are_prepared_unless_told(settings: Settings, registry: Registry) -> None:
    """Off means off in the driver and in SQLAlchemy: with either left on, a pooler in transaction mode breaks."""

    async def prepared(database: Database) -> int:
        async with database.transaction(PLATFORM) as tx:
            for _ in range(3):
                await tx.store(CompanyStore).get(new_id())
                await tx.sql.execute(text("SELECT 1"))
            found = await tx.sql.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"))
        return found or 0

    async with opened(small(settings, 1), registry) as database:
        assert await prepared(database) > 1
    async with opened(small(settings, 1, prepared_statements=False), registry) as database:
        assert await prepared(database) <= 1  # the counting statement itself, while it runs


@pytest.mark.parametrize(("workers", "asked", "fits"), [(1, 97, True), (1, 98, False), (2, 48, True), (2, 49, False)])
def test_the_budget(workers: int, asked: int, fits: bool) -> None:
    """Workers times all pools must fit into what the server allows less what it reserves."""
    budget = Budget(workers, {"tortoise": asked - 3, "transactions": 2, "direct": 1}, connections_max=100, reserved=3)
    assert budget.fits is fits
    assert budget.wanted == workers * asked


async def test_pools_that_do_not_fit_are_refused_at_start(settings: Settings, registry: Registry) -> None:
    """With the arithmetic, and the variables that change it; no connection is left."""
    too_many = small(settings, 900, workers=2)
    database = Database(too_many, registry)
    with pytest.raises(ConfigurationError) as caught:
        await database.__aenter__()
    pools = "900 tortoise + 900 transactions + 900 platform + 2 direct + 1 health + 1 stages + 1 shadow"
    assert f"2 workers × ({pools}) = 5410 connections; the server allows" in str(caught.value)
    assert "CROSSDOCK_TORTOISE_POOL__MAX_SIZE" in str(caught.value)


async def test_the_url_limits_the_pools(settings: Settings, registry: Registry) -> None:
    """`connection_limit` and `pool_timeout` of the URL go before the settings of both ORMs' pools."""
    address = replace(settings.pooled, connection_limit=3, pool_timeout_s=0.5)
    database = Database(through(small(settings, 8, min_size=5), address, settings.direct), registry)
    for pool in (database.tortoise, database.transactions):
        assert (pool.gate.size, pool.min_size, pool.gate.timeout_s) == (3, 3, 0.5)


WRONG = {
    "no such database": (lambda address: address.with_database("nowhere"), "has no database 'nowhere'"),
    "no such user": (lambda address: address.with_user("nobody_at_all"), "refuses nobody_at_all@"),
    "nobody listens": (lambda address: replace(address, host="127.0.0.1", port=1), "Is PostgreSQL running there"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("lane", ["pooled", "direct"])
async def test_a_wrong_address_is_told_in_plain_words(
    settings: Settings, registry: Registry, wrong: str, lane: str
) -> None:
    """On either lane, at the start, in one line, with what to do."""
    change, words = WRONG[wrong]
    lanes = {"pooled": settings.pooled, "direct": settings.direct}
    lanes[lane] = change(lanes[lane])
    with pytest.raises(DatabaseUnavailable, match=words) as caught:
        await Database(settings.with_database(**lanes), registry).__aenter__()
    assert "\n" not in str(caught.value)
