"""What a night operator tried to make the migrations lose: each is refused in words, or held."""

from pathlib import Path

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.errors import CrossdockError
from tests.migrations.project import Project
from tests.world import Server

MANIFEST = "src/freight/modules/companies/module.py"
"""Of a module whose tables are aerich's, with models for both ORMs."""


@pytest.fixture
def project(tmp_path: Path, current: Settings) -> Project:
    """A copy of the project, on a database that is migrated."""
    return Project.copied(tmp_path, current)


LEGACY = '''"""{about}."""
{head}
async def upgrade(db):
    return """{up}"""


async def downgrade(db):
    return """{down}"""
'''
NEW = '''"""{about}."""
from alembic import op

revision = "{number}"
down_revision = "{before}"
{head}

def upgrade():
    op.execute("""{up}""")


def downgrade():
    op.execute("""{down}""")
'''
ALONE = "RUN_IN_TRANSACTION = False\n"


def add_aerich(project: Project, up: str, down: str, head: str = "") -> str:
    last = newest(project)
    number = int(last.name.partition("_")[0]) + 1
    name = f"{number}_20270101000000_attack.py"
    state = "\nMODELS_STATE" + last.read_text("utf-8").split("MODELS_STATE", 1)[1]
    last.with_name(name).write_text(LEGACY.format(about="Attack", head=head, up=up, down=down) + state, "utf-8")
    return f"aerich:{number}"


def add_alembic(project: Project, up: str, down: str, head: str = "") -> str:
    folder = project.path("migrations_new/versions")
    count = len(list(folder.glob("[0-9]*.py")))
    number = f"{count + 1:04d}"
    text = NEW.format(about="Attack", number=number, before=f"{count:04d}", head=head, up=up, down=down)
    folder.joinpath(f"{number}_attack.py").write_text(text, "utf-8")
    return f"alembic:{number}"


async def make_twice(eyes: asyncpg.Connection, project: Project) -> None:
    """A table of the migrating user's with one row twice, on which no unique index can be built."""
    await eyes.execute("CREATE TABLE twice (id int); INSERT INTO twice VALUES (1), (1)")
    await eyes.execute(f'ALTER TABLE twice OWNER TO "{project.settings.direct.user}"')


async def up_is_refused(project: Project, words: str) -> None:
    with pytest.raises(CrossdockError) as caught:
        await project.runner.up()
    assert words in str(caught.value)


async def refused(project: Project, *command: str, words: str) -> None:
    result = await project.crossdock("migrate", *command)
    assert result.status == 1
    assert words in result.errors, result.errors + result.out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n)", '\n    migrated_by={"companies": Orm.SQLALCHEMY},\n)'),
        ("orm=Orm.TORTOISE", "orm=Orm.SQLALCHEMY"),
    ],
)
async def test_a_manifest_that_was_changed_without_a_hand_over(project: Project, old: str, new: str) -> None:
    """aerich would drop the table: every command says to hand it over, aerich by hand too, in one line."""
    project.edit(MANIFEST, old, new)
    files = project.files()
    for command in (["up"], ["plan"], ["check"], ["new", "-m", "x", "--module", "bids"]):
        await refused(project, *command, words="crossdock migrate handover companies --to alembic")
    for tool in (("aerich", "migrate", "--no-input"), ("alembic", "upgrade", "head")):
        raw = await project.tool(*tool)
        assert raw.status != 0
        assert "crossdock migrate handover companies --to alembic" in raw.out + raw.errors
    assert project.files() == files


def newest(project: Project) -> Path:
    """The last revision of the aerich chain."""
    return max(project.path("migrations_legacy/legacy").glob("*_*.py"), key=lambda path: int(path.name.split("_")[0]))


async def test_a_file_that_knows_nothing_of_the_hand_over_before_it(project: Project) -> None:
    """Two branches were merged: the state of the last file is written anew, and both tools are content."""
    assert (await project.crossdock("migrate", "handover", "companies", "--to", "alembic")).status == 0
    given = newest(project)
    content = given.read_text("utf-8")
    given.unlink()
    add_aerich(project, "COMMENT ON TABLE bids IS 'x'", "COMMENT ON TABLE bids IS NULL")  # takes its place
    late = newest(project)
    number, _, name = late.name.partition("_")
    late.rename(late.with_name(f"{int(number) + 1}_{name}"))
    given.write_text(content, "utf-8")
    await refused(project, "up", words="crossdock migrate restate")
    assert (await project.crossdock("migrate", "restate")).status == 0
    assert (await project.crossdock("migrate", "up")).status == 0


async def test_down_asks_somebody(project: Project) -> None:
    """Where nobody can be asked, nothing is dropped without --yes."""
    await refused(project, "down", words="add --yes")
    assert (await project.crossdock("migrate", "status")).status == 0


async def test_rows_out_of_their_order(project: Project, server: Server) -> None:
    """aerich would undo the wrong one: it goes by the ids of the rows."""
    eyes = await server.connect(project.settings.direct.database)
    await eyes.execute(
        "WITH gone AS (DELETE FROM aerich WHERE version LIKE '1\\_%' RETURNING version, app, content)"
        " INSERT INTO aerich (version, app, content) SELECT * FROM gone"
    )
    await eyes.close()
    await up_is_refused(project, words="give 1_20261121030000_row_level_security.py an id between")


@pytest.mark.parametrize("tool", ["aerich", "alembic"])
async def test_undone_by_hand_under_somebodys_feet(project: Project, tool: str) -> None:
    """A revision that one of the other chain needs is not undone by hand."""
    if tool == "aerich":
        needed = add_aerich(project, "CREATE TABLE base_t (id int PRIMARY KEY)", "DROP TABLE base_t CASCADE")
        add_alembic(
            project, "CREATE TABLE kid_t (id int REFERENCES base_t)", "DROP TABLE kid_t", f'NEEDS = ("{needed}",)'
        )
    else:
        needed = add_alembic(project, "CREATE TABLE base_t (id int PRIMARY KEY)", "DROP TABLE base_t CASCADE")
        add_aerich(
            project, "CREATE TABLE kid_t (id int REFERENCES base_t)", "DROP TABLE kid_t", f'NEEDS = ("{needed}",)'
        )
    await project.runner.up()
    raw = await project.tool(
        *(("aerich", "downgrade", "--yes") if tool == "aerich" else ("alembic", "downgrade", "-1"))
    )
    assert raw.status != 0
    assert "`crossdock migrate down` undoes both in their order" in raw.out + raw.errors
    assert (await project.crossdock("migrate", "status")).status == 0


@pytest.mark.parametrize(
    ("up", "head", "words"),
    [
        ("CREATE INDEX CONCURRENTLY i ON bids (note)", "", "RUN_IN_TRANSACTION = False"),
        ("COMMENT ON TABLE bids IS 'x'; COMMIT; SELECT 1", "", "ends its own transaction"),
        ("ALTER TABLE bids ALTER COLUMN version SET DEFAULT 1", ALONE, "would block bids"),
        ("CREATE INDEX CONCURRENTLY ON bids (created_at)", ALONE, "without a name"),
        ("INSERT INTO bids SELECT * FROM bids", ALONE, "could not be repeated"),
    ],
)
async def test_what_is_neither_whole_nor_repeatable(project: Project, up: str, head: str, words: str) -> None:
    """Told before anything is run."""
    add_aerich(project, up, "SELECT 1", head)
    await up_is_refused(project, words=words)
    await refused(project, "status", words="")


@pytest.mark.parametrize("add", [add_aerich, add_alembic])
async def test_an_index_over_some_rows_is_known_again(project: Project, server: Server, add: object) -> None:
    """Built by a run that was killed before it could say so: the next one sees that it is the same, however it is
    spelled; another one of that name is refused."""
    assert callable(add)
    eyes = await server.connect(project.settings.direct.database)
    sql = "CREATE INDEX CONCURRENTLY i_part ON {} ((lower({}))) WHERE status = 'open'"
    table, column = ("bookings", "pickup_address")
    await eyes.execute(sql.format(table, column))
    await eyes.execute(f"CREATE INDEX i_other ON {table} (id)")
    if add is add_alembic:
        block = "RUN_IN_TRANSACTION = False\n\n\ndef alone():\n    return op.get_context().autocommit_block()\n"
        add(project, "SELECT 1", "DROP INDEX CONCURRENTLY i_part", block)
        path = max(project.path("migrations_new/versions").glob("0*.py"))
        text = path.read_text("utf-8")
        alone = f'    with alone():\n        op.execute("""{sql.format(table, column)}""")'
        text = text.replace('    op.execute("""SELECT 1""")', alone)
        path.write_text(text, "utf-8")
    else:
        add(project, sql.format(table, column), "DROP INDEX CONCURRENTLY i_part", ALONE)
    await project.runner.up()
    add_aerich(project, f"CREATE INDEX CONCURRENTLY i_other ON {table} (status)", "SELECT 1", ALONE)
    await up_is_refused(project, words="it is another one")
    await eyes.close()


async def test_an_index_that_cannot_be_built_is_in_nobodys_way(project: Project, server: Server) -> None:
    """Its name is told, nothing is left of the try, and `up` is done."""
    eyes = await server.connect(project.settings.direct.database)
    await make_twice(eyes, project)
    with pytest.raises(Exception, match="duplicated"):
        await eyes.execute("CREATE UNIQUE INDEX CONCURRENTLY twice_once ON twice (id)")
    for _ in range(2):
        told: list[str] = []
        await project.runner.up(told.append)
        assert any("twice_once" in line for line in told)
    left = await eyes.fetch("SELECT relname FROM pg_class WHERE relname LIKE 'twice_once%'")
    assert [row["relname"] for row in left] == ["twice_once"]
    await eyes.close()


async def test_a_lock_on_a_version_table_is_told(project: Project, server: Server) -> None:
    """Nothing waits for it without end."""
    eyes = await server.connect(project.settings.direct.database)
    async with eyes.transaction():
        await eyes.execute("LOCK TABLE aerich IN ACCESS EXCLUSIVE MODE")
        for command in ("up", "plan", "status"):
            await refused(project, command, words="Somebody holds a lock on aerich")
    await eyes.close()


async def test_a_schema_that_is_named_like_the_user(project: Project, server: Server) -> None:
    """PostgreSQL would look there first."""
    assert (await project.crossdock("migrate", "down", "--yes")).status == 0
    eyes = await server.connect(project.settings.direct.database)
    user = project.settings.direct.user
    await eyes.execute(f'CREATE SCHEMA "{user}" AUTHORIZATION "{user}"')
    for command in ("up", "check"):
        result = await project.crossdock("migrate", command)
        assert result.status == 0, result.errors + result.out
    assert await eyes.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = $1", user) == 0
    await eyes.close()


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("migrations_legacy/legacy/3b_fix.py", "", "3b_fix.py in the aerich chain is no revision"),
        (
            "migrations_new/versions/long.py",
            f'revision = "{"x" * 33}"\ndown_revision = "0001"\n',
            "more than 32 characters",
        ),
    ],
)
async def test_names_that_no_version_table_holds(project: Project, path: str, text: str, words: str) -> None:
    """Told by the name of the file."""
    project.path(path).write_text(text, "utf-8")
    await up_is_refused(project, words=words)


async def test_an_index_with_an_odd_name_is_rebuilt_and_not_dropped(project: Project, server: Server) -> None:
    """What REINDEX leaves is known by the end of its name."""
    eyes = await server.connect(project.settings.direct.database)
    await make_twice(eyes, project)
    with pytest.raises(Exception, match="duplicated"):
        await eyes.execute("CREATE UNIQUE INDEX CONCURRENTLY twice_ccnew_flag ON twice (id)")
    await eyes.execute("DELETE FROM twice")
    await project.runner.up()
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'twice_ccnew_flag'::regclass"
    assert await eyes.fetchval(valid)
    await eyes.close()


async def test_a_failed_one_whose_file_was_renamed(project: Project, server: Server) -> None:
    """A part of it is done, and nobody else can finish it: refused both ways until the file is back."""
    first = "CREATE INDEX CONCURRENTLY first_one ON companies (kind)"
    then = "CREATE UNIQUE INDEX CONCURRENTLY one ON twice (id)"
    eyes = await server.connect(project.settings.direct.database)
    await make_twice(eyes, project)
    add_aerich(project, f"{first}; {then}", "DROP INDEX CONCURRENTLY first_one", ALONE)
    await up_is_refused(project, words="The statements before it stay")
    path = newest(project)
    renamed = path.rename(path.with_name(f"{path.name.partition('_')[0]}_20270101000000_other.py"))
    for command in (["up"], ["down", "aerich:1", "--yes"]):
        await refused(project, *command, words="its file is gone since")
    renamed.rename(path)
    await eyes.execute("DELETE FROM twice")
    await project.runner.up()
    await eyes.close()
