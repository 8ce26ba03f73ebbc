"""What a session stands for is remembered with it, so that its guard reads one table; no change leaves it wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.ids import new_id
from tests.world import Person, Server, World

Connect = Callable[[], Awaitable[asyncpg.Connection]]

OPEN = """
INSERT INTO sessions (id, company_id, user_id, last_used_at, expires_at, created_at)
SELECT $1, company_id, id, now(), now() + interval '1 hour', now() FROM users WHERE id = $2
"""
ASK = """
SELECT require_session(s.id, s.user_id, s.company_id, $2, $3, now()) FROM sessions s WHERE s.id = $1
"""
CHANGES = {
    "the role": "UPDATE users SET role = 'employee' WHERE id = $1",
    "the state": "UPDATE users SET status = 'suspended' WHERE id = $1",
    "the user's end": "UPDATE users SET deleted_at = now() WHERE id = $1",
    "the kind": "UPDATE companies SET kind = 'both' WHERE id = (SELECT company_id FROM users WHERE id = $1)",
    "the company's end": (
        "UPDATE companies SET deleted_at = now() WHERE id = (SELECT company_id FROM users WHERE id = $1)"
    ),
}


@pytest.fixture
async def connect(settings: Settings, server: Server) -> AsyncIterator[Connect]:
    """Superusers, as many as are asked for."""
    opened = []

    async def connect() -> asyncpg.Connection:
        opened.append(await server.connect(settings.pooled.database))
        return opened[-1]

    yield connect
    for each in opened:
        await each.close()


async def standing(eyes: asyncpg.Connection, session_id: UUID) -> str | None:
    found: str | None = await eyes.fetchval("SELECT standing FROM sessions WHERE id = $1", session_id)
    return found


async def session(eyes: asyncpg.Connection, user_id: str) -> UUID:
    await eyes.execute(OPEN, session_id := new_id(), user_id)
    return session_id


@pytest.fixture
async def admin(world: World) -> Person:
    return await world.register("shipper")


async def test_a_session_stands_for_what_its_person_is(admin: Person, connect: Connect) -> None:
    """Also where it was forgotten, or was there before it was remembered: then the guard asks all three tables."""
    eyes = await connect()
    opened = await session(eyes, admin.user_id)
    assert await standing(eyes, opened) == "admin shipper"
    for _ in range(2):
        assert await eyes.fetchval(ASK, opened, "admin", "shipper")
        for role, kind in (("manager", "shipper"), ("admin", "carrier")):
            with pytest.raises(asyncpg.PostgresError, match="does not hold"):
                await eyes.fetchval(ASK, opened, role, kind)
        await eyes.execute("UPDATE sessions SET standing = NULL WHERE id = $1", opened)


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_is_not_survived(admin: Person, connect: Connect, what: str) -> None:
    """In the transaction of the change itself."""
    eyes = await connect()
    opened = await session(eyes, admin.user_id)
    await eyes.execute(CHANGES[what], admin.user_id)
    assert await standing(eyes, opened) is None
    with pytest.raises(asyncpg.PostgresError, match="does not hold"):
        await eyes.fetchval(ASK, opened, "admin", "shipper")


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_that_is_under_way_leaves_it_unknown(admin: Person, connect: Connect, what: str) -> None:
    """A session that is opened meanwhile waits for nobody, and is asked about until it is extended."""
    changing, opening = [await connect() for _ in range(2)]
    change = changing.transaction()
    await change.start()
    await changing.execute(CHANGES[what], admin.user_id)
    opened = await session(opening, admin.user_id)
    assert await standing(opening, opened) is None
    await change.commit()
    await opening.execute("UPDATE sessions SET expires_at = expires_at + interval '1 hour' WHERE id = $1", opened)
    wanted = {"the role": "employee shipper", "the kind": "admin both"}.get(what)
    assert await standing(opening, opened) == wanted
