"""What the projects of other people are made of: a shop with books in Tortoise, and loans in SQLAlchemy."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from crossdock.config.settings import Settings
from tests.acceptance.process import environment
from tests.commands.quick import Ran, quickly
from tests.migrations.copies import TOOLS

MODELS = """
from tortoise import fields
from tortoise.models import Model


class Author(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=100)


class Tag(Model):
    word = fields.CharField(max_length=30, unique=True)


class Book(Model):
    id = fields.BigIntField(primary_key=True)
    title = fields.CharField(max_length=200, db_index=True)
    author = fields.ForeignKeyField("models.Author", related_name="books")
    tags = fields.ManyToManyField("models.Tag")

    class Meta:
        table = "books"
"""
SETTINGS = """
TORTOISE_ORM = {
    "connections": {"default": "postgres://nobody@localhost:1/nothing"},
    "apps": {"models": {"models": ["shop.models", "aerich.models"], "default_connection": "default"}},
}
"""
AERICH = """
[tool.aerich]  # theirs
tortoise_orm = "shop.settings.TORTOISE_ORM"
location = "./migrations"
src_folder = "./."
"""
BASE = """
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""
LENDING = """
from datetime import datetime

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Table, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.db import Base

books = Table("books", Base.metadata, Column("id", Integer, primary_key=True))


class Member(Base):
    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    loans: Mapped[list["Loan"]] = relationship(back_populates="member")


class Loan(Base):
    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))
    lent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    member: Mapped[Member] = relationship(back_populates="loans")
"""
INI = """
[alembic]
script_location = %(here)s/alembic
prepend_sys_path = .
"""
ENV = """
from alembic import context
from psycopg import connect  # is not installed here: nothing of this file is run

from shop import lending  # noqa: F401
from shop.db import Base

target_metadata = Base.metadata


def run() -> None:
    context.configure(connection=connect(), target_metadata=target_metadata)


run()
"""
MAKO = '''"""${message}"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''
REVISION = '''"""Members and loans."""
from typing import Sequence, Union

import sqlalchemy as sa
from alembic import op

revision: str = "d16d0b48e0db"
down_revision: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "loans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("lent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_loans_member_id"), "loans", ["member_id"], unique=False)


def downgrade() -> None:
    op.drop_table("loans")
    op.drop_table("members")
'''
PROJECT = '[project]\nname = "shop"   # ours\nversion = "1"\n'
OLD = '''
async def upgrade(db) -> str:
    return """CREATE TABLE IF NOT EXISTS "books" ("id" BIGSERIAL NOT NULL PRIMARY KEY);"""


async def downgrade(db) -> str:
    return """DROP TABLE "books";"""
'''


def tortoise() -> dict[str, str]:
    """The files of a service on Tortoise; its first revision is made by `Shop.begin_aerich`."""
    return {
        "pyproject.toml": PROJECT + AERICH,
        "shop/__init__.py": "",
        "shop/settings.py": SETTINGS,
        "shop/models.py": MODELS,
    }


def sqlalchemy() -> dict[str, str]:
    """The files of a service on SQLAlchemy, whose env.py works with psycopg."""
    return {
        "pyproject.toml": PROJECT,
        "shop/__init__.py": "",
        "shop/db.py": BASE,
        "shop/lending.py": LENDING,
        "alembic.ini": INI,
        "alembic/env.py": ENV,
        "alembic/script.py.mako": MAKO,
        "alembic/versions/d16d0b48e0db_members_and_loans.py": REVISION,
    }


def both() -> dict[str, str]:
    return sqlalchemy() | tortoise()


@dataclass(frozen=True)
class Shop:
    """The folder of a project."""

    root: Path

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"))

    @property
    def files(self) -> dict[str, str]:
        """Every file as it is now, without compiled code."""
        paths = [path for path in self.root.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        return {str(path.relative_to(self.root)): path.read_text() for path in paths}

    async def crossdock(self, *arguments: str, settings: Settings | None = None) -> Ran:
        located = {"DATABASE_URL": settings.direct.url} if settings else {}
        named = environment(**located)
        return await quickly("crossdock.cli.main:main", "crossdock", *arguments, folder=self.root, environment=named)

    async def begin_aerich(self) -> None:
        """Has aerich write its first revision. No database is asked."""
        named = environment(PYTHONPATH=str(self.root))
        ran = await quickly(TOOLS["aerich"], "aerich", "init-migrations", folder=self.root, environment=named)
        assert ran.status == 0, ran
