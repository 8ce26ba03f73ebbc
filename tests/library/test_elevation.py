"""`as_platform` gives a block the platform's rights, and takes them back whatever happens in it."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from crossdock.errors import Conflict, Forbidden, TransactionAborted
from crossdock.ids import new_id
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import violated_constraint
from freight.tenancy import CompanyScope
from tests.library.scene import PLATFORM, SAVEPOINTS, Eyes, Stop, new_tenant, outbox_row, who, write_tortoise

RENAME = text("UPDATE companies SET name = name WHERE id = :id")


@pytest.fixture
async def tenant(database: Database) -> CompanyScope:
    return await new_tenant(database)


@pytest.fixture
async def other(database: Database) -> CompanyScope:
    return await new_tenant(database)


async def changed(tx: Transaction, tenant: CompanyScope) -> int:
    """How many rows a change of this tenant's company reaches."""
    return (await tx.sql.execute(RENAME, {"id": tenant.company_id})).rowcount


async def test_the_block_crosses_tenants(database: Database, tenant: CompanyScope, other: CompanyScope) -> None:
    """Inside, another company's row is reached; before and after, not even one's own may be changed."""
    async with database.transaction(tenant, elevates=True) as tx:
        async with tx.as_platform("test"):
            assert await who(tx) == ("crossdock_platform", str(tenant.company_id))
            assert await changed(tx, other) == 1
        assert await who(tx) == ("crossdock_app", str(tenant.company_id))
        with pytest.raises(Exception, match="permission denied"):
            async with tx.savepoint():
                await changed(tx, tenant)


async def test_both_orms_are_elevated_and_not_after(database: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """A company that Tortoise adds inside is there; one that it adds outside is refused as Forbidden."""
    inside, outside = new_id(), new_id()
    async with database.transaction(tenant, elevates=True) as tx, tx.as_platform("test"):
        await write_tortoise(tx, inside)
    with pytest.raises(Forbidden):
        async with database.transaction(tenant, elevates=True) as tx:
            async with tx.as_platform("test"):
                pass
            await write_tortoise(tx, outside)
    assert [await eyes.written(each) for each in (inside, outside)] == [{"tortoise"}, set()]


async def test_an_error_of_the_block_gives_the_role_back(database: Database, tenant: CompanyScope) -> None:
    """A rule of the business that fails inside and is caught outside leaves the tenant's rights."""
    async with database.transaction(tenant, elevates=True) as tx:
        with pytest.raises(Conflict):
            async with tx.as_platform("test"):
                raise Conflict
        assert (await who(tx))[0] == "crossdock_app"


async def test_an_error_of_the_database_is_told_as_it_was(database: Database, tenant: CompanyScope) -> None:
    """Not hidden by the role that an aborted transaction cannot give back: its constraint is found."""
    with pytest.raises(IntegrityError) as caught:
        async with database.transaction(tenant, elevates=True) as tx, tx.as_platform("test"):
            await write_tortoise(tx, tenant.company_id)
    assert violated_constraint(caught.value) == "companies_pkey"


async def test_a_savepoint_around_gives_the_role_back(database: Database, tenant: CompanyScope) -> None:
    """The rollback to the savepoint takes the role with it, and the next elevation elevates again."""
    async with database.transaction(tenant, elevates=True) as tx:
        with pytest.raises(IntegrityError):
            async with tx.savepoint(), tx.as_platform("test"):
                await write_tortoise(tx, tenant.company_id)
        assert (await who(tx))[0] == "crossdock_app"
        async with tx.as_platform("test"):
            assert (await who(tx))[0] == "crossdock_platform"
        assert (await who(tx))[0] == "crossdock_app"


async def test_a_savepoint_inside_keeps_the_role(database: Database, tenant: CompanyScope) -> None:
    """What fails in a savepoint of the block leaves the rest of the block elevated, ours and Tortoise's."""
    async with database.transaction(tenant, elevates=True) as tx:
        async with tx.as_platform("test"):
            for block in (tx.savepoint(), in_transaction()):
                with pytest.raises(IntegrityError):
                    async with block:
                        await write_tortoise(tx, tenant.company_id)
                assert (await who(tx))[0] == "crossdock_platform"
        assert (await who(tx))[0] == "crossdock_app"


async def test_nested_blocks_stay_the_platform(database: Database, tenant: CompanyScope) -> None:
    """The inner block's end, good or bad, does not end the outer one; the platform's own unit stays as it is."""
    async with database.transaction(tenant, elevates=True) as tx:
        async with tx.as_platform("outer"):
            with pytest.raises(Conflict):
                async with tx.as_platform("inner"):
                    raise Conflict
            async with tx.as_platform("inner"):
                pass
            assert (await who(tx))[0] == "crossdock_platform"
        assert (await who(tx))[0] == "crossdock_app"
    async with database.transaction(PLATFORM) as tx:
        async with tx.as_platform("test"):
            pass
        assert (await who(tx))[0] == "crossdock_platform"


@pytest.mark.parametrize("inside", ["SELECT pg_sleep(60)", None], ids=["in a statement", "between statements"])
async def test_a_cancelled_block_gives_the_role_back(
    database: Database, tenant: CompanyScope, inside: str | None
) -> None:
    """A time limit that ends inside of the transaction leaves no rights behind."""
    async with database.transaction(tenant, elevates=True) as tx:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), tx.savepoint(), tx.as_platform("test"):
                await (get_connection("default").execute_query(inside) if inside else asyncio.sleep(60))
        assert (await who(tx))[0] == "crossdock_app"


async def test_the_elevation_itself_can_be_cancelled(database: Database, tenant: CompanyScope) -> None:
    """At every step of its way in, in the middle, and out: whoever catches the cancellation has the tenant's rights."""

    async def elevate(tx: Transaction) -> None:
        async with tx.as_platform("test"):
            await asyncio.sleep(0)

    ended = 0
    for steps in range(40):
        with suppress(TransactionAborted):  # by the statement that was cancelled
            async with database.transaction(tenant, elevates=True) as tx:
                task = asyncio.create_task(elevate(tx))
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                ended += (await asyncio.gather(task, return_exceptions=True))[0] is None
                assert (await who(tx))[0] == "crossdock_app"
    assert 0 < ended < 40


async def test_what_the_tenant_added_is_written_with_its_own_rights(
    database: Database, tenant: CompanyScope, other: CompanyScope, eyes: Eyes
) -> None:
    """An object that waits in the session for its flush is not written by the platform because a block came first."""
    subject = new_id()
    with pytest.raises(Forbidden):
        async with database.transaction(tenant, elevates=True) as tx:
            tx.session.add(outbox_row(subject, other.company_id))
            async with tx.as_platform("test"):
                await tx.session.flush()
    assert await eyes.written(subject) == set()


async def test_what_the_platform_added_is_written_with_its_rights(
    database: Database, tenant: CompanyScope, other: CompanyScope, eyes: Eyes
) -> None:
    """And one that the block added is flushed before its end."""
    subject = new_id()
    async with database.transaction(tenant, elevates=True) as tx, tx.as_platform("test"):
        tx.session.add(outbox_row(subject, other.company_id))
    assert await eyes.written(subject) == {"sqlalchemy"}


async def who_says_tortoise(_: Transaction) -> str:
    found: str = (await get_connection("default").execute_query("SELECT current_user::text"))[1][0][0]
    return found


async def who_says_sqlalchemy(tx: Transaction) -> str:
    return (await who(tx))[0]


async def who_says_the_driver(tx: Transaction) -> str:
    found: str = (await tx.first("SELECT current_user::text", ()))[0]
    return found


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("inner", SAVEPOINTS)
@pytest.mark.parametrize("outer", SAVEPOINTS)
async def test_savepoints_of_any_kind_in_any_order_give_the_rights_back(
    database: Database, tenant: CompanyScope, outer: str, inner: str, *, fails: bool
) -> None:
    """Two blocks in each other, an elevation in each; whoever sends the next statement sends it as the tenant."""
    for first in (who_says_tortoise, who_says_sqlalchemy, who_says_the_driver):
        async with database.transaction(tenant, elevates=True) as tx:
            with suppress(Stop):
                async with SAVEPOINTS[outer](tx):
                    async with tx.as_platform("outer"):
                        assert await first(tx) == "crossdock_platform"
                    with suppress(Stop):
                        async with SAVEPOINTS[inner](tx):
                            async with tx.as_platform("inner"):
                                assert await first(tx) == "crossdock_platform"
                            if fails:
                                raise Stop
                    assert await first(tx) == "crossdock_app"
                    async with tx.as_platform("again"):
                        pass
                    async with tx.as_platform("and again, where the rights have not been given back yet"):
                        assert await first(tx) == "crossdock_platform"
                    if fails:
                        raise Stop
            assert await first(tx) == "crossdock_app"
        async with database.transaction(tenant, elevates=True) as tx:  # and the next unit on that connection
            assert await first(tx) == "crossdock_app"


async def test_a_statement_that_waits_for_the_block_to_end_is_the_tenants(
    database: Database, tenant: CompanyScope
) -> None:
    """Both ORMs and the driver at once, right after the block: the rights are given back once, before all of them."""
    async with database.transaction(tenant, elevates=True) as tx:
        async with tx.as_platform("test"):
            pass
        ways = (who_says_tortoise, who_says_sqlalchemy, who_says_the_driver)
        assert set(await asyncio.gather(*(way(tx) for way in ways * 3))) == {"crossdock_app"}


@pytest.mark.parametrize("block", SAVEPOINTS)
async def test_a_savepoint_that_outlives_an_elevation_brings_no_rights_back(
    database: Database, tenant: CompanyScope, block: str
) -> None:
    """It began with the platform's rights, in another task, and PostgreSQL goes back to those when it fails."""
    begun, over = asyncio.Event(), asyncio.Event()

    async def fail(tx: Transaction) -> None:
        async with SAVEPOINTS[block](tx):
            assert await who_says_the_driver(tx) == "crossdock_platform"
            begun.set()
            await over.wait()
            raise Stop

    async with database.transaction(tenant, elevates=True) as tx:
        async with tx.as_platform("test"):
            task = asyncio.create_task(fail(tx))
            await begun.wait()
        over.set()
        with pytest.raises(Stop):
            await task
        assert await who_says_the_driver(tx) == "crossdock_app"
