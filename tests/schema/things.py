"""Somebody's project: things with a column of every type in one ORM, and what hangs on tables in all its forms."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.registry import Orm
from tests.acceptance.process import environment
from tests.commands.quick import Ran, quickly

PROJECT = """
[project]
name = "things"

[tool.crossdock]
name = "things"
modules = "PACKAGE.manifests:MODULES"

[tool.crossdock.aerich]
folder = "migrations"

[tool.crossdock.alembic]
folder = "alembic"
metadata = "PACKAGE.db:Base"
"""
MANIFESTS = """
from crossdock import Module, Orm

MODULES = (
    Module(name="things", orm=Orm.TORTOISE, tables=(TABLES), models=("PACKAGE.things.models",)),
)
"""
BASE = """
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""
WORDS = """
from decimal import Decimal
from enum import IntEnum, StrEnum


class State(StrEnum):
    AT_REST = "at rest"
    MOVING = "moving"


class Level(IntEnum):
    LOW = 1
    HIGH = 3


HALF = Decimal("0.50")


def nothing() -> str:
    return "nothing"
"""
EVERY_TYPE = """
from decimal import Decimal

from tortoise import Model, fields
from tortoise.contrib.postgres.fields import ArrayField

from PACKAGE.things.words import Level, State, nothing


class Thing(Model):
    \"\"\"A column of every type.\"\"\"

    id = fields.UUIDField(primary_key=True)
    key = fields.UUIDField(null=True)
    words = fields.TextField(default=nothing)
    word = fields.CharField(max_length=100, default="it's \\"so\\"", description="what it is called")
    small = fields.SmallIntField(null=True)
    whole = fields.IntField(default=-7)
    big = fields.BigIntField(null=True)
    ratio = fields.FloatField(default=0.5)
    price = fields.DecimalField(max_digits=30, decimal_places=6, default=Decimal("1.5"))
    flag = fields.BooleanField(default=False)
    at = fields.DatetimeField(null=True)
    made_at = fields.DatetimeField(auto_now_add=True)
    changed_at = fields.DatetimeField(auto_now=True)
    day = fields.DateField(null=True)
    hour = fields.TimeField(null=True)
    lasts = fields.TimeDeltaField(null=True)
    blob = fields.BinaryField(null=True)
    state = fields.CharEnumField(State, max_length=20, default=State.AT_REST)
    level = fields.IntEnumField(Level, null=True, description="how high it is, in one of the few words that we have for"
        " this, of which there are more than a line can hold")
    metadata = fields.JSONField(default={})
    items = fields.JSONField(null=True)
    numbers = ArrayField(element_type="int", null=True)
    names = ArrayField(element_type="text", default=list)
    called = fields.CharField(max_length=20, null=True, source_field="named")
    counted = fields.IntField(db_default=3)

    class Meta:
        table = "things"
"""
EVERY_KEY = """
from tortoise import Model, fields
from tortoise.contrib.postgres.indexes import GinIndex, HashIndex
from tortoise.functions import Lower
from tortoise.indexes import Index, PartialIndex

from crossdock.schema.tortoise import UniqueIndex


class Text(Model):
    \"\"\"Is called as a type of SQLAlchemy is.

    And its docstring has more than one line.
    \"\"\"

    code = fields.CharField(max_length=20, primary_key=True)
    tags = fields.ManyToManyField("models.Tag", related_name="texts")

    class Meta:
        table = "texts"


class Tag(Model):
    id = fields.BigIntField(primary_key=True)
    word = fields.CharField(max_length=30, unique=True)
    parent = fields.ForeignKeyField("models.Tag", null=True, on_delete=fields.SET_NULL, related_name="children")
    text = fields.ForeignKeyField("models.Text", on_delete=fields.CASCADE)
    twin = fields.OneToOneField("models.Text", on_delete=fields.NO_ACTION, null=True, related_name="twins")
    number = fields.IntField(db_index=True)
    facts = fields.JSONField()

    class Meta:
        table = "tags"
        unique_together = (("word", "number"),)
        indexes = (
            ("text_id", "number"),
            Index(fields=("number", "word"), name="by_number"),
            Index(Lower("word"), name="by_lower_word"),
            PartialIndex(fields=("word",), name="of_seven", condition={"number": 7}),
            GinIndex(fields=("facts",), name="by_facts"),
            HashIndex(fields=("word",), name="by_hash"),
            UniqueIndex(fields=("text_id", "word"), name="one_word", where="number > 0"),
        )


class Integer(Model):
    number = fields.IntField(primary_key=True, generated=False)

    class Meta:
        table = "plains"
"""


MAPPED = """
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, String, Table, Text
from sqlalchemy import UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crossdock.clock import now
from crossdock.models.types import enum_text
from PACKAGE.db import Base
from PACKAGE.things.words import State, nothing

authors_books = Table(
    "authors_books",
    Base.metadata,
    Column("author_id", ForeignKey("authors.name", ondelete="CASCADE"), nullable=False),
    Column("book_id", ForeignKey("books.id", ondelete="CASCADE"), nullable=False),
)


class Author(Base):
    \"\"\"Somebody who writes.\"\"\"

    __tablename__ = "authors"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    teacher: Mapped[str | None] = mapped_column(ForeignKey("authors.name"))
    motto: Mapped[str] = mapped_column(Text, unique=True, default=nothing)
    books: Mapped[list["Book"]] = relationship(secondary=authors_books, back_populates="authors")


class Book(Base):
    __tablename__ = "books"
    __table_args__ = (
        UniqueConstraint("title", "author_name", name="one_title"),
        CheckConstraint("pages > 0", name="has_pages"),
        Index("by_pages", text("pages DESC"), postgresql_where=text("pages > 1")),
        Index("ix_books_title", "title", unique=True),
        {"comment": "What is written, 'and read'"},
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str] = mapped_column(String(200), comment="on its cover")
    author_name: Mapped[str] = mapped_column(ForeignKey("authors.name", name="of_author", ondelete="RESTRICT"))
    pages: Mapped[int] = mapped_column(default=12, server_default=text("12"))
    state: Mapped[State] = mapped_column(enum_text(State, 10), default=State.MOVING)
    words: Mapped[list[str] | None] = mapped_column(ARRAY(String(20)))
    printed: Mapped[UUID | None] = mapped_column("printer", Uuid)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)
    authors: Mapped[list[Author]] = relationship(secondary=authors_books, back_populates="books")
"""


@dataclass(frozen=True)
class Things:
    """The project in a folder, with a database. `package` is a name that no other test has: a module is imported once
    in a process."""

    root: Path
    package: str
    settings: Settings

    @property
    def folder(self) -> Path:
        """Of the module."""
        return self.root / self.package / "things"

    @property
    def made(self) -> Path:
        return self.folder / "models_sqlalchemy.py"

    @property
    def made_back(self) -> Path:
        return self.folder / "models_tortoise.py"

    def turn_round(self) -> None:
        """What was generated for SQLAlchemy is all that is left: the tables are alembic's."""
        (self.folder / "models.py").unlink()
        manifests = self.root / self.package / "manifests.py"
        text = manifests.read_text().replace("things.models", "things.models_sqlalchemy")
        manifests.write_text(text.replace("Orm.TORTOISE", "Orm.SQLALCHEMY"))

    async def begin(self, models: str, *tables: str, orm: Orm = Orm.TORTOISE) -> None:
        """Writes its files and makes its tables."""
        self.write("pyproject.toml", PROJECT)
        named = "".join(f'"{table}", ' for table in tables)
        manifests = MANIFESTS.replace("TABLES", named).replace("TORTOISE", orm.name)
        self.write(f"{self.package}/manifests.py", manifests)
        self.write(f"{self.package}/db.py", BASE)
        self.write(f"{self.package}/__init__.py", "")
        self.write(f"{self.package}/things/__init__.py", "")
        self.write(f"{self.package}/things/words.py", WORDS)
        self.write(f"{self.package}/things/models.py", models)
        ran = await self.run("tests.schema.tables:main", "tables")
        assert ran.status == 0, ran

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n").replace("PACKAGE", self.package))

    def replace(self, path: str, old: str, new: str) -> None:
        """In a file of the package."""
        file = self.root / self.package / path
        file.write_text(file.read_text().replace(old.replace("PACKAGE", self.package), new))

    async def execute(self, sql: str) -> None:
        await self._ask("execute", sql)

    async def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._ask("fetch", sql)]

    async def _ask(self, method: str, sql: str) -> Any:
        connection = await connect(self.settings.direct)
        try:
            return await getattr(connection, method)(sql)
        finally:
            await connection.close()

    async def crossdock(self, *arguments: str) -> Ran:
        return await self.run("crossdock.cli.main:main", "crossdock", *arguments)

    async def run(self, entry: str, *arguments: str) -> Ran:
        named = environment(DATABASE_URL=self.settings.direct.url)
        return await quickly(entry, *arguments, folder=self.root, environment=named)


STORED = """
from tortoise import Model, fields


class Thing(Model):
    id = fields.UUIDField(primary_key=True)
    word = fields.CharField(max_length=30)
    version = fields.IntField()

    class Meta:
        table = "things"


class Change(Model):
    id = fields.UUIDField(primary_key=True)
    thing = fields.ForeignKeyField("models.Thing")

    class Meta:
        table = "changes"
"""
CONTRACT = """
\"\"\"What a store of things does.\"\"\"

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class ThingRow:
    id: UUID
    word: str
    version: int


@dataclass(frozen=True)
class ChangeRow:
    id: UUID
    thing_id: UUID


class ThingReads(Protocol):
    async def get(self, thing_id: UUID) -> ThingRow | None:
        \"\"\"One of them.\"\"\"
        ...

    async def called(self, words: Collection[str] = ()) -> list[ThingRow]:
        \"\"\"Those of one name.\"\"\"
        ...


class ThingStore(ThingReads, Protocol):
    async def get(self, thing_id: UUID, *, lock: bool = False) -> ThingRow | None:
        \"\"\"The same.\"\"\"
        ...

    async def add(self, row: ThingRow) -> None: ...

    async def change(self, row: ThingRow, *, version: int) -> bool: ...

    async def add_changes(self, rows: list[ChangeRow]) -> None: ...
"""
STORE = """
\"\"\"The store of things, on Tortoise.\"\"\"

from PACKAGE.things.models import Change, Thing
from PACKAGE.things.store import ChangeRow, ThingRow


class TortoiseThingReads:
    async def get(self, thing_id, *, lock=False):
        model = await Thing.get_or_none(CONDITION)
        return model and ThingRow(model.id, model.word, model.version)

    async def called(self, words=()):
        \"\"\"By all of them.\"\"\"
        found = await Thing.filter(word__in=words)

        return [ThingRow(each.id, each.word, each.version) for each in found]


class TortoiseThingStore(TortoiseThingReads):
    async def add(self, row):
        await Thing.create(id=row.id, word=row.word, version=row.version)

    async def change(self, row, *, version):
        return await Thing.filter(id=row.id, version=version).update(word=row.word, version=row.version) == 1

    async def add_changes(self, rows):
        await Change.bulk_create(Change(id=row.id, thing_id=row.thing_id) for row in rows)
"""
