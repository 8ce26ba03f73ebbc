"""An error is told by its cause: what the driver says as the database's, and everything else as what it is."""

from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import text

from crossdock.config.limits import Limits
from crossdock.config.settings import Settings
from crossdock.errors import DatabaseUnavailable
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database
from crossdock.transaction.faults import is_lost, translate
from freight.modules.companies.store import CompanyReads
from freight.tenancy import CompanyScope
from tests.library.proxy import Proxy
from tests.library.scene import PLATFORM, SOMEBODY, Eyes, opened, small, through, write_tortoise

OWN: dict[str, Callable[[], OSError]] = {
    "a file that is missing": lambda: FileNotFoundError(2, "No such file", "rates.csv"),
    "somebody else's silence": TimeoutError,
    "somebody else's connection": lambda: ConnectionResetError(104, "reset by peer"),
}


@pytest.fixture
async def proxy(settings: Settings) -> AsyncIterator[Proxy]:
    async with Proxy(settings.pooled) as proxy:
        yield proxy


@pytest.fixture
async def proxied(settings: Settings, registry: Registry, proxy: Proxy) -> AsyncIterator[Database]:
    async with opened(small(through(settings, proxy.address, settings.direct), 2), registry) as database:
        yield database


@pytest.mark.parametrize("what", OWN)
async def test_an_error_of_the_block_is_no_outage(database: Database, eyes: Eyes, what: str) -> None:
    """Whatever a unit of work does besides fails under its own name, and the database's part is undone."""
    subject, error = new_id(), OWN[what]()
    with pytest.raises(type(error)) as caught:
        async with database.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            raise error
    assert caught.value is error
    assert await eyes.written(subject) == set()
    with pytest.raises(type(error)):
        async with database.reading(SOMEBODY, CompanyReads) as companies:
            await companies.get(subject)
            raise error
    assert translate(error) is error


async def test_a_server_that_cannot_be_reached_is_the_drivers_word(proxied: Database, proxy: Proxy) -> None:
    """A refused connection is an OSError too, and this one is the database's."""
    await proxied.close()
    await proxy.cut()
    with pytest.raises(DatabaseUnavailable) as caught:
        async with proxied.transaction(PLATFORM):
            raise AssertionError("there is no server")
    assert is_lost(caught.value)


async def test_a_server_that_is_silent_is_not_lost(
    settings: Settings, registry: Registry, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's TimeoutError is the database's, and its connection may answer yet: nothing is tried again."""
    monkeypatch.setattr(Limits, "command_timeout_s", 0.2)
    async with opened(small(through(settings, proxy.address, settings.direct), 2), registry) as database:
        with pytest.raises(DatabaseUnavailable) as caught:
            async with database.reading(SOMEBODY, CompanyReads) as companies:
                proxy.stall()
                await companies.get(new_id())
        proxy.go_on()
    assert isinstance(caught.value.__cause__, TimeoutError)
    assert not is_lost(caught.value)


async def test_silence_is_the_same_through_sqlalchemy(
    settings: Settings, registry: Registry, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own layers lie between the driver and the unit of work."""
    monkeypatch.setattr(Limits, "command_timeout_s", 0.2)
    async with opened(small(settings.with_database(proxy.address, settings.direct), 2), registry) as database:
        with pytest.raises(DatabaseUnavailable) as caught:
            async with database.transaction(PLATFORM) as tx:
                await tx.sql.execute(text("SELECT 1"))
                proxy.stall()
                await tx.sql.execute(text("SELECT 1"))
        proxy.go_on()
    assert not is_lost(caught.value)


@pytest.mark.parametrize("reaches", [True, False], ids=["the commit arrived", "the commit did not arrive"])
async def test_a_reading_that_has_read_has_read(proxied: Database, proxy: Proxy, reaches: bool) -> None:
    """A connection that breaks at the end of it is no outcome that somebody would have to look for."""
    subject = new_id()
    async with proxied.transaction(PLATFORM) as tx:
        await write_tortoise(tx, subject)
    await proxied.take_key()  # which has a COMMIT of its own
    proxy.cut_at("COMMIT", reaches_the_server=reaches)
    async with proxied.reading(CompanyScope(subject, "both"), CompanyReads) as companies:
        assert await companies.get(subject) is not None
    assert proxied.tortoise.gate.statistics.in_use == 0
    async with proxied.reading(CompanyScope(subject, "both"), CompanyReads) as companies:
        assert await companies.get(subject) is not None


async def test_a_reading_whose_backend_is_ended_before_its_end_has_read(database: Database, eyes: Eyes) -> None:
    """Whether the driver has noticed by then or not."""
    async with database.reading(SOMEBODY, CompanyReads) as companies:
        await companies.get(new_id())
        ended = await eyes.value(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'crossdock tortoise'"
            " AND state = 'idle in transaction'"
        )
    assert ended == 1
    assert database.tortoise.gate.statistics.in_use == 0
