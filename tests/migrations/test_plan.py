"""What a plan says of each statement, held against what PostgreSQL does; and how it reads at night."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from crossdock.cli.migrate.show_plan import show_plan
from crossdock.migrations.plan import Step
from crossdock.migrations.preview.preview import PlannedStatement, Preview
from crossdock.migrations.revision import Direction, Revision
from crossdock.migrations.run.catalogue import Catalogue
from crossdock.migrations.run.lock import AnotherDeployer, deployer_lock
from crossdock.sql.modes import ROWS, Mode
from crossdock.sql.present import Size
from crossdock.sql.rows import Work
from crossdock.sql.statement import statements
from crossdock.sql.types import BINARY
from tests.migrations.plan_samples import DARK, OPEN, STANDING_ALONE
from tests.migrations.scene import Scene
from tests.migrations.watching import RELATIONS, SCHEMA, Seen, corpus, felt, taken, watch
from tests.world import Server, database_name

STEP = Step(Revision("aerich", "9_more.py", Path("9_more.py"), "More."), Direction.UP)


@pytest.fixture(scope="module")
async def corpus_database(server: Server) -> AsyncIterator[str]:
    """A database with one of each thing, which every test leaves as it was."""
    name = database_name("corpus")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    connection = await server.connect(name)
    await connection.execute(SCHEMA)
    await connection.execute("ANALYZE")
    await connection.close()
    yield name
    await server.drop(name)


@pytest.fixture
async def connection(server: Server, corpus_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await server.connect(corpus_database)
    yield connection
    await connection.close()


@pytest.fixture
async def watcher(server: Server, corpus_database: str) -> AsyncIterator[asyncpg.Connection]:
    watcher = await server.connect(corpus_database)
    yield watcher
    await watcher.close()


async def told(connection: asyncpg.Connection, sql: str) -> tuple[PlannedStatement, ...]:
    return planned(await Preview.of(connection), sql)


def planned(preview: Preview, sql: str) -> tuple[PlannedStatement, ...]:
    (step,) = preview.plan(Direction.UP, [(STEP, sql)])
    assert step.statements is not None
    return step.statements


def wrong(statement: PlannedStatement, seen: Seen, *, is_exact: bool) -> list[str]:
    """Where the plan and PostgreSQL differ. An older server may take a weaker lock than was told, never a stronger."""
    there = {lock.table: lock for lock in statement.locks if not lock.is_new}
    found = [str(statement.opaque)] if statement.opaque else []
    foretold, real = felt({table: lock.mode for table, lock in there.items()}), felt(seen.locks)
    for table in sorted(foretold | real):
        said, took = foretold.get(table, 0), real.get(table, 0)
        if (said < took and not (said == 0 and took <= QUIET.get(table, 0))) or (is_exact and said > took):
            found.append(f"{table}: told {said!r}, took {took!r}")
    for table in sorted(there.keys() | seen.works.keys()):
        work = there[table].work if table in there else Work.CATALOGUE
        did = seen.works.get(table, Work.CATALOGUE)
        is_other = "REFERENCES" in statement.sql and not statement.sql.startswith(f"ALTER TABLE {table} ")
        if not is_right(statement.sql, work, did, is_other=is_other):
            found.append(f"{table}: told {work.label}, did {did.label}")
    return found


QUIET = dict.fromkeys(["sq", "dom_ser_seq", "dom_idn_seq", "part1"], Mode.ROW_EXCLUSIVE)
"""Whoever takes a number from a sequence keeps nobody waiting, nor does a row that is routed to its partition."""
LOOKS = re.compile(
    r"SELECT|TABLE|VALUES|INSERT|UPDATE|DELETE|MERGE|WITH|COPY|EXPLAIN|ANALYZE|REFRESH|DECLARE|CREATE .* AS SELECT"
)
"""Which rows these read, and how, is up to the query planner."""


def is_right(sql: str, told: Work, did: Work, *, is_other: bool) -> bool:
    if sql.startswith("TRUNCATE"):
        return told is Work.CATALOGUE  # it begins a new file, which takes no longer for a large table
    if LOOKS.match(sql):
        return did is Work.CATALOGUE or told > Work.CATALOGUE
    # the other end of a key is read as far as there are values to look up
    return told is did or (is_other and told > did)


async def test_each_statement_locks_and_works_as_it_was_told(
    connection: asyncpg.Connection, watcher: asyncpg.Connection
) -> None:
    """Nearly 400 statements, each in a transaction of its own: the locks, on tables that it does not name too, and
    whether each table is read, rewritten, or neither."""
    preview = await Preview.of(connection)
    version = connection.get_server_version().major
    found = {}
    for sql in corpus(version):
        (statement,) = planned(deepcopy(preview), sql)
        differences = wrong(statement, await watch(connection, watcher, sql), is_exact=version >= 18)
        if differences:
            found[sql] = differences
    assert not found, "\n".join(f"{sql}: {why}" for sql, why in found.items())


@pytest.mark.parametrize(
    ("sql", "modes"),
    [
        ("SELECT * FROM t FOR UPDATE", {"t": Mode.ROW_SHARE}),
        ("SELECT * FROM t x JOIN p y ON y.id = x.parent FOR SHARE OF x", {"t": Mode.ROW_SHARE, "p": Mode.ACCESS_SHARE}),
        ("WITH x AS (SELECT id FROM p) SELECT * FROM x", {"p": Mode.ACCESS_SHARE}),
        ("ALTER TABLE c VALIDATE CONSTRAINT fk_n", {"c": Mode.SHARE_UPDATE_EXCLUSIVE, "p": Mode.ROW_SHARE}),
    ],
)
async def test_the_weak_ones(
    connection: asyncpg.Connection, watcher: asyncpg.Connection, sql: str, modes: dict[str, Mode]
) -> None:
    """Row locks, names that are no tables, and the other end of a key that is validated."""
    (statement,) = await told(connection, sql)
    assert {lock.table: lock.mode for lock in statement.locks} == modes
    assert (await watch(connection, watcher, sql)).locks == modes


@pytest.mark.parametrize(("sql", "table"), STANDING_ALONE.items())
async def test_what_stands_alone(server: Server, corpus_database: str, sql: str, table: str) -> None:
    """VACUUM FULL and what is built beside the traffic, while they wait for somebody who has the table."""
    settings = await server.copy(database_name("corpus_copy"), corpus_database)
    connection, other = [await server.connect(settings.direct.database) for _ in range(2)]
    (statement,) = await told(connection, sql)
    names = {row["oid"]: row["name"] for row in await connection.fetch(RELATIONS)}
    in_the_way = "ACCESS SHARE" if "FULL" in sql else "SHARE UPDATE EXCLUSIVE"
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {table} IN {in_the_way} MODE")
        running = asyncio.create_task(other.execute(sql))
        while not (modes := await taken(connection, names, other.get_server_pid(), granted=False)):
            assert not running.done(), await running
    await running
    await connection.close()
    await other.close()
    await server.drop(settings.direct.database)
    assert {lock.table: lock.mode for lock in statement.locks if lock.table in modes} == modes
    assert {lock.table for lock in statement.locks} >= {table}


async def test_reindex_keeps_readers_waiting(
    connection: asyncpg.Connection, server: Server, corpus_database: str
) -> None:
    """Its lock on the table lets them in, the one on the index does not, and whoever plans a query looks at that."""
    other = await server.connect(corpus_database)
    await other.execute("SET lock_timeout = 100")
    for sql, blocks in (("REINDEX INDEX i_amount", "reads and writes"), ("CREATE INDEX x ON t (opt)", "writes")):
        (statement,) = await told(connection, sql)
        assert [(lock.table, lock.mode, lock.blocks) for lock in statement.locks] == [("t", Mode.SHARE, blocks)]
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(sql)
        if blocks == "writes":
            assert await other.fetchval("SELECT count(*) FROM t")
        else:
            with pytest.raises(asyncpg.LockNotAvailableError):
                await other.fetchval("SELECT count(*) FROM t")
        await transaction.rollback()
    await other.close()


@pytest.mark.parametrize(("sql", "because"), DARK.items())
async def test_what_cannot_be_told_is_said(connection: asyncpg.Connection, sql: str, because: str) -> None:
    """Code in the server, CASCADE, statements that name no table, and every kind that there is no rule for."""
    (statement,) = await told(connection, sql)
    assert statement.is_opaque
    assert because in str(statement.opaque)


async def test_what_goes_with_a_cascade_is_told_as_far_as_it_is_known(
    connection: asyncpg.Connection, watcher: asyncpg.Connection
) -> None:
    """Keys that point at what is dropped: their tables are locked, though more may be."""
    for sql in (
        "DROP TABLE p CASCADE",
        "ALTER TABLE p DROP CONSTRAINT p_u_key CASCADE",
        "ALTER TABLE p DROP u CASCADE",
    ):
        (statement,) = await told(connection, sql)
        locks = (await watch(connection, watcher, sql)).locks
        assert {lock.table: lock.mode for lock in statement.locks} == locks | {"p": Mode.ACCESS_EXCLUSIVE}, sql


async def test_what_is_open_to_the_world_is_harmless(connection: asyncpg.Connection) -> None:
    """They lock nothing that anybody waits for, and are not passed off as unknown."""
    for sql in OPEN:
        (statement,) = await told(connection, sql)
        assert (statement.locks, statement.opaque) == ((), None), sql


async def test_the_plan_follows_itself(connection: asyncpg.Connection) -> None:
    """What an earlier statement made, renamed or dropped is told so by a later one, whichever revision that is in."""
    *_, last = await told(connection, "CREATE TABLE n (id int PRIMARY KEY); CREATE INDEX i_n ON n (id); DROP INDEX i_n")
    assert [(lock.table, lock.is_made, lock.blocks) for lock in last.locks] == [("n", True, "nobody")]
    *_, last = await told(connection, "ALTER TABLE c RENAME TO d; ALTER TABLE d DROP CONSTRAINT fk_t")
    assert {lock.table: lock.blocks for lock in last.locks} == {"d": "reads and writes", "t": "reads and writes"}
    named = "ALTER TABLE self ADD FOREIGN KEY (up) REFERENCES mine (id); ALTER TABLE self DROP CONSTRAINT self_up_fkey"
    *_, last = await told(connection, named.replace("mine", "self").replace("self (id)", "part1 (id)"))
    assert {lock.table for lock in last.locks} == {"self", "part1"}
    *_, last = await told(connection, "DROP TABLE c; DROP TABLE IF EXISTS c")
    assert [(lock.blocks, lock.is_made, lock.size) for lock in last.locks] == [("nobody", False, None)]
    *_, last = await told(connection, "ALTER TABLE t ADD x int; ALTER TABLE t ALTER x SET NOT NULL; UPDATE t SET x = 1")
    assert [lock.work for lock in last.locks] == [Work.ALL_WRITTEN]
    *_, last = await told(
        connection,
        "ALTER TABLE t ADD CONSTRAINT there CHECK (k IS NOT NULL) NOT VALID;"
        " ALTER TABLE t VALIDATE CONSTRAINT there; ALTER TABLE t ALTER k SET NOT NULL",
    )
    assert [lock.work for lock in last.locks] == [Work.CATALOGUE]


async def test_a_partitioned_table_is_as_large_as_its_partitions(connection: asyncpg.Connection) -> None:
    """It has no file of its own; and each partition says under which table it stands."""
    (statement,) = await told(connection, "ALTER TABLE deep ADD COLUMN more int")
    locks = {lock.table: lock for lock in statement.locks}
    leaves = [locks[name].size for name in ("deep11", "deep2")]
    assert locks["deep"].size == Size(sum(size.rows or 0 for size in leaves if size), sum(s.bytes for s in leaves if s))
    assert locks["deep"].size.bytes > 0
    assert {name: lock.under for name, lock in locks.items()} == {
        "deep": None, "deep1": "deep", "deep11": "deep", "deep2": "deep"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "blocks"),
    [
        ("UPDATE t SET note = 'x' WHERE k = 3", {"t": ROWS}),
        ("DELETE FROM t", {"t": ROWS, "c": "nobody", "p": None}),
        ("SELECT * FROM t FOR UPDATE", {"t": ROWS}),
        ("INSERT INTO c (id) VALUES (1)", {"c": "nobody"}),
        ("INSERT INTO p VALUES (gen_random_uuid(), 1) ON CONFLICT (u) DO UPDATE SET u = 3", {"p": ROWS}),
        ("WITH x AS (DELETE FROM c RETURNING id) SELECT * FROM x", {"c": ROWS}),
        ("EXPLAIN DELETE FROM c", {"c": "nobody"}),
    ],
)
async def test_changed_rows_keep_others_waiting(
    connection: asyncpg.Connection, sql: str, blocks: dict[str, str | None]
) -> None:
    """Until the commit, whoever wants the same rows waits."""
    (statement,) = await told(connection, sql)
    found = {lock.table: lock.blocks for lock in statement.locks}
    assert {table: found.get(table) for table in blocks} == blocks


async def test_the_types_that_are_stored_alike_are_postgresqls(connection: asyncpg.Connection) -> None:
    """Each pair is one that pg_cast casts without a change of the value's bytes."""
    rows = await connection.fetch(
        "SELECT s.typname, t.typname FROM pg_cast c JOIN pg_type s ON s.oid = castsource"
        " JOIN pg_type t ON t.oid = casttarget WHERE castmethod = 'b'"
    )
    assert {tuple(row) for row in rows} >= BINARY


async def test_a_detach_that_was_killed_is_finished(server: Server, corpus_database: str) -> None:
    """Between its two transactions the partition is pending, and PostgreSQL wants FINALIZE; a detached one is done."""
    settings = await server.copy(database_name("corpus_pending"), corpus_database)
    connection, other, reader = [await server.connect(settings.direct.database) for _ in range(3)]
    (statement,) = statements("ALTER TABLE ranged DETACH PARTITION ranged1 CONCURRENTLY")
    reading = reader.transaction()
    await reading.start()
    await reader.fetch("SELECT * FROM ranged")  # the second transaction waits for it
    running = asyncio.create_task(other.execute(statement.text))
    pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"
    async with asyncio.timeout(30):
        while not await connection.fetchval(pending):
            assert not running.done(), await running
            await asyncio.sleep(0.02)
    await connection.fetch("SELECT pg_cancel_backend($1)", other.get_server_pid())
    with pytest.raises(asyncpg.QueryCanceledError):
        await running
    await reading.rollback()
    catalogue = Catalogue(connection)
    assert await catalogue.is_to_do(statement, resumed=True) is False
    assert await connection.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = 'ranged'::regclass") == 0
    assert await catalogue.is_to_do(statement, resumed=True) is False
    for each in (connection, other, reader):
        await each.close()
    await server.drop(settings.direct.database)


C = "(about 100 rows)"
LOST = {
    "DROP TABLE c": [f"the table c {C}"],
    "DROP TABLE base CASCADE": ["the table base (about 1 rows)", "the table kid (about 1 rows)",
                                "the table grandkid (about 1 rows)"],
    "DROP TABLE part": ["the table part (about 2 rows)"],
    "DROP TYPE mood CASCADE": ["dom.m"],
    "ALTER TABLE t DROP COLUMN note, DROP COLUMN opt": ["t.note", "t.opt"],
    "ALTER TABLE base DROP COLUMN s": ["base.s", "kid.s", "grandkid.s"],
    "TRUNCATE c, self": [f"every row of c {C}", "every row of self (about 0 rows)"],
    "TRUNCATE base": [f"every row of {name} (about 1 rows)" for name in ("base", "kid", "grandkid")],
    "TRUNCATE t CASCADE": [f"every row of t {C}", f"every row of c {C}"],
    "DELETE FROM c": [f"every row of c {C}"],
    "DELETE FROM c WHERE id = 1": ["rows of c (of about 100 rows) that its WHERE names"],
    "DELETE FROM c USING t WHERE c.t_id = t.id": ["rows of c (of about 100 rows) that its WHERE names"],
    "DELETE FROM t": [f"every row of t {C}",
                      "rows of c (of about 100 rows) that point at rows of t (fk_t: ON DELETE CASCADE)"],
    "DELETE FROM p WHERE u = 1": ["rows of p (of about 50 rows) that its WHERE names",
                                  "what c.n holds in rows that point at p (fk_n: ON DELETE SET)"],
    "WITH gone AS (DELETE FROM c RETURNING id) SELECT * FROM gone": [f"every row of c {C}"],
    "WITH gone AS (DELETE FROM c WHERE id = 2 RETURNING *) SELECT id FROM gone":
        ["rows of c (of about 100 rows) that its WHERE names"],
    "EXPLAIN ANALYZE DELETE FROM c": [f"every row of c {C}"],
    "MERGE INTO c USING p ON p.u = c.n WHEN MATCHED THEN DELETE":
        ["rows of c (of about 100 rows) that its WHERE names"],
    "UPDATE t SET note = NULL": ["what t.note holds in every row"],
    "UPDATE t SET note = NULL WHERE amount > 5": ["what t.note holds in the rows that its WHERE names"],
    "INSERT INTO p (id, u) VALUES (gen_random_uuid(), 1) ON CONFLICT (u) DO UPDATE SET u = 2":
        ["what p.u holds in the rows that its WHERE names"],
    "UPDATE t SET k = 1, note = 'x' WHERE k IS NULL AND note IS NULL": [],
    "ALTER TABLE t ALTER COLUMN price TYPE numeric(10, 0)":
        ["what t.price holds in every row, where numeric cannot hold it"],
    "ALTER TABLE t ALTER COLUMN note TYPE text USING lower(note)":
        ["what t.note holds in every row, where text cannot hold it"],
    "ALTER TABLE t ALTER COLUMN k TYPE bigint": [],
    "ALTER TABLE c RENAME COLUMN n TO m; ALTER TABLE c DROP COLUMN m": ["c.m"],
    "CREATE TABLE n (id int); ALTER TABLE n DROP COLUMN id; TRUNCATE n; DROP TABLE n": [],
    "ALTER TABLE c ADD COLUMN more int; UPDATE c SET more = 1; ALTER TABLE c DROP COLUMN more": [],
    "DROP TABLE IF EXISTS nothing; DROP VIEW w; DROP INDEX i_amount": [],
    "CREATE RULE x AS ON DELETE TO c DO ALSO DELETE FROM t": [],
    "EXPLAIN DELETE FROM c": [],
    "PREPARE x AS DELETE FROM c": [],
}  # fmt: skip
"""Statements → what is destroyed: of what was there before, not of what the plan itself makes."""


@pytest.mark.parametrize(("sql", "words"), LOST.items())
async def test_what_is_destroyed(connection: asyncpg.Connection, sql: str, words: list[str]) -> None:
    """Tables, columns, rows and values, those that foreign keys take with them among them."""
    found = [loss.words for statement in await told(connection, sql) for loss in statement.destroys]
    assert found == words


async def read(scene: Scene, capsys: pytest.CaptureFixture[str], direction: Direction = Direction.UP) -> str:
    target = scene.project.revision_keys()[0] if direction is Direction.DOWN else None
    show_plan(await scene.runner.plan(direction, target), direction, as_json=False)
    return capsys.readouterr().out


async def read_json(scene: Scene, capsys: pytest.CaptureFixture[str]) -> Any:
    show_plan(await scene.runner.plan(), Direction.UP, as_json=True)
    return json.loads(capsys.readouterr().out)


async def test_how_it_reads(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict first, then each revision with what it holds and why that is safe, each statement with its locks;
    and the same as JSON."""
    await scene.sql("UPDATE pg_class SET reltuples = 200000 WHERE relname = 'bids'")
    path = scene.project.add_aerich(
        "ALTER TABLE bids ADD COLUMN more uuid DEFAULT gen_random_uuid(); ALTER TABLE bids DROP COLUMN version;"
        " DO $$BEGIN END$$;",
        "SELECT 1;",
    )
    path.write_text(path.read_text().replace("\nRUN_IN", '\nSAFE = {"volatile-default": "Nobody is up."}\nRUN_IN', 1))
    text = await read(scene, capsys)
    first = text.splitlines()[0]
    assert first.startswith("1 step up. Traffic waits for locks on bids, each until its revision commits.")
    assert "Destroys bids.version." in first
    assert "What it locks and destroys is not known for every step." in first
    assert "safe in spite of volatile-default: Nobody is up." in text
    assert "blocks reads and writes of bids (about 200,000 rows, " in text
    assert " kB) until this revision commits, rewrites every row" in text
    assert "ACCESS EXCLUSIVE on bids: blocks reads and writes, catalogue only\n" in text
    assert "destroys bids.version" in text
    assert "its locks are not known: it runs code in the server" in text
    plan = await read_json(scene, capsys)
    (step,) = plan["steps"]
    assert step["safe"] == {"volatile-default": "Nobody is up."}
    assert [each["locks_known"] for each in step["statements"]] == [True, True, False]
    assert [each["locks_unknown_because"] for each in step["statements"]] == [None, None, "it runs code in the server"]
    works = [lock["work"] for each in step["statements"] for lock in each["locks"]]
    assert works == ["rewrites every row", "catalogue only"]
    (lost,) = plan["destroys"]
    assert (lost["table"], lost["column"], lost["rows"], lost["words"]) == ("bids", "version", 200_000, "bids.version")
    assert step["statements"][1]["destroys"] == [lost]


async def test_work_under_a_lock_that_is_held(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """An UPDATE is in nobody's way, but for the lock that an earlier statement of its transaction holds."""
    alter, update = "ALTER TABLE bids ADD COLUMN more int;", "UPDATE bids SET more = 1;"
    path = scene.project.add_aerich(alter + update, "SELECT 1;")
    assert re.search(r"blocks reads and writes of bids \(.*\) until .* commits, rewrites", await read(scene, capsys))
    path.write_text(path.read_text().replace(alter + update, update + alter))
    assert "commits, rewrites" not in await read(scene, capsys)


async def test_beside_the_traffic(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands alone holds nothing until a commit, and its size is told, since it takes its time; rows that nobody
    has counted are not called none. A % is a %."""
    await scene.sql("UPDATE pg_class SET reltuples = -1 WHERE relname = 'bids'")
    scene.project.add_alembic(
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS i_more ON bids (id) WHERE status LIKE '5 %';"
        "ALTER TABLE bids ALTER COLUMN amount_minor SET NOT NULL",
        "SELECT 1",
        alone=True,
    )
    text = await read(scene, capsys)
    assert "Traffic waits for locks on bids, each while its statement runs." in text.splitlines()[0]
    assert "LIKE '5 %'" in text
    assert "%%" not in text
    assert re.search(r"SHARE UPDATE EXCLUSIVE on bids: blocks nobody, reads every row \([0-9.]+ kB\)", text)
    assert "while it runs" in text
    assert "commits" not in text.replace("each statement commits by itself", "")
    assert "rows, " not in text
    (step,) = (await read_json(scene, capsys))["steps"]
    locks = [lock for statement in step["statements"] for lock in statement["locks"]]
    assert [(lock["rows"], lock["new"]) for lock in locks] == [(None, False)] * 2
    assert all(lock["bytes"] > 0 for lock in locks)


async def test_the_way_back(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """`plan --down` says which tables go, with their rows, and so does the command."""
    await scene.sql("UPDATE pg_class SET reltuples = 70000 WHERE relname = 'ledger_accounts'")
    text = await read(scene, capsys, Direction.DOWN)
    assert "the table ledger_accounts (about 70,000 rows)" in text.splitlines()[0]
    ran = await scene.migrate("plan", "--down", "--json")
    assert {"table", "column", "rows", "bytes", "kind", "words"} == ran.json["destroys"][0].keys()
    assert "ledger_accounts" in {lost["table"] for lost in ran.json["destroys"]}
    ran = await scene.migrate("down", scene.project.revision_keys()[-1])
    assert ran.is_one_line("Nothing that the plan can see is destroyed", "There is nobody to ask here"), ran
    ran = await scene.migrate("down")
    assert ran.is_one_line("This destroys", "the table ledger_accounts (about 70,000 rows)", "Drop every table of"), ran


async def test_invalid_indexes(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Those that `up` ends with, also where no step is pending; not the one that a step builds itself."""
    assert await read(scene, capsys) == "There is nothing to do.\n"
    for name in ("i_left", "i_left_ccnew", "i_built"):
        await scene.sql(f"CREATE INDEX {name} ON bids (created_at)")
        await scene.sql(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
    text = await read(scene, capsys)
    assert text.startswith("No step is pending.")
    scene.project.add_aerich("CREATE INDEX CONCURRENTLY i_built ON bids (created_at);", "SELECT 1;", alone=True)
    text = await read(scene, capsys)
    left = text[text.index("Indexes that are INVALID") :]
    assert "i_left on bids (" in left
    assert "built again, blocks nobody" in left
    assert "i_left_ccnew on bids (" in left
    assert "dropped, a killed REINDEX left it" in left
    assert "i_built" not in left
    assert (await read_json(scene, capsys))["rebuilds"] == [
        {"index": "i_left", "table": "bids", "dropped": False},
        {"index": "i_left_ccnew", "table": "bids", "dropped": True},
    ]
    assert "INVALID" not in await read(scene, capsys, Direction.DOWN)


async def test_while_somebody_deploys(scene: Scene) -> None:
    """What is half done would be told wrong: the plan says who is at it."""
    async with deployer_lock(scene.settings.direct) as holder:
        with pytest.raises(AnotherDeployer, match=rf"pid {holder.get_server_pid()}"):
            await scene.runner.plan()


async def test_the_file_as_it_is_now(scene: Scene) -> None:
    """An edit of the same length, in the same second, as Python's own compiled code would not see."""
    path = scene.project.add_aerich("CREATE TABLE one (id int)", "DROP TABLE one")
    (path.parent / "__pycache__").unlink()
    for name in ("one", "two"):
        path.write_text(path.read_text().replace("CREATE TABLE one", f"CREATE TABLE {name}"))
        os.utime(path, (0, 0))
        (step,) = await scene.runner.plan()
        assert step.statements is not None
        assert step.statements[0].sql == f"CREATE TABLE {name} (id int)"
