"""The safety lint: each danger is caught in both chains with the safe way to write it, and the safe way passes."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crossdock.application import Application
from crossdock.cli.main import build
from crossdock.cli.migrate import lint as command
from crossdock.migrations.lint.linter import ALL, lint
from crossdock.migrations.lint.release import RELEASES, describe, releases, write
from crossdock.migrations.lint.squawk_rules import ADOPTED, EXCLUDED
from crossdock.migrations.revision import BrokenChain
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Registry
from crossdock.sql.rows import STABLE, VOLATILE
from crossdock.sql.statement import statements
from tests.application import FREIGHT
from tests.migrations.lint_samples import SAMPLES, Sample
from tests.migrations.lint_tree import CHAINS, TABLE, USED, Tree, operations, release, spelled
from tests.world import Server


@pytest.fixture
def tree(tmp_path: Path, registry: Registry) -> Tree:
    tree = Tree(tmp_path, registry)
    for chain, table in CHAINS.items():
        tree.add(chain, TABLE.format(t=table), down=f"DROP TABLE {table}")
    release(tree, "0.1.0", ["aerich:0_made.py", "alembic:0001"], USED)
    return tree


def named(sample: Sample) -> str:
    same = [each for each in SAMPLES if each.rule == sample.rule]
    return sample.rule if len(same) == 1 else f"{sample.rule}-{same.index(sample) + 1}"


EACH_SAMPLE = pytest.mark.parametrize("sample", SAMPLES, ids=named)
EACH_CHAIN = pytest.mark.parametrize("chain", CHAINS)


@EACH_CHAIN
@EACH_SAMPLE
async def test_a_danger_is_caught_with_its_rewrite(tree: Tree, sample: Sample, chain: str) -> None:
    """The message names the revision, the statement and the rule, says the safe way, and how to say why it is safe."""
    path = tree.add(chain, spelled(sample.bad, chain), is_alone=sample.is_alone)
    found = [finding for finding in await tree.lint() if finding.rule == sample.rule and " down" not in finding.place]
    assert found, await tree.lint()
    line = found[0].line
    assert spelled(sample.says, chain) in line
    assert line.startswith(f"aerich:{path.name}" if chain == "aerich" else "alembic:0002")
    assert line.endswith(f'Or say why it is safe: SAFE = {{"{sample.rule}": "..."}}.')
    if found[0].number is not None:
        assert (found[0].statement or "")[:60] in [
            statement.summary[:60] for statement in statements(spelled(sample.bad, chain))
        ]


@EACH_CHAIN
@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.good], ids=named)
async def test_the_safe_way_passes(tree: Tree, sample: Sample, chain: str) -> None:
    """What the message asks for is no finding itself, of this rule or another."""
    for sql in sample.good:
        tree.add(chain, spelled(sql, chain), is_alone=sample.good_is_alone and sql == sample.good[-1])
    assert [finding.line for finding in await tree.lint()] == []


@EACH_CHAIN
@EACH_SAMPLE
async def test_a_reason_silences_its_rule_alone(tree: Tree, sample: Sample, chain: str) -> None:
    """SAFE with a reason takes the findings of its rule away; one of a few letters is no reason."""
    path = tree.add(chain, spelled(sample.bad, chain), is_alone=sample.is_alone)
    before = await tree.rules()
    text = path.read_text()
    path.write_text(text.replace("RUN_IN", f'SAFE = {{"{sample.rule}": "the table is empty"}}\nRUN_IN'))
    assert await tree.rules() == before - {sample.rule}
    path.write_text(text.replace("RUN_IN", f'SAFE = {{"{sample.rule}": "it is ok"}}\nRUN_IN'))
    found = await tree.lint()
    assert {finding.rule for finding in found} == before
    assert any('"it is ok" is no reason' in finding.line for finding in found)


@EACH_CHAIN
@pytest.mark.parametrize("rule", ALL)
async def test_a_reason_for_nothing_is_a_finding(tree: Tree, rule: str, chain: str) -> None:
    """Of every rule: it would let the next danger through unread."""
    tree.add(chain, "SELECT 1", head=f'SAFE = {{"{rule}": "the table is empty"}}')
    found = await tree.lint()
    assert [(finding.rule, finding.may_be_safe) for finding in found] == [("stale-safe", False)]
    assert f'SAFE["{rule}"] silences nothing' in found[0].line


async def test_an_unknown_rule_in_safe_is_a_finding(tree: Tree) -> None:
    """A slip of the pen: the message says which rules there are."""
    tree.add("aerich", "SELECT 1", head='SAFE = {"set-not-nul": "the table is empty"}')
    assert ["names no rule of the lint" in finding.line for finding in await tree.lint()] == [True]


def test_every_rule_has_a_sample() -> None:
    """No rule is there that nobody has seen fail. Those of a file as a whole have tests of their own."""
    assert set(ALL) - {sample.rule for sample in SAMPLES} == {"docstring", "no-way-back"}


def test_both_choices_of_squawks_rules_have_reasons() -> None:
    """A rule is adopted with a rewrite or left out with a reason, and never both."""
    assert not ADOPTED.keys() & EXCLUDED.keys()
    assert all(rule.why and rule.rewrite for rule in ADOPTED.values())
    assert all(EXCLUDED.values())


async def test_both_chains_are_safe(registry: Registry) -> None:
    """Every revision that is in the tree, and every reason in it."""
    assert [finding.line for finding in await lint(registry)] == []


@EACH_CHAIN
async def test_a_table_of_the_same_revision_keeps_nobody_waiting(tree: Tree, chain: str) -> None:
    """Nobody sees it before the commit: whatever is done to it takes no time from anybody."""
    tree.add(
        chain,
        """CREATE TABLE IF NOT EXISTS "things" (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), a int, b int);
        CREATE INDEX i ON things (a); DROP INDEX i;
        ALTER TABLE things ALTER COLUMN a SET NOT NULL, ALTER COLUMN b TYPE bigint;
        ALTER TABLE things ADD COLUMN c int CHECK (c > 0), ADD COLUMN d float DEFAULT random();
        ALTER TABLE things ADD CONSTRAINT k CHECK (a > 0), ENABLE ROW LEVEL SECURITY;
        INSERT INTO things (a) SELECT amount FROM bids; LOCK TABLE things""",
    )
    assert [finding.line for finding in await tree.lint()] == []


@EACH_CHAIN
async def test_a_comment_silences_nothing(tree: Tree, chain: str) -> None:
    """squawk has comments for that; here a reason is in SAFE, where the reader looks."""
    tree.add(chain, spelled("/* squawk-ignore */\n-- squawk-ignore-file\nCREATE INDEX i ON {t} (note)", chain))
    assert await tree.rules() == {"require-concurrent-index-creation"}


@EACH_CHAIN
async def test_a_downgrade_has_to_be_possible(tree: Tree, chain: str) -> None:
    """One that does nothing, one that cannot be read, one that PostgreSQL would refuse: told before it is needed."""
    path = tree.add(chain, spelled("ALTER TABLE {t} ADD COLUMN size int", chain), down="")
    assert await tree.rules() == {"no-way-back"}
    text = path.read_text()
    path.write_text(text.replace("RUN_IN", 'SAFE = {"no-way-back": "an older release ignores it"}\nRUN_IN'))
    assert await tree.rules() == set()
    asks = 'return await db.execute_query("SELECT 1")' if chain == "aerich" else "op.get_bind().scalar('x')"
    path.write_text(text.replace('    return """"""', f"    {asks}").replace("    pass", f"    {asks}"))
    assert ["asks a database" in finding.line for finding in await tree.lint()] == [True]
    path.write_text(
        text.replace('    return """"""', "    raise KeyError(1)").replace("    pass", "    raise KeyError(1)")
    )
    assert ["down raises KeyError: 1" in finding.line for finding in await tree.lint()] == [True]


@EACH_CHAIN
async def test_a_downgrade_in_the_wrong_transaction(tree: Tree, chain: str) -> None:
    """The rules of transactions hold on the way back too."""
    tree.add(chain, "SELECT 1", down=spelled("DROP INDEX CONCURRENTLY {t}_there", chain))
    lines = [finding.line for finding in await tree.lint()]
    assert len(lines) == 1
    assert " down, statement 1 (DROP INDEX CONCURRENTLY" in lines[0]
    assert "stand-alone" in lines[0]


@EACH_CHAIN
async def test_a_missing_direction_is_told(tree: Tree, chain: str) -> None:
    """A file without downgrade() makes no chain: the tools refuse it too."""
    path = tree.add(chain, "SELECT 1")
    path.write_text(path.read_text().replace("def downgrade", "def undo"))
    with pytest.raises(BrokenChain, match=r"has no downgrade\(\)"):
        await tree.lint()


@EACH_CHAIN
async def test_what_cannot_be_read_needs_a_reason(tree: Tree, chain: str) -> None:
    """A revision that asks the database, raises, or holds no SQL: neither plan nor lint can tell what it does."""
    path = tree.add(chain, "SELECT 1")
    text = path.read_text()
    asks = 'await db.execute_query("SELECT 1")' if chain == "aerich" else "op.get_bind().execute('x').fetchall()"
    start = "async def upgrade(db):\n" if chain == "aerich" else "def upgrade():\n"
    for line, words in ((asks, "asks a database"), ("raise KeyError(1)", "up raises KeyError: 1")):
        path.write_text(text.replace(start, f"{start}    {line}\n"))
        assert [finding.rule for finding in await tree.lint()] == ["not-readable"]
        assert words in (await tree.lint())[0].line
    safe = 'SAFE = {"not-readable": "counts rows only, and writes in batches"}\nRUN_IN'
    path.write_text(path.read_text().replace("RUN_IN", safe))
    assert await tree.rules() == set()


async def test_what_is_no_sql_is_told(tree: Tree) -> None:
    """With PostgreSQL's own words."""
    tree.add("aerich", "ALTER TABEL bids ADD x int")
    assert [(finding.rule, "syntax error" in finding.line) for finding in await tree.lint()] == [("not-readable", True)]


@EACH_CHAIN
@pytest.mark.parametrize("about", ["", "Revision ID: 0002\nRevises: 0001", "empty message"])
async def test_a_docstring_has_to_say_something(tree: Tree, chain: str, about: str) -> None:
    """Who reads the plan at night learns from it what the revision is for. The first one makes the tables."""
    tree.add(chain, "SELECT 1", about=about)
    lines = [finding.line for finding in await tree.lint()]
    assert len(lines) == 1
    assert "Open the file with a sentence" in lines[0]
    path = next((tree.folder / "legacy" / "legacy").glob("0_*"))
    path.write_text(path.read_text().replace('"""Does something."""', ""))
    assert len(await tree.lint()) == 1


@EACH_CHAIN
async def test_needs_that_name_nothing(tree: Tree, chain: str) -> None:
    """No plan can be made: said first, and SAFE does not help."""
    tree.add(chain, "SELECT 1", head='NEEDS = ("aerich:7",)\nSAFE = {"needs": "it will be there"}')
    found = await tree.lint()
    assert [(finding.rule, finding.may_be_safe) for finding in found] == [("needs", False)]
    assert "aerich:7, which is no revision here" in found[0].line


async def test_alembics_block_and_the_files_word_belong_together(tree: Tree) -> None:
    """Each without the other is wrong: the transaction is open still, or the runner does not know that it is not."""
    block = operations("CREATE INDEX CONCURRENTLY i ON ledger_accounts (note)", is_alone=True)
    plain = operations("CREATE INDEX CONCURRENTLY i ON ledger_accounts (note)", is_alone=False)
    path = tree.add("alembic", "CREATE INDEX CONCURRENTLY i ON ledger_accounts (note)", is_alone=True)
    text = path.read_text()
    assert await tree.rules() == set()
    path.write_text(text.replace(block, plain))
    assert ["here it is in one" in finding.line for finding in await tree.lint()] == [True]
    path.write_text(text.replace("RUN_IN_TRANSACTION = False", ""))
    assert {
        finding.rule: "the file does not say RUN_IN_TRANSACTION = False" in finding.line
        for finding in await tree.lint()
    } == {"stand-alone": True}


async def test_alembics_own_operations_are_judged(tree: Tree) -> None:
    """Not only SQL: what op.create_index and op.add_column write is read as well."""
    path = tree.add("alembic", "SELECT 1")
    operations = 'import sqlalchemy as sa\n    op.create_index("i", "ledger_accounts", ["note"])\n'
    operations += '    op.alter_column("ledger_accounts", "note", nullable=False)\n'
    operations += '    op.add_column("ledger_accounts", sa.Column("size", sa.Integer(), nullable=False))\n'
    path.write_text(path.read_text().replace("def upgrade():\n", f"def upgrade():\n    {operations}"))
    assert await tree.rules() == {"require-concurrent-index-creation", "set-not-null", "adding-required-field"}


HANDED_OVER = 'NEEDS = ("aerich:0",)\nHANDED_OVER = {"bids": "aerich"}'


async def test_a_table_that_was_handed_over_has_two_owners_in_turn(tree: Tree) -> None:
    """Before the hand-over it is the giver's, afterwards the taker's: a revision stays right as it was written."""
    tree.add("alembic", "ALTER TABLE bids ADD COLUMN early int", head='NEEDS = ("aerich:0",)')
    assert await tree.rules() == {"others-table"}  # the manifests say aerich, and nobody handed it over
    next(tree.folder.glob("new/versions/1_*")).unlink()
    tree.counts["alembic"] = 0
    tree.add("alembic", "ALTER TABLE bids ADD COLUMN early int", head='NEEDS = ("aerich:0",)')
    tree.add("alembic", "", down="", about="Hand bids over.", head=HANDED_OVER)
    tree.add("aerich", "ALTER TABLE bids ADD COLUMN late int", head='NEEDS = ("alembic:0003",)')
    assert "aerich:0_made.py" in {finding.revision for finding in await tree.lint()}  # it was alembic's by then
    assert {finding.revision for finding in await tree.lint()} == {"aerich:0_made.py"}


async def test_a_drop_is_held_against_the_release_before_it(tree: Tree) -> None:
    """It stays right once its own release is out; a later one is held against that release."""
    tree.add("aerich", "ALTER TABLE bids DROP COLUMN note", head='SAFE = {"drop-in-use": "0.1.0 was never deployed"}')
    release(tree, "0.10.0", ["aerich:0_made.py", "aerich:1_made.py", "alembic:0001"], ["id", "price"])
    assert await tree.rules() == set()
    tree.add("aerich", "ALTER TABLE bids DROP COLUMN amount")
    assert await tree.rules() == set()
    tree.add("aerich", "ALTER TABLE bids DROP COLUMN price")
    assert ["Release 0.10.0" in finding.line for finding in await tree.lint()] == [True]


async def test_a_release_is_described_by_its_models(registry: Registry) -> None:
    """Both ORMs' tables with their columns, foreign keys' among them, and every revision."""
    described = await describe("9.9.9", registry)
    assert described["tables"].keys() == {*registry.owners(), *OWN_TABLES}
    assert {"booking_id", "amount_minor"} <= set(described["tables"]["bids"])
    assert {"debit_account_id", "expires_at"} <= set(described["tables"]["ledger_transfers"])
    assert "alembic:0001" in described["revisions"]


def test_a_release_is_written_once(tmp_path: Path) -> None:
    """What was deployed does not change: a second file of one version is refused."""
    path = write("9.9.9", tmp_path)
    assert [release.version for release in releases(tmp_path)] == ["9.9.9"]
    before = path.read_text()
    with pytest.raises(FileExistsError):
        write("9.9.9", tmp_path)
    assert path.read_text() == before


def test_every_release_that_is_kept_can_be_read() -> None:
    """Oldest first."""
    found = releases(FREIGHT.root / RELEASES)
    assert found[0].version == "0.1.0"
    assert found[0].uses("bids", "shipper_id")
    assert not found[0].uses("bids", "unheard_of")


async def test_the_volatile_functions_are_postgresqls(server: Server) -> None:
    """What returns a value that a column can hold and is volatile, of this server's own pg_proc."""
    connection = await server.connect("postgres")
    rows = await connection.fetch(
        "SELECT DISTINCT proname FROM pg_proc p JOIN pg_type t ON t.oid = prorettype WHERE provolatile = 'v'"
        " AND prokind = 'f' AND NOT proretset AND pronamespace = 'pg_catalog'::regnamespace AND typtype <> 'p'"
    )
    stable = await connection.fetch("SELECT DISTINCT proname FROM pg_proc WHERE provolatile <> 'v'")
    await connection.close()
    names = {row["proname"] for row in rows}
    assert {"random", "nextval", "gen_random_uuid", "clock_timestamp"} <= names & VOLATILE
    assert {"now", "lower", "coalesce", "current_setting"} & VOLATILE == set()
    assert VOLATILE & {row["proname"] for row in stable} <= names
    assert STABLE & names == set()
    assert {row["proname"] for row in stable} >= STABLE
    of_the_server = re.compile("pg_|lo|has_|binary_upgrade|(query|table|schema|database|cursor)_to|txid_|brin|gin_")
    assert {name for name in names - VOLATILE if not of_the_server.match(name)} <= {"amvalidate", "currtid2"}


@pytest.mark.parametrize("arguments", [["migrate", "lint"], ["migrate", "lint", "--json"]])
def test_the_command_says_it_and_exits_with_1(
    tree: Tree, arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For people and for programs; without a finding the status is 0."""
    monkeypatch.setattr(command.Registry, "found", lambda: tree.registry)
    safe = CliRunner().invoke(build([*arguments]), arguments)
    assert safe.exit_code == 0, safe.output
    tree.add("aerich", "CREATE INDEX i ON bids (note)")
    told = CliRunner().invoke(build([*arguments]), arguments)
    assert told.exit_code == 1
    assert "aerich:1_made.py, statement 1 (CREATE INDEX i ON bids (note))" in told.output
    if "--json" in arguments:
        assert json.loads(safe.output) == {"safe": True, "findings": []}
        assert json.loads(told.output)["findings"][0]["rule"] == "require-concurrent-index-creation"


async def test_without_tenants_no_table_needs_row_level_security(tree: Tree) -> None:
    """It would keep nobody apart."""
    tree.add("aerich", "CREATE TABLE shelves (id int)", down="DROP TABLE shelves")
    assert "row-level-security" in await tree.rules()
    alone = Application(**tree.registry.application.model_dump() | {"tenancy": None})
    tree.registry = replace(tree.registry, application=alone)
    assert "row-level-security" not in await tree.rules()
