"""Two short chains in a folder of a test's own, for the lint to judge, and the release that is deployed with them."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from crossdock.application import AerichChain, AlembicChain
from crossdock.migrations.lint.finding import Finding
from crossdock.migrations.lint.linter import lint
from crossdock.registry import Registry
from crossdock.sql.statement import statements

CHAINS = {"aerich": "bids", "alembic": "ledger_accounts"}
"""Chain → a table of it."""
FIRST_OF_THE_OTHER = {"aerich": 'NEEDS = ("alembic:0001",)', "alembic": 'NEEDS = ("aerich:0",)'}
TABLE = """
CREATE TABLE {t} (id uuid PRIMARY KEY, note varchar(20), price numeric(10, 2), amount int NOT NULL, parent uuid,
    unused int NOT NULL, word varchar(10) CHECK (word <> ''), CONSTRAINT one_of_a_kind UNIQUE (price));
ALTER TABLE {t} ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenants ON {t} TO crossdock_app USING (amount = 1);
CREATE POLICY bounds ON {t} AS RESTRICTIVE TO crossdock_app USING (amount < 9);
CREATE UNIQUE INDEX {t}_there ON {t} (note)
"""
USED = ["id", "note", "price", "amount", "parent"]
LEGACY = '''"""{about}"""

{head}
RUN_IN_TRANSACTION = {in_transaction}


async def upgrade(db):
    return """{up}"""


async def downgrade(db):
    return """{down}"""
'''
NEW = '''"""{about}"""

from alembic import op

{head}
revision = "{number:04d}"
down_revision = {before}
RUN_IN_TRANSACTION = {in_transaction}


def upgrade():
{up}


def downgrade():
{down}
'''


@dataclass
class Tree:
    """Both chains in a folder of their own: a first revision of each makes its table, 0.1.0 is deployed with them."""

    folder: Path
    registry: Registry
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chains = {
            "aerich": AerichChain(folder=Path("legacy"), app="legacy"),
            "alembic": AlembicChain(folder=Path("new")),
        }
        application = self.registry.application.model_copy(update={"root": self.folder, **chains})
        self.registry = replace(self.registry, application=application)

    def add(
        self,
        chain: str,
        up: str,
        *,
        down: str = "COMMENT ON TABLE bids IS NULL",
        about: str = "Does something.",
        head: str = "",
        is_alone: bool = False,
    ) -> Path:
        """The next revision of a chain."""
        count = self.counts[chain] = self.counts.get(chain, -1) + 1
        head = head or (FIRST_OF_THE_OTHER[chain] if count else "")
        path = self.folder / ("legacy/legacy" if chain == "aerich" else "new/versions") / f"{count}_made.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {"about": about, "head": head, "in_transaction": not is_alone}
        if chain == "aerich":
            path.write_text(LEGACY.format(up=up, down=down, **told))
        else:
            before = f'"{count:04d}"' if count else None
            ways = {"up": operations(up, is_alone=is_alone), "down": operations(down, is_alone=is_alone)}
            path.write_text(NEW.format(number=count + 1, before=before, **ways, **told))
        return path

    async def lint(self) -> list[Finding]:
        return await lint(self.registry)

    async def rules(self) -> set[str]:
        return {finding.rule for finding in await self.lint()}


def operations(sql: str, *, is_alone: bool) -> str:
    lines = [f"op.execute({statement.text!r})" for statement in statements(sql)] or ["pass"]
    if is_alone:
        lines = ["with op.get_context().autocommit_block():", *(f"    {line}" for line in lines)]
    return "\n".join(f"    {line}" for line in lines)


def release(tree: Tree, version: str, revisions: list[str], columns: list[str]) -> None:
    folder = tree.folder / "releases" / version
    folder.mkdir(parents=True)
    told = {"release": version, "revisions": revisions, "tables": dict.fromkeys(CHAINS.values(), columns)}
    (folder / "schema.json").write_text(json.dumps(told))


def spelled(sql: str, chain: str) -> str:
    other = next(table for name, table in CHAINS.items() if name != chain)
    return sql.replace("{t}", CHAINS[chain]).replace("{other}", other)
