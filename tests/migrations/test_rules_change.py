"""A rule stands in `rules.sql` alone: the revision's statements are the difference from the database, both ways."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.isolation.rules import rules
from crossdock.migrations.authoring import rules_change as authoring
from crossdock.migrations.authoring.inserting import insert
from crossdock.migrations.authoring.rules_change import RulesChange, rules_change
from crossdock.migrations.tools.formats import FORMATS
from crossdock.registry import Orm, Registry
from crossdock.schema import expected

READ = "\n    USING (company_id = (SELECT current_company_id()))"
SAID = "\n    USING (company_id = (( SELECT current_company_id() AS current_company_id)))"
"""The same in PostgreSQL's words."""
MINE = "CREATE POLICY ledger_entries_read ON ledger_entries FOR SELECT TO crossdock_app"
DROPPED = "DROP POLICY ledger_entries_read ON ledger_entries"
KEEP = """CREATE FUNCTION keep_bid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEW;  -- for now
END $$"""
TRIGGER = "CREATE TRIGGER bids_kept BEFORE UPDATE ON bids FOR EACH ROW EXECUTE FUNCTION keep_bid()"

CASES: dict[str, tuple[str, Orm, str, str, RulesChange]] = {
    "nothing": ("bids", Orm.TORTOISE, "", "", RulesChange()),
    "another policy": (
        "ledger",
        Orm.SQLALCHEMY,
        f"{MINE}{READ};",
        f"{MINE} USING (company_id = (SELECT current_company_id()) AND amount_minor > 0);",
        RulesChange(
            [DROPPED, f"{MINE}{SAID[:-1]} AND amount_minor > 0)"],
            [DROPPED, f"{MINE}{SAID}"],
        ),
    ),
    "no policy": ("ledger", Orm.SQLALCHEMY, f"{MINE}{READ};", "", RulesChange([DROPPED], [f"{MINE}{SAID}"])),
    "another grant": (
        "ledger",
        Orm.SQLALCHEMY,
        "GRANT SELECT ON ledger_entries TO crossdock_app;",
        "GRANT SELECT, INSERT (id) ON ledger_entries TO crossdock_app;",
        RulesChange(
            ["GRANT INSERT (id) ON ledger_entries TO crossdock_app"],
            ["REVOKE INSERT (id) ON ledger_entries FROM crossdock_app"],
        ),
    ),
    "a function and who calls it": (
        "bids",
        Orm.TORTOISE,
        "",
        f"{KEEP};\n{TRIGGER};",
        RulesChange(
            [KEEP.replace("CREATE", "CREATE OR REPLACE"), TRIGGER],
            ["DROP TRIGGER bids_kept ON bids"],
            ["DROP FUNCTION keep_bid()"],
        ),
    ),
    "a check, validated by the next revision": (
        "bids",
        Orm.TORTOISE,
        "",
        "ALTER TABLE bids ADD CONSTRAINT ck_bids_cheap CHECK (amount_minor < 9);",
        RulesChange(
            ["ALTER TABLE bids ADD CONSTRAINT ck_bids_cheap CHECK (amount_minor < 9) NOT VALID"],
            ["ALTER TABLE bids DROP CONSTRAINT ck_bids_cheap"],
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_the_difference_is_told_both_ways(
    settings: Settings, registry: Registry, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """What is done, and what undoes it: a function as a person wrote it, all else in PostgreSQL's words."""
    module, orm, old, new, change = CASES[case]
    said = rules(registry)
    said[f"modules/{module}/rules.sql"] = _changed(said[f"modules/{module}/rules.sql"], old, new)
    for reader in (authoring, expected):
        monkeypatch.setattr(reader, "rules", lambda _: said)
    assert await rules_change(settings.direct, registry, registry.modules[module], orm) == change


def _changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1) if old else f"{text}\n{new}"


async def test_a_function_that_was_there_comes_back(
    settings: Settings, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replaced, not dropped: what calls it stays. The way down has the definition that the database has now."""
    said = rules(registry)
    where = "modules/ledger/rules.sql"
    said[where] = said[where].replace("rows of % are never changed or removed", "no row of % is ever changed")
    for reader in (authoring, expected):
        monkeypatch.setattr(reader, "rules", lambda _: said)
    change = await rules_change(settings.direct, registry, registry.modules["ledger"], Orm.SQLALCHEMY)
    assert (len(change.up), change.before, len(change.after)) == (1, [], 1)
    assert change.up[0].startswith("-- Not even the owner") or change.up[0].startswith("CREATE OR REPLACE FUNCTION")
    assert "no row of % is ever changed" in change.up[0]
    assert change.after[0].startswith("CREATE OR REPLACE FUNCTION refuse_change()")
    assert "rows of % are never changed or removed" in change.after[0]


NEW = '''"""A file of alembic's."""

from alembic import op


def upgrade() -> None:
    op.drop_table("a")


def downgrade() -> None:
    pass
'''
LEGACY = '''"""A file of aerich's."""


async def upgrade(db):
    return """
        ALTER TABLE "bids" ADD "note" INT;"""


async def downgrade(db):
    return """
        """
'''
ODD = ["SELECT 'a:b', 'c :d', '\\', \"e\"", 'CREATE FUNCTION f()\n    AS "g"', 'SELECT "h"']


@pytest.mark.parametrize(("chain", "text"), [("alembic", NEW), ("aerich", LEGACY)])
async def test_statements_are_put_into_the_file_of_either_tool(tmp_path: Path, chain: str, text: str) -> None:
    """After those of the models on the way up, around them on the way down, whatever signs are in them."""
    path = tmp_path / "file.py"
    path.write_text(text)
    insert(path, FORMATS[chain], RulesChange(ODD, ODD[:1], ODD[1:]))
    done: list[str] = []
    names = {"op": _Op(done), "__name__": "file"}
    exec(compile(path.read_text().replace("from alembic import op\n", ""), path, "exec"), names)  # noqa: S102
    for function in ("upgrade", "downgrade"):
        returned = names[function](None) if chain == "aerich" else names[function]()  # type: ignore[operator]
        if chain == "aerich":
            done.append((await returned).strip().replace(";\n", "|"))
    if chain == "aerich":
        assert done == ["|".join(['ALTER TABLE "bids" ADD "note" INT', *ODD]) + ";", "|".join(ODD) + ";"]
    else:
        assert done == ["a", *ODD, *ODD]


class _Op:
    """alembic's `op`, which writes down what it is told."""

    def __init__(self, done: list[str]) -> None:
        self.drop_table = done.append
        self._done = done

    def execute(self, sql: str) -> None:
        from sqlalchemy import text
        from sqlalchemy.dialects import postgresql

        self._done.append(str(text(sql).compile(dialect=postgresql.asyncpg.dialect())))
