"""A database that has both chains already, made by the tools themselves: it is taken over with its rows."""

from pathlib import Path, PurePath

import pytest

from crossdock.application import Application
from crossdock.config.settings import Settings
from crossdock.migrations.chain import chains_of
from crossdock.migrations.tools.loading import load
from tests.adoption.samples import OLD, REVISION, Shop, both, tortoise
from tests.world import Server

ALEMBICS = """
CREATE TABLE members (id serial PRIMARY KEY, email varchar(200) NOT NULL, UNIQUE (email));
CREATE TABLE loans (id serial PRIMARY KEY, member_id int NOT NULL REFERENCES members (id),
    book_id int NOT NULL REFERENCES books (id), lent_at timestamptz DEFAULT now() NOT NULL);
CREATE INDEX ix_loans_member_id ON loans (member_id);
CREATE TABLE alembic_version (
    version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('d16d0b48e0db');
"""
"""What its chain has made, and the row that it leaves."""
ROWS = """
INSERT INTO author (name) VALUES ('Le Guin');
INSERT INTO books (title, author_id) VALUES ('The Dispossessed', 1);
INSERT INTO members (email) VALUES ('shevek@anarres.example');
INSERT INTO loans (member_id, book_id) VALUES (1, 1);
"""


@pytest.fixture
async def one_login(empty: Settings) -> Settings:
    """As a service has it that never thought of roles: its one user owns everything."""
    return empty.with_database(empty.direct, empty.direct)


@pytest.fixture
async def applied(server: Server, one_login: Settings, tmp_path: Path) -> Shop:
    """A project that was just taken in, and its database as both tools left it long ago."""
    shop = Shop(tmp_path)
    shop.write(both())
    await shop.begin_aerich()
    assert (await shop.crossdock("init")).status == 0
    aerich, *_ = chains_of(Application.read(tmp_path / "pyproject.toml"))
    [revision] = aerich.revisions()
    connection = await server.connect(one_login.direct.database)
    await connection.execute(f'SET ROLE "{server.owner.user}"')
    await connection.execute(await load(revision).upgrade(None) + ALEMBICS + ROWS)
    await connection.execute(
        'CREATE TABLE IF NOT EXISTS "aerich" ("id" SERIAL NOT NULL PRIMARY KEY, "version" VARCHAR(255) NOT NULL, "app"'
        ' VARCHAR(100) NOT NULL, "content" JSONB NOT NULL)'
    )
    await connection.execute(
        "INSERT INTO aerich (version, app, content) VALUES ($1, 'models', '{}')", revision.path.name
    )
    await connection.close()
    return shop


async def rows(server: Server, settings: Settings) -> list[int]:
    connection = await server.connect(settings.direct.database)
    counted = [
        await connection.fetchval(f"SELECT count(*) FROM {name}") for name in ("author", "books", "members", "loans")
    ]
    await connection.close()
    return counted


async def test_both_chains_are_current(server: Server, one_login: Settings, applied: Shop) -> None:
    """`status` runs nothing and finds nothing pending in them; `up` writes the journal; the rows stay."""
    status = (await applied.crossdock("migrate", "status", "--json", settings=one_login)).json
    assert [chain["pending"] for chain in status["chains"] if chain["name"] != "crossdock"] == [[], []]
    assert [chain["problems"] for chain in status["chains"]] == [[] for _ in status["chains"]]
    for _ in range(2):
        up = await applied.crossdock("migrate", "up", "--json", settings=one_login)
        assert (up.status, up.json["current"]) == (0, True), up
    connection = await server.connect(one_login.direct.database)
    assert await connection.fetchval("SELECT count(*) FROM crossdock_journal") > 0
    await connection.close()
    assert await rows(server, one_login) == [1, 1, 1, 1]


@pytest.fixture
async def begun(one_login: Settings, tmp_path: Path) -> Shop:
    """A project that was taken in, and migrated from an empty database."""
    shop = Shop(tmp_path)
    shop.write(both())
    await shop.begin_aerich()
    assert (await shop.crossdock("init")).status == 0
    assert (await shop.crossdock("migrate", "up", settings=one_login)).status == 0
    return shop


async def test_aerichs_first_revision_has_no_way_back(server: Server, one_login: Settings, begun: Shop) -> None:
    """aerich writes it without a downgrade: to go below it is refused, and nothing is dropped; it may stay."""
    before = await rows(server, one_login)
    down = await begun.crossdock("migrate", "down", "--yes", settings=one_login)
    assert down.is_one_line(
        "makes author, books, books_tag, tag, and its downgrade is empty", "`crossdock migrate down aerich:0`"
    ), down
    assert await rows(server, one_login) == before == [0, 0, 0, 0]
    kept = await begun.crossdock("migrate", "down", "aerich:0", "--yes", settings=one_login)
    assert kept.status == 0, kept
    assert (await begun.crossdock("migrate", "up", settings=one_login)).status == 0


async def test_on_an_empty_database(server: Server, one_login: Settings, begun: Shop) -> None:
    """Both chains run from the start, go down again, and up once more."""
    [first] = (begun.root / "migrations" / "models").glob("0_*.py")
    drop = "DROP TABLE books_tag, books, tag, author;"
    head, middle, tail = first.read_text().partition("async def downgrade(db: BaseDBAsyncClient) -> str:")
    first.write_text(head + middle + tail.replace('"""', f'"""{drop}', 1))
    down = ("migrate", "down", "--yes", "--accept", "aerich:0", "--json")
    ran = await begun.crossdock(*down, settings=one_login)
    assert ran.status == 0, ran
    up = await begun.crossdock("migrate", "up", settings=one_login)
    assert up.status == 0, up
    assert await rows(server, one_login) == [0, 0, 0, 0]


async def test_models_of_an_old_format_are_not_compared(one_login: Settings, tmp_path: Path) -> None:
    """One line says what to do, in place of aerich's own error."""
    shop = Shop(tmp_path)
    shop.write(tortoise() | {"migrations/models/0_20230101000000_init.py": OLD})
    assert (await shop.crossdock("init")).status == 0
    ran = await shop.crossdock("migrate", "check", settings=one_login)
    assert ran.is_one_line("is of an old format of aerich's", "aerich fix-migrations"), ran


async def test_models_change_after_it(server: Server, one_login: Settings, applied: Shop) -> None:
    """Each tool writes the next revision of its chain, with no word of a table that is not its own."""
    assert (await applied.crossdock("migrate", "up", settings=one_login)).status == 0
    assert (await applied.crossdock("migrate", "check", settings=one_login)).status == 0
    models, lending = applied.root / "shop" / "models.py", applied.root / "shop" / "lending.py"
    models.write_text(
        models.read_text().replace("    author =", "    isbn = fields.CharField(20, null=True)\n    author =")
    )
    lending.write_text(lending.read_text().replace("    loans:", "    phone: Mapped[str | None]\n    loans:"))
    for module, said in (("shop", 'ADD "isbn"'), ("lending", "phone")):
        new = await applied.crossdock(
            "migrate", "new", "-m", "Add a column", "--module", module, "--json", settings=one_login
        )
        assert new.status == 0, new
        text = applied.files[str(PurePath(new.json["file"]).relative_to(applied.root))]
        assert said in text
        assert "DROP TABLE" not in text and "drop_table" not in text
        assert (await applied.crossdock("migrate", "up", settings=one_login)).status == 0
    assert (await applied.crossdock("migrate", "check", settings=one_login)).status == 0
    assert await rows(server, one_login) == [1, 1, 1, 1]


async def test_a_tool_with_a_configuration_of_its_own(server: Server, one_login: Settings, applied: Shop) -> None:
    """Its row is most likely right: it counts as applied when somebody vouches for it, and is not to be taken out."""
    assert (await applied.crossdock("migrate", "up", settings=one_login)).status == 0
    later = REVISION.replace("d16d0b48e0db", "a1").replace("= None", '= "d16d0b48e0db"', 1)
    body = "def upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n"
    applied.write({"alembic/versions/a1_nothing.py": later.partition("def upgrade")[0] + body})
    connection = await server.connect(one_login.direct.database)
    await connection.execute("SET application_name = ''; UPDATE alembic_version SET version_num = 'a1'")
    await connection.close()
    up = await applied.crossdock("migrate", "up", settings=one_login)
    assert up.is_one_line(
        "alembic_version has a1, and the journal does not know why: most likely by a command of alembic's",
        "an unnamed program. Once you have seen that the database fits it, say",
        "`crossdock migrate up --accept alembic:a1`",
        "let env.py have two lines alone",
    ), up
    accepted = await applied.crossdock("migrate", "up", "--accept", "alembic:a1", "--json", settings=one_login)
    assert (accepted.status, accepted.json["current"]) == (0, True), accepted


async def test_what_init_says_comes_next(one_login: Settings, tmp_path: Path) -> None:
    """In an empty folder each of its lines does its work, in that order."""
    shop = Shop(tmp_path)
    said = (await shop.crossdock("init")).output.partition("Next: set DATABASE_URL, then\n")[2]
    commands = [line.split()[1:] for line in said.splitlines()]
    assert len(commands) == 4
    for command in commands:
        ran = await shop.crossdock(*command, settings=one_login)
        assert ran.status == 0, (command, ran)
