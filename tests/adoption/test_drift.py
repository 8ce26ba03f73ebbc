"""`crossdock schema check` on a database that aerich and alembic made: what either writes in its own way is right."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.adoption.samples import LENDING, MODELS, REVISION, Shop, both
from tests.world import Server

TORTOISE = """
    shelf = fields.IntField(default=3)
    price = fields.DecimalField(max_digits=5, decimal_places=2, default=Decimal("0"))
    language = fields.CharField(max_length=9, default="it's")
    binding = fields.CharEnumField(Binding, default=Binding.CLOTH)
"""
BINDING = """
from decimal import Decimal
from enum import Enum


class Binding(str, Enum):
    CLOTH = "cloth"
    PAPER = "paper"
"""
LEFT_BY_AERICH = r"""
ALTER TABLE books ALTER shelf SET DEFAULT 3, ALTER price SET DEFAULT 0,
    ALTER binding SET DEFAULT 'cloth';
COMMENT ON COLUMN books.binding IS 'CLOTH: cloth\nPAPER: paper';
"""
"""The defaults of `ALTER TABLE ADD`, for the rows that are there; and a comment as `aerich init-db` escapes it."""


@pytest.fixture
async def shop(empty: Settings, tmp_path: Path) -> Shop:
    """Migrated, with columns that have defaults of Python's, and a type of SQLAlchemy's."""
    files = both()
    models = f"{BINDING}{MODELS}".replace("\n    author =", f"{TORTOISE}    author =")
    status = '    status: Mapped[Status] = mapped_column(Enum(Status, name="loan_status"))\n'
    lending = LENDING.replace("import Column", "import Enum, Column").replace("    lent_at", f"{status}    lent_at")
    classes = 'class Status(enum.Enum):\n    OPEN = "open"\n    BACK = "back"\n\n\nclass Member'
    column = '        sa.Column("status", sa.Enum("OPEN", "BACK", name="loan_status"), nullable=False),\n'
    files |= {
        "shop/models.py": models,
        "shop/lending.py": f"import enum\n{lending.replace('class Member', classes)}",
        "alembic/versions/d16d0b48e0db_members_and_loans.py": REVISION.replace(
            '        sa.Column("lent_at"', f'{column}        sa.Column("lent_at"'
        ),
    }
    shop = Shop(tmp_path)
    shop.write(files)
    await shop.begin_aerich()
    assert (await shop.crossdock("init")).status == 0
    up = await shop.crossdock("migrate", "up", settings=empty.with_database(empty.direct, empty.direct))
    assert up.status == 0, up
    return shop


async def test_what_either_tool_leaves_behind(server: Server, empty: Settings, shop: Shop) -> None:
    """No difference; another default, another comment and another type are."""
    settings = empty.with_database(empty.direct, empty.direct)
    connection = await server.connect(settings.direct.database)
    await connection.execute(LEFT_BY_AERICH)
    check = await shop.crossdock("schema", "check", settings=settings)
    assert (check.status, check.output) == (0, "Models and database agree.\n"), check
    await connection.execute("ALTER TABLE books ALTER shelf SET DEFAULT 4; COMMENT ON COLUMN books.binding IS 'cloth'")
    await connection.execute("ALTER TYPE loan_status ADD VALUE 'LOST'")
    await connection.close()
    found = (await shop.crossdock("schema", "check", "--json", settings=settings)).output
    assert [what for what in ("DEFAULT 4", "IS E'CLOTH", "enum of OPEN, BACK, LOST") if what not in found] == []
