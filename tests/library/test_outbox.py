"""An event exists exactly when its effect does."""

import pytest

from crossdock.ids import new_id
from crossdock.transaction import Database
from tests.library.scene import PLATFORM, Eyes, Happened, Stop, new_tenant, write_tortoise


async def test_an_event_is_written_with_its_effect(database: Database, eyes: Eyes) -> None:
    """Both are there after the commit, with who did it and for whom."""
    tenant = await new_tenant(database)
    subject = new_id()
    async with database.transaction(tenant) as tx:
        tx.emit(Happened(subject_id=subject))
        tx.emit(Happened(subject_id=subject))
    first, second = await eyes.events(subject)
    assert first["id"] < second["id"]
    assert (first["company_id"], first["actor_id"]) == (tenant.company_id, tenant.actor_id)
    assert first["payload"] == f'{{"subject_id": "{subject}"}}'
    assert first["published_at"] is None


async def test_no_event_without_its_effect(database: Database, eyes: Eyes) -> None:
    """An error in the block takes its events with it."""
    subject = new_id()
    with pytest.raises(Stop):
        async with database.transaction(PLATFORM) as tx:
            tx.emit(Happened(subject_id=subject))
            raise Stop
    assert await eyes.events(subject) == []


async def test_no_effect_without_its_event(database: Database, eyes: Eyes) -> None:
    """An event that cannot be written takes the block with it."""

    class Unspeakable:
        """Nothing that JSON knows."""

    subject = new_id()
    with pytest.raises(TypeError, match="JSON"):
        async with database.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            tx.emit(Happened(subject_id=Unspeakable()))  # type: ignore[arg-type]
    assert await eyes.written(subject) == set()


async def test_a_failed_savepoint_takes_its_events_with_it(database: Database, eyes: Eyes) -> None:
    """Events from inside are forgotten, those before and after are written."""
    subject, inside = new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        tx.emit(Happened(subject_id=subject))
        with pytest.raises(Stop):
            async with tx.savepoint():
                tx.emit(Happened(subject_id=inside))
                async with tx.savepoint():
                    tx.emit(Happened(subject_id=inside))
                raise Stop
        async with tx.savepoint():
            tx.emit(Happened(subject_id=subject))
    assert (len(await eyes.events(subject)), len(await eyes.events(inside))) == (2, 0)
