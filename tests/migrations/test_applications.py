"""Chains come from the application: other folders, one chain only, the library's own, and a project with its own
env.py."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from crossdock.application import AerichChain, AlembicChain
from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError
from crossdock.migrations import chain as chains
from crossdock.migrations.chain import chains_of
from crossdock.migrations.revision import BrokenChain
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.schema.metadata import metadata_of
from tests.application import FREIGHT
from tests.world import Server

AERICH = '''"""Make books."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "CREATE TABLE books (id int PRIMARY KEY)"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "DROP TABLE books"
'''
ALEMBIC = '''"""{summary}"""

from alembic import op
{needs}
revision: str = "{name}"
down_revision = {before}


def upgrade() -> None:
    op.execute("{up}")


def downgrade() -> None:
    op.execute("{down}")
'''
PSYCOPG = """raise RuntimeError("an env.py for another driver, which the runner does not run")\n"""


def alembic_file(name: str, before: str | None, table: str, needs: str = "") -> str:
    up, down = f"CREATE TABLE {table} (id int PRIMARY KEY)", f"DROP TABLE {table}"
    return ALEMBIC.format(summary=f"Make {table}.", name=name, before=repr(before), up=up, down=down, needs=needs)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A project of other people: its folders are called as theirs are, and alembic's ids are no numbers."""
    aerich, versions = tmp_path / "store" / "models", tmp_path / "db" / "versions"
    for folder in (aerich, versions):
        folder.mkdir(parents=True)
    (aerich / "0_20260101000000_init.py").write_text(AERICH)
    (aerich / "__init__.py").write_text("")
    (versions / "ae10_make_loans.py").write_text(alembic_file("ae10", None, "loans"))
    (versions / "bc42_make_fines.py").write_text(alembic_file("bc42", "ae10", "fines"))
    (tmp_path / "db" / "env.py").write_text(PSYCOPG)
    return tmp_path


def registry_of(registry: Registry, root: Path, *, has_aerich: bool = True, has_alembic: bool = True) -> Registry:
    """Without models: what is asked is what the chains run."""
    aerich = AerichChain(folder=Path("store")) if has_aerich else None
    alembic = AlembicChain(folder=Path("db"), version_table="db_version") if has_alembic else None
    changes = {"root": root, "aerich": aerich, "alembic": alembic, "library_tables": None}
    application = FREIGHT.model_copy(update=changes)
    return replace(registry, application=application, modules={})


async def tables(server: Server, settings: Settings) -> set[str]:
    connection = await server.connect(settings.direct.database)
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    await connection.close()
    return {row["relname"] for row in rows}


@pytest.mark.usefixtures("without_own")
async def test_the_chains_of_another_project(
    server: Server, empty: Settings, registry: Registry, foreign: Path
) -> None:
    """They run from its folders, with its app and its version table, and its env.py is not run."""
    runner = Runner(empty, registry_of(registry, foreign))
    await runner.up()
    assert {"books", "loans", "fines", "aerich", "db_version"} <= await tables(server, empty)
    assert "alembic_version" not in await tables(server, empty)
    assert [chain.applied for chain in await runner.status()] == [("0_20260101000000_init.py",), ("ae10", "bc42")]
    assert all(chain.is_current for chain in await runner.status())
    await runner.down()
    assert await tables(server, empty) == {"aerich", "db_version", "crossdock_journal"}


@pytest.mark.parametrize("tool", ["aerich", "alembic"])
@pytest.mark.usefixtures("without_own")
async def test_a_project_with_one_chain(
    server: Server, empty: Settings, registry: Registry, foreign: Path, tool: str
) -> None:
    """The other tool's version table is not made."""
    runner = Runner(empty, registry_of(registry, foreign, has_aerich=tool == "aerich", has_alembic=tool == "alembic"))
    await runner.up()
    assert [chain.tool for chain in await runner.status()] == [tool]
    made = {"aerich": {"books", "aerich"}, "alembic": {"loans", "fines", "db_version"}}[tool]
    assert await tables(server, empty) == made | {"crossdock_journal"}


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ({"folder": "legacies"}, r"\[tool.crossdock.aerich\] names the folder .*/legacies, which is not there"),
        ({"app": "elsewhere"}, "aerich has revisions for .* beside it: correct `app`"),
    ],
)
def test_a_chain_that_is_misspelled(registry: Registry, foreign: Path, spoiled: dict[str, str], said: str) -> None:
    """It is no chain without revisions, of which `up` would run none."""
    application = registry_of(registry, foreign).application
    assert application.aerich is not None
    wrong = application.aerich.model_copy(update=spoiled)
    chain, *_ = chains_of(application.model_copy(update={"aerich": wrong}))
    with pytest.raises(BrokenChain, match=said):
        chain.revisions()


@pytest.mark.usefixtures("without_own")
async def test_a_project_without_a_chain(server: Server, empty: Settings, registry: Registry, foreign: Path) -> None:
    """Roles and schema are made, and nothing is wrong."""
    runner = Runner(empty, registry_of(registry, foreign, has_aerich=False, has_alembic=False))
    await runner.up()
    assert await runner.status() == []
    assert len(await runner.plan()) == 0


@pytest.fixture
def without_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own chain is empty: what is asked is what the application's do."""
    monkeypatch.setattr(chains, "OWN_LOCATION", tmp_path / "nothing")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The library's own chain, in a folder of the test's."""
    location = tmp_path / "own"
    (location / "versions").mkdir(parents=True)
    (location / "versions" / "__init__.py").write_text("")
    monkeypatch.setattr(chains, "OWN_LOCATION", location)
    return location / "versions"


async def test_the_librarys_own_chain(
    server: Server, empty: Settings, registry: Registry, foreign: Path, own: Path
) -> None:
    """It runs in the same plan, after the application's chains, and is written into the same journal. It goes back
    first."""
    (own / "0001_letters.py").write_text(alembic_file("0001", None, "letters"))
    runner = Runner(empty, registry_of(registry, foreign))
    steps: list[str] = []
    await runner.up(steps.append)
    assert steps[-1] == "crossdock:0001 up"
    assert {"letters", "crossdock_version"} <= await tables(server, empty)
    assert all(chain.is_current for chain in await runner.status())
    connection = await server.connect(empty.direct.database)
    written = await connection.fetch("SELECT event, revision FROM crossdock_journal WHERE chain = 'crossdock'")
    await connection.close()
    assert [tuple(row) for row in written] == [("started", "0001"), ("version", "0001")]
    steps.clear()
    await runner.down(steps.append)
    assert steps[0] == "crossdock:0001 down"


async def test_a_revision_that_needs_the_librarys(
    empty: Settings, registry: Registry, foreign: Path, own: Path
) -> None:
    """NEEDS puts the library's revision before it."""
    (own / "0001_letters.py").write_text(alembic_file("0001", None, "letters"))
    needs = '\nNEEDS = ("crossdock:0001",)\n'
    (foreign / "db" / "versions" / "cd55.py").write_text(alembic_file("cd55", "bc42", "late", needs))
    steps: list[str] = []
    await Runner(empty, registry_of(registry, foreign)).up(steps.append)
    assert steps.index("crossdock:0001 up") < steps.index("alembic:cd55 up")


async def test_a_journal_of_an_earlier_release(
    server: Server, empty: Settings, registry: Registry, foreign: Path, own: Path
) -> None:
    """It took two chains and no more: `up` makes it take the library's own."""
    project = registry_of(registry, foreign)
    await Runner(empty, project).up()
    connection = await server.connect(empty.direct.database)
    await connection.execute("ALTER TABLE crossdock_journal ADD CHECK (chain IN ('legacy', 'new'))")
    (own / "0001_letters.py").write_text(alembic_file("0001", None, "letters"))
    await Runner(empty, project).up()
    assert await connection.fetchval("SELECT count(*) FROM crossdock_version") == 1
    await connection.close()


async def test_a_row_of_another_app_of_aerichs(
    server: Server, empty: Settings, registry: Registry, foreign: Path
) -> None:
    """aerich keeps every app in one table: those of others are none of ours, and not written into the journal."""
    runner = Runner(empty, registry_of(registry, foreign))
    await runner.up()
    connection = await server.connect(empty.direct.database)
    before = await connection.fetchval("SELECT count(*) FROM crossdock_journal")
    await connection.execute("INSERT INTO aerich (version, app, content) VALUES ('0_theirs.py', 'theirs', '{}')")
    assert await connection.fetchval("SELECT count(*) FROM crossdock_journal") == before
    await connection.close()
    assert all(chain.is_current for chain in await runner.status())


def test_the_library_brings_no_revision_that_is_no_chain() -> None:
    """What lies in the package can be read."""
    assert [chain.name for chain in chains_of(FREIGHT)][:2] == ["aerich", "alembic"]


def test_the_metadata_is_named_by_the_application(registry: Registry) -> None:
    """A declarative base or a MetaData; anything else is refused by its name."""
    named = {"crossdock.models.base:Base": True, "crossdock.models.base:Base.metadata": True, "pathlib:Path": False}
    for path, is_right in named.items():
        alembic = AlembicChain(folder=Path("db"), metadata=path)
        project = replace(registry, application=FREIGHT.model_copy(update={"alembic": alembic}))
        if is_right:
            assert isinstance(metadata_of(project), MetaData)
        else:
            with pytest.raises(ConfigurationError, match="pathlib:Path, which is no MetaData"):
                metadata_of(project)


@pytest.mark.usefixtures("without_own")
async def test_the_old_words_for_the_chains(server: Server, empty: Settings, registry: Registry, foreign: Path) -> None:
    """Files and targets that say `legacy` and `new` are understood; the journal keeps these words, which release 0.1
    reads, and everything that is shown says the tools' names."""
    needs = '\nNEEDS = ("legacy:0",)\n'
    (foreign / "db" / "versions" / "cd55.py").write_text(alembic_file("cd55", "bc42", "late", needs))
    runner = Runner(empty, registry_of(registry, foreign))
    await runner.up(target="new:cd55", accept=["legacy:0"])
    assert all(chain.is_current for chain in await runner.status())
    assert runner.chains.revisions[-1].needs == ("aerich:0",)
    connection = await server.connect(empty.direct.database)
    stored = await connection.fetch("SELECT DISTINCT chain FROM crossdock_journal ORDER BY chain")
    await connection.close()
    assert [row["chain"] for row in stored] == ["legacy", "new"]
    await runner.down(target="new:ae10")
    assert [chain.applied for chain in await runner.status()] == [("0_20260101000000_init.py",), ("ae10",)]
