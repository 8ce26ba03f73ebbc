"""`crossdock schema check`: each kind of difference is one line that names it and says what to do; nothing stays."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import asyncpg
import pytest

from crossdock.address import Address
from crossdock.errors import ConfigurationError
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Orm, Registry
from crossdock.schema.drift import (
    Difference,
    check,
    compare_table,
    differences,
    not_isolated,
    table_differences,
)
from crossdock.schema.expected import NoScratch, Sides, read_database, read_models, read_sides
from crossdock.schema.facts import Key, look
from crossdock.schema.ownership import modelled
from tests.migrations.spoiled import SPOILED
from tests.world import Server, database_name


@dataclass(frozen=True, slots=True)
class Live:
    """A migrated database to spoil: as its owner sees it, and a superuser's connection to it."""

    address: Address
    connection: asyncpg.Connection


@pytest.fixture(scope="module")
async def live(server: Server, template: str) -> AsyncIterator[Live]:
    """One for all tests of this file: each leaves it as it found it."""
    name = database_name("schema_check")
    settings = await server.copy(name, template)
    connection = await server.connect(name)
    yield Live(settings.direct, connection)
    await connection.close()
    await server.drop(name)


@pytest.fixture(scope="module")
async def sides(live: Live, registry: Registry) -> Sides:
    """What all three say of a database that nobody spoiled."""
    return await read_sides(live.address, registry)


def test_a_migrated_database_has_no_difference(sides: Sides, registry: Registry) -> None:
    """Models, rules and both chains say the same, to the letter of every name."""
    assert [each.line for each in differences(sides, registry)] == []
    assert {key.kind for key in sides.database} >= {
        "table", "column", "primary key", "unique", "foreign key", "check", "index", "row level security", "policy",
        "grants", "trigger", "comment", "function",
    }  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
async def test_each_change_is_told_in_one_line(live: Live, sides: Sides, registry: Registry, name: str) -> None:
    """It names the thing and what each side says; and what it says to do makes the database right again."""
    spoiled = SPOILED[name]
    await live.connection.execute(spoiled.change)
    found = await compared(live, sides, registry)
    for statement in filter(None, (spoiled.undo or found[0].advice).split(";")):
        await live.connection.execute(statement)  # one at a time: CONCURRENTLY stands alone
    assert [each.subject for each in found] == [spoiled.subject]
    assert [word for word in spoiled.words if word not in found[0].line] == []
    assert [each.line for each in await compared(live, sides, registry)] == []


async def compared(live: Live, sides: Sides, registry: Registry) -> list[Difference]:
    """What `check` tells, but with the models' sides as they were read once: no change of the tables touches those."""
    database, elsewhere = await read_database(live.address)
    now = replace(sides, database=database, elsewhere=elsewhere)
    isolation = await not_isolated(live.address, registry, live.address.user)
    return [*differences(now, registry), *isolation]


@pytest.mark.parametrize("by", ["everywhere", "in the schema"])
async def test_default_privileges_are_no_models(live: Live, registry: Registry, by: str) -> None:
    """What somebody grants for all tables and functions to come is not what models and rules want: a table that was
    made since has too much, an old one nothing too little, and following the advice takes the surplus away."""
    where = "" if by == "everywhere" else "IN SCHEMA public "
    owner = live.address.user
    given = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} {where}"
    await live.connection.execute(
        f"{given} GRANT TRUNCATE, DELETE ON TABLES TO crossdock_app;{given} GRANT EXECUTE ON FUNCTIONS TO crossdock_app"
    )
    if not where:
        await live.connection.execute(f"{given} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    try:
        both = await asyncio.gather(*(check(live.address, registry) for _ in range(2)))
        assert [[each.line for each in found if each.kind in ("grants", "callers")] for found in both] == [[], []]
        await live.connection.execute("GRANT TRUNCATE ON bids TO crossdock_app")
        (found,) = [each for each in await check(live.address, registry) if each.kind == "grants"]
        assert found.advice == "REVOKE TRUNCATE ON bids FROM crossdock_app;"
        await live.connection.execute(found.advice)
    finally:
        await live.connection.execute(f"{given} REVOKE ALL ON TABLES FROM crossdock_app")
        await live.connection.execute(f"{given} REVOKE ALL ON FUNCTIONS FROM crossdock_app")
        if not where:
            await live.connection.execute(f"{given} GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
    assert await live.connection.fetch("SELECT * FROM pg_default_acl") == []
    assert await check(live.address, registry) == []


async def test_what_hangs_on_a_column_is_not_told_twice(live: Live, registry: Registry) -> None:
    """A table that is gone is one line, not one for each column; a column that is gone takes its comment with it."""
    await live.connection.execute("ALTER TABLE booking_history DROP COLUMN to_status")
    found = await check(live.address, registry)
    assert [each.subject for each in found] == ["booking_history.to_status"]
    await live.connection.execute(found[0].advice)
    (comment,) = await check(live.address, registry)
    await live.connection.execute(comment.advice)
    assert await check(live.address, registry) == []


async def test_a_restored_dump_has_no_difference(live: Live, server: Server, registry: Registry) -> None:
    """PostgreSQL tells some expressions otherwise once it has read what it told; that is no drift."""
    dumped = await live.connection.fetch(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', conrelid::regclass, conname, conname,"
        " pg_get_constraintdef(oid)) FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        " UNION ALL SELECT format('DROP INDEX %s; %s', indexrelid::regclass, pg_get_indexdef(indexrelid))"
        " FROM pg_index WHERE indpred IS NOT NULL AND indexrelid::regclass::text !~ '^pg_'"
        " UNION ALL SELECT format('ALTER POLICY %I ON %I %s %s', policyname, tablename, 'USING (' || qual || ')',"
        " 'WITH CHECK (' || with_check || ')') FROM pg_policies"
    )
    assert len(dumped) > 60
    for (statement,) in dumped:
        await live.connection.execute(statement)
    assert [each.line for each in await check(live.address, registry)] == []


async def test_another_schema_says_the_same(live: Live, registry: Registry) -> None:
    """`?schema=` of the URL: no fact has the schema's name in it."""
    await live.connection.execute("ALTER SCHEMA public RENAME TO goods; CREATE SCHEMA public")
    await live.connection.execute(fixed_path("goods"))
    try:
        assert [each.line for each in await check(replace(live.address, schema="goods"), registry)] == []
        empty = await check(live.address, registry)
        assert {(each.kind, each.says["database"]) for each in empty} == {("table", None), ("function", None), STRANGER}
        assert len([each for each in empty if each.kind == "table"]) == len(registry.owners()) + len(OWN_TABLES)
    finally:
        await live.connection.execute(fixed_path("public"))
        await live.connection.execute("DROP SCHEMA public; ALTER SCHEMA goods RENAME TO public")


def fixed_path(schema: str) -> str:
    """The search path of functions that run as their owner has a schema's name in it, which nothing renames."""
    return "; ".join(f"ALTER FUNCTION goods.{name}() SET search_path = {schema}, pg_temp" for name in DEFINERS)


DEFINERS = ("forget_standing", "scope_is_genuine")
STRANGER = (
    "isolation",
    "a tenant's statement may call goods.scope_is_genuine(), which runs as crossdock_owner (SECURITY DEFINER) and is"
    " none of ours",
)
"""What is ours in one schema is a stranger's in the next."""


def test_the_other_orms_models_have_to_agree_too(sides: Sides, registry: Registry) -> None:
    """Where a table has both models, that of the tool which does not migrate it is told what to say."""
    column, index = Key("bookings", "column", "weight_kg"), Key("bookings", "index", "idx_bookings_status_0362eb")
    said = sides.said[Orm.TORTOISE] | {column: "bigint NOT NULL"}
    del said[index]
    found = list(differences(replace(sides, said=sides.said | {Orm.TORTOISE: said}), registry))
    assert [each.subject for each in found] == ["bookings.weight_kg", f"bookings, index {index.name}"]
    assert found[0].line == (
        "bookings.weight_kg: sqlalchemy: integer NOT NULL; tortoise: bigint NOT NULL; database: integer NOT NULL."
        " Make models_tortoise.py of bookings say what models_sqlalchemy.py and the database say."
    )


def test_a_table_can_be_compared_with_one_orm_alone(sides: Sides, registry: Registry) -> None:
    """What a hand-over stands on: do these models describe that table to the letter, whoever migrates it today?"""
    for orm in Orm:
        assert list(table_differences(sides, registry, orm, "bookings")) == []
    (missing,) = table_differences(sides, registry, Orm.SQLALCHEMY, "users")
    assert (
        missing.line
        == "users, table: sqlalchemy: -; database: table. Write a model of it in models_sqlalchemy.py of accounts."
    )


async def test_one_table_of_a_live_database(live: Live, registry: Registry) -> None:
    """The same from the outside, in one call."""
    assert await compare_table(live.address, registry, Orm.SQLALCHEMY, "booking_history") == []


async def test_nothing_stays_and_nothing_is_touched(live: Live, registry: Registry) -> None:
    """The catalogue is as before, and the scratch schemas are made and undone while every table of ours is locked."""
    inventory = " UNION ALL ".join(
        f"SELECT '{catalogue}' AS name, array_agg(oid ORDER BY oid) FROM {catalogue}"
        for catalogue in ("pg_class", "pg_namespace", "pg_proc", "pg_type", "pg_policy")
    )
    inventory += " ORDER BY name"
    before = await live.connection.fetch(inventory)
    known = {orm: modelled(registry, orm) for orm in Orm}
    async with live.connection.transaction():
        for table in (*registry.owners(), "outbox", "idempotency_keys"):
            await live.connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        said = await read_models(live.address, registry, known)
    assert all(said.values())
    assert await live.connection.fetch(inventory) == before


async def test_writers_do_not_wait_for_it(live: Live, registry: Registry) -> None:
    """Looking at the live tables takes what a SELECT takes: it goes on beside writes, and holds none of them up."""
    async with live.connection.transaction():
        for table in registry.owners():
            await live.connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        assert await check(live.address, registry) == []


async def test_a_check_that_is_killed_leaves_nothing(live: Live, registry: Registry) -> None:
    """Its backend is ended at some moment of its work: the schemas go with it, and the next one is as ever."""
    for moment_s in (0, 0.05, 0.1, 0.15):
        task = asyncio.create_task(check(live.address, registry))
        for _ in range(400):
            if task.done() or await live.connection.fetchval(WORKING):
                break
            await asyncio.sleep(0.005)
        await asyncio.sleep(moment_s)
        await live.connection.execute(WORKING.replace("pid)", "pg_terminate_backend(pid))"))
        await asyncio.wait([task])
        task.exception()
    assert await live.connection.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%scratch%'") == 0
    assert await check(live.address, registry) == []


WORKING = (
    "SELECT count(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'crossdock schema check'"
)


async def test_two_checks_at_once(live: Live, registry: Registry) -> None:
    """Each has schemas of its own: neither waits for the other's names."""
    assert await asyncio.gather(*(check(live.address, registry) for _ in range(3))) == [[], [], []]


async def test_without_the_right_to_make_schemas(live: Live, registry: Registry) -> None:
    """One clear line with the GRANT; with it the check works, also for a user who owns nothing."""
    name = f"crossdock_test_{os.getpid()}_looker"
    await live.connection.execute(f"CREATE ROLE {name} LOGIN")
    try:
        with pytest.raises(NoScratch) as caught:
            await check(live.address.with_user(name, live.address.password), registry)
        grant = f"GRANT CREATE ON DATABASE {live.address.database} TO {name};"
        assert grant in str(caught.value)
        await live.connection.execute(grant)
        assert await check(live.address.with_user(name, live.address.password), registry) == []
    finally:
        await live.connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")


async def test_models_that_make_no_tables_are_told(
    live: Live, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules that name what no model has: the file, and PostgreSQL's own words."""
    wrong = {"modules/bids/rules.sql": "ALTER TABLE bids ADD CONSTRAINT c CHECK (weight > 0)"}
    monkeypatch.setattr("crossdock.schema.expected.rules", lambda _: wrong)
    with pytest.raises(ConfigurationError, match=r'modules/bids/rules.sql .* column "weight" does not exist'):
        await check(live.address, registry)


async def test_what_belongs_to_an_extension_is_not_ours(live: Live) -> None:
    """Its functions, types and views come and go with it, and are no drift."""
    before = await _facts(live)
    await live.connection.execute(
        "CREATE FUNCTION lent(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW lent AS SELECT 1 AS one"
    )
    assert await _facts(live) != before
    await live.connection.execute(
        "ALTER EXTENSION plpgsql ADD FUNCTION lent(int); ALTER EXTENSION plpgsql ADD VIEW lent"
    )
    try:
        assert await _facts(live) == before
    finally:
        await live.connection.execute(
            "ALTER EXTENSION plpgsql DROP FUNCTION lent(int); ALTER EXTENSION plpgsql DROP VIEW lent;"
            " DROP FUNCTION lent(int); DROP VIEW lent"
        )


async def _facts(live: Live) -> dict[Key, str]:
    async with live.connection.transaction():
        return await look(live.connection, "public")
