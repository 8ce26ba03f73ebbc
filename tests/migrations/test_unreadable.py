"""Revisions that cannot be run, or would fail half-way: told in words by lint and by `up`, before anything is run."""

import asyncio
from pathlib import Path

import pytest

from crossdock.config.settings import MigrationSettings
from crossdock.errors import CrossdockError
from crossdock.migrations.chain import chains_of
from crossdock.migrations.plan import Step
from crossdock.migrations.revision import Direction
from crossdock.migrations.run.failure import StepFailed
from crossdock.migrations.run.repeatable import check_repeatable
from crossdock.migrations.run.watch import Unwatched
from crossdock.migrations.tools.every import tools_of
from crossdock.registry import Registry
from crossdock.schema.expected import NOWHERE
from tests.migrations.lint_tree import CHAINS, TABLE, Tree
from tests.migrations.scene import Scene
from tests.waiting import until

MORE = "CREATE TABLE more (id int)"
LEGACY, NEW = "async def upgrade(db):\n    ", "def upgrade():\n    "
BLOCK = "with op.get_context().autocommit_block():\n        "
CASES = {
    "a block without the mark": (
        NEW, f'{BLOCK}op.execute("SELECT 1")', "autocommit_block()|RUN_IN_TRANSACTION = False"),
    "raises": (NEW, 'raise OSError("no way")', "raises OSError: no way"),
    "a typing error": (NEW, 'op.creat_table("x")', "raises AttributeError: module 'alembic.op' has no attribute"),
    "a copied table": (
        NEW, 'with op.batch_alter_table("bids", recreate="always") as batch:\n        batch.drop_column("note")',
        'copies the table|policies, grants and triggers|recreate="never"'),
    "its own commit": (NEW, "op.get_bind().commit()", "calls commit() on the connection|RUN_IN_TRANSACTION = False"),
    "its own begin": (NEW, "op.get_bind().begin()", "calls begin() on the connection"),
    "nothing": (LEGACY, "pass", "upgrade() returns NoneType|Return the statements as one text"),
    "a list": (LEGACY, 'return ["SELECT 1"]', "upgrade() returns list"),
    "raises in aerich": (LEGACY, "raise ValueError(3)", "raises ValueError: 3"),
}  # fmt: skip
"""What a function does → the words of the message, parted by |."""


@pytest.fixture
def tree(tmp_path: Path, registry: Registry) -> Tree:
    tree = Tree(tmp_path, registry)
    for chain, table in CHAINS.items():
        tree.add(chain, TABLE.format(t=table), down=f"DROP TABLE {table}")
    return tree


async def check(tree: Tree, direction: Direction = Direction.UP) -> None:
    """As `up` and `down` do before they begin, of the last revision of each chain."""
    chains = chains_of(tree.registry.application)
    tools = tools_of(NOWHERE, tree.registry, chains)
    revisions = [chain.revisions()[-1] for chain in chains]
    await check_repeatable(tools, [Step(revision, direction) for revision in revisions])


@pytest.mark.parametrize(("start", "body", "words"), CASES.values(), ids=CASES)
async def test_it_is_told_before_anything_is_run(tree: Tree, start: str, body: str, words: str) -> None:
    """By both, in the same words."""
    path = tree.add("aerich" if start == LEGACY else "alembic", "SELECT 1")
    text = path.read_text()
    head, _, rest = text.partition(start)
    _, _, tail = rest.partition("\n\n\n")
    path.write_text(f"{head}{start}{body}\n\n\n{tail}")
    with pytest.raises(CrossdockError) as caught:
        await check(tree)
    lines = [finding.line for finding in await tree.lint()]
    for word in words.split("|"):
        assert word in str(caught.value)
        assert any(word in line for line in lines), lines


@pytest.mark.parametrize("chain", CHAINS)
async def test_a_way_back_that_raises(tree: Tree, chain: str) -> None:
    """Told by `down` before the first step, and by the lint under its own rule."""
    path = tree.add(chain, "SELECT 1")
    head, _, _ = path.read_text().partition("def downgrade")
    path.write_text(f"{head}def downgrade({'db' if chain == 'aerich' else ''}):\n    raise LookupError\n")
    await check(tree)
    with pytest.raises(CrossdockError, match=r"down raises LookupError\. What is not possible can be neither run"):
        await check(tree, Direction.DOWN)
    (finding,) = await tree.lint()
    assert finding.rule == "no-way-back"
    assert "down raises LookupError" in finding.line


async def test_the_mark_without_the_block(tree: Tree) -> None:
    """The runner would think that each statement has committed, and alembic has them in one transaction."""
    path = tree.add("alembic", "SELECT 1")
    path.write_text(path.read_text().replace("RUN_IN_TRANSACTION = True", "RUN_IN_TRANSACTION = False"))
    with pytest.raises(CrossdockError, match=r"says RUN_IN_TRANSACTION = False, .*autocommit_block"):
        await check(tree)
    assert {finding.rule for finding in await tree.lint()} == {"stand-alone", "repeatable"}


async def test_savepoints_of_a_revision_that_asks(scene: Scene) -> None:
    """What only a run can tell is run as it stands: nested savepoints, a query, statements that follow from it."""
    path = scene.project.add_alembic("SELECT 1", "SELECT 1")
    body = """bind = op.get_bind()
    with bind.begin_nested():
        name = bind.exec_driver_sql("SELECT 'more'").scalar()
    with bind.begin_nested() as inner:
        op.execute("CREATE TABLE gone (id int)")
        inner.rollback()
    op.execute(f"CREATE TABLE {name} (id int)")"""
    path.write_text(path.read_text().replace('op.execute("""SELECT 1""")', body, 1))
    await scene.runner.up()
    assert await scene.sql("SELECT to_regclass('more') IS NOT NULL, to_regclass('gone') IS NULL") == [(True, True)]


SEVERAL = (
    """op.execute("CREATE TABLE several (id int, note text); INSERT INTO several VALUES (1, 'a;b'), (2, '%s:x'); {}")"""
)


def several(scene: Scene, last: str, first: str = "") -> None:
    """A revision as psycopg takes it: more than one statement in an `op.execute`."""
    path = scene.project.add_alembic("SELECT 1", "DROP TABLE several;")
    body = first + SEVERAL.format(last).replace(":x", "\\\\:x")
    path.write_text(path.read_text().replace('op.execute("""SELECT 1""")', body, 1))


@pytest.mark.parametrize("first", ["", 'op.get_bind().exec_driver_sql("SELECT 1").scalar()\n    '])
async def test_several_statements_in_one_operation(scene: Scene, first: str) -> None:
    """They are sent one by one, also where the revision asks the database first: each is seen by whoever looks on."""
    several(scene, "CREATE INDEX on_several ON several (id)", first)
    seen: list[str] = []

    class Seeing(Unwatched):
        async def before(self, step: Step, statement: str) -> None:
            seen.append(statement.split(" ", maxsplit=1)[0])

    await scene.runner.up(watch=Seeing())
    assert seen[-3:] == ["CREATE", "INSERT", "CREATE"]
    rows = await scene.sql("SELECT note FROM several ORDER BY id")
    assert [row[0] for row in rows] == ["a;b", "%s:x"]
    assert await scene.sql("SELECT to_regclass('on_several') IS NOT NULL") == [(True,)]


async def test_several_statements_of_which_the_last_fails(scene: Scene) -> None:
    """Nothing of them stays, and the failure names the one that failed."""
    several(scene, "SELECT 1 / 0")
    with pytest.raises(StepFailed, match=r"statement 3 \(SELECT 1 / 0\)"):
        await scene.runner.up()
    assert await scene.sql("SELECT to_regclass('several') IS NULL") == [(True,)]


async def test_several_statements_by_the_raw_command(scene: Scene) -> None:
    """`alembic upgrade head` sends them one by one too."""
    several(scene, "CREATE INDEX on_several ON several (id)")
    ran = await scene.project.tool("alembic", "upgrade", "head", settings=scene.settings)
    assert ran.status == 0, ran
    assert await scene.sql("SELECT count(*) FROM several") == [(2,)]


async def test_several_statements_with_a_commit_among_them(scene: Scene) -> None:
    """It is refused as anywhere, before anything is run."""
    several(scene, "COMMIT; SELECT 1")
    await scene.refused("ends its own transaction")


@pytest.mark.parametrize("chain", CHAINS)
async def test_its_own_commit_after_a_question(scene: Scene, chain: str) -> None:
    """Lint cannot see behind the question. The run refuses it in the same words, and nothing stays."""
    if chain == "aerich":
        path, old = scene.project.add_aerich("-- nothing", ""), 'return """-- nothing"""'
        body = f'await db.execute_query("SELECT 1")\n    await db.execute_script("{MORE}")\n    await db.commit()'
        body += f"\n    {old}"
    else:
        path, old = scene.project.add_alembic("SELECT 1", "SELECT 1"), 'op.execute("""SELECT 1""")'
        body = (
            f'op.get_bind().exec_driver_sql("SELECT 1").scalar()\n    op.execute("{MORE}")\n    op.get_bind().commit()'
        )
    path.write_text(path.read_text().replace(old, body, 1))
    with pytest.raises(CrossdockError, match=r"calls commit\(\) on the connection"):
        await scene.runner.up()
    assert await scene.sql("SELECT to_regclass('more')") == [(None,)]


@pytest.mark.parametrize("end", ("COMMIT", "ROLLBACK"))
@pytest.mark.parametrize("verb", ("db.execute_script", "db.execute_query", "op.execute"))
async def test_its_own_commit_in_sql_after_a_question(scene: Scene, verb: str, end: str) -> None:
    """By whatever it sends it, through the conductor or past it."""
    if verb.startswith("db."):
        path, old = scene.project.add_aerich("-- nothing", ""), 'return """-- nothing"""'
        body = f'await db.execute_query("SELECT 1")\n    await db.execute_script("{MORE}")\n    await {verb}("{end}")'
        body += f"\n    {old}"
    else:
        path, old = scene.project.add_alembic("SELECT 1", "SELECT 1"), 'op.execute("""SELECT 1""")'
        body = f'op.get_bind().exec_driver_sql("SELECT 1").scalar()\n    op.execute("{MORE}")\n    {verb}("{end}")'
    path.write_text(path.read_text().replace(old, body, 1))
    with pytest.raises(CrossdockError, match=rf"sends {end}, and the runner makes and ends the transaction"):
        await scene.runner.up()
    assert await scene.sql("SELECT to_regclass('more')") == [(None,)]


async def test_its_own_commit_after_a_look_at_the_catalogue(scene: Scene) -> None:
    """alembic looks there too, and commits then: what the revision has written before is known still."""
    path = scene.project.add_alembic("SELECT 1", "SELECT 1")
    look = 'op.get_bind().exec_driver_sql("SELECT 1 FROM pg_catalog.pg_class LIMIT 1").scalar()'
    body = f'{look}\n    op.execute("{MORE}")\n    {look}\n    op.get_bind().commit()'
    path.write_text(path.read_text().replace('op.execute("""SELECT 1""")', body, 1))
    with pytest.raises(CrossdockError, match=r"calls commit\(\) on the connection"):
        await scene.runner.up()
    assert await scene.sql("SELECT to_regclass('more')") == [(None,)]


async def test_its_own_commit_behind_a_lock_that_was_learnt(scene: Scene) -> None:
    """The LOCK TABLE of a second try is the runner's, and what comes behind it the revision's."""
    path = scene.project.add_alembic("SELECT 1", "SELECT 1")
    body = 'op.get_bind().exec_driver_sql("SELECT 1 FROM pg_catalog.pg_class LIMIT 1").scalar()\n    '
    body += 'op.execute("ALTER TABLE bids ADD COLUMN more int")\n    op.get_bind().commit()'
    path.write_text(path.read_text().replace('op.execute("""SELECT 1""")', body, 1))
    limits = MigrationSettings(lock_timeout_ms=100, lock_tries=1000)
    other = await scene.server.connect(scene.settings.direct.database)
    async with other.transaction():
        await other.execute("SELECT FROM bids")
        runner = scene.project.runner(scene.settings.model_copy(update={"migrations": limits}))
        running = asyncio.create_task(runner.up())
        await until(lambda: scene.sql("SELECT FROM crossdock_journal WHERE event = 'failed'"))
    await other.close()
    with pytest.raises(CrossdockError, match=r"calls commit\(\) on the connection"):
        await running
    assert await scene.sql("SELECT FROM pg_attribute WHERE attrelid = 'bids'::regclass AND attname = 'more'") == []
