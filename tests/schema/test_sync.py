"""`crossdock schema sync`: models of the other ORM, which are proved to mean the same, or no file at all."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.registry import Orm
from crossdock.schema.sync.kinds import BY_FIELD
from tests.acceptance.process import CROSSDOCK, run
from tests.schema.things import EVERY_KEY, EVERY_TYPE, MAPPED, Things

ROOT = Path(__file__).parents[2]
RUFF = ("--isolated", "--config", "line-length = 120", "--config", 'target-version = "py311"')


@pytest.fixture
def things(tmp_path: Path, empty: Settings) -> Things:
    return Things(tmp_path, "theirs", empty)


def tidy(path: Path, *own: str) -> list[str]:
    """What ruff says of a file: of its format, and of its imports. `own` are the packages of the project."""
    first = f"lint.isort.known-first-party = {[*own]}"
    program = str(Path(sys.executable).with_name("ruff"))
    commands = [
        [program, "format", "--diff", *RUFF, path.name],
        [program, "check", "-q", "--extend-select=E,W,I,UP,RUF", "--config", first, *RUFF, path.name],
    ]
    ran = [subprocess.run(each, cwd=path.parent, capture_output=True, text=True, check=False) for each in commands]
    return [each.stdout + each.stderr for each in ran if each.returncode]


async def test_every_type(things: Things) -> None:
    """Each crosses from one ORM to the other and back; the file is tidy, and a second run leaves it as it is. That one
    as it is typed, with a Python of its own for the proof."""
    await things.begin(EVERY_TYPE, "things")
    ran = await things.crossdock("schema", "sync", "things", "--json")
    assert ran.status == 0, ran
    assert ran.json | {"rows": 0} == {
        "module": "things",
        "file": "theirs/things/models_sqlalchemy.py",
        "written": True,
        "name": "theirs.things.models_sqlalchemy",
        "tables": ["things"],
        "rows": 0,
        "store": None,
        "untranslated": [],
        "reasons": {},
        "documents": None,
        "to_fill": [],
        "to_add": "",
        "borrowed": [],
    }
    assert ran.json["rows"] > 10
    assert tidy(things.made, "theirs") == []
    before = things.made.stat()
    located = {"CROSSDOCK_PROJECT": str(things.root), "DATABASE_URL": things.settings.direct.url}
    again = await run(CROSSDOCK, "schema", "sync", "things", "--json", **located)
    assert (again.status, again.json["written"]) == (0, False)
    assert things.made.stat().st_mtime_ns == before.st_mtime_ns


async def test_what_only_the_old_file_has(things: Things) -> None:
    """An enumeration that stands beside the models: the new file takes it from there, so it keeps that file, and the
    command says so."""
    await things.begin(EVERY_TYPE, "things")
    things.replace("things/models.py", "import Level, State, nothing", "import Level, nothing")
    own = 'class State(StrEnum):\n    AT_REST = "at rest"\n    MOVING = "moving"\n\n\nclass Thing(Model):'
    things.replace("things/models.py", "class Thing(Model):", own)
    things.replace(
        "things/models.py", "from decimal import Decimal", "from decimal import Decimal\nfrom enum import StrEnum"
    )
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.status == 0, ran
    assert "from theirs.things.models import State" in things.made.read_text()
    said = " ".join(ran.output.split())
    assert (
        "It takes State from the models it was made of: move that to store.py, say, before those are deleted." in said
    )


async def test_comments_that_aerich_escaped(things: Things) -> None:
    """`aerich init-db` writes a backslash and an n where a comment's lines end. It is the same comment: the models are
    written without them, and nothing is to change, whichever tool migrates the table."""
    await things.begin(EVERY_TYPE, "things")
    await things.execute(r"COMMENT ON COLUMN things.state IS 'AT_REST: at rest\nMOVING: moving'")
    await things.execute(r"COMMENT ON TABLE things IS 'A column of \"every\" type.'")
    things.replace("things/models.py", "A column of every type.", 'A column of "every" type.')
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.status == 0, ran
    assert "comment=enum_comment(State)" in things.made.read_text()
    things.turn_round()
    back = await things.crossdock("schema", "sync", "things")
    assert back.status == 0, back


async def test_every_key(things: Things) -> None:
    """Relations, indexes of all forms and names that are SQLAlchemy's too."""
    await things.begin(EVERY_KEY, "texts", "tags", "texts_tags", "plains")
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.status == 0, ran
    assert tidy(things.made, "theirs") == []
    made = things.made.read_text()
    assert "(lower(word::text))" in made and 'name="tags_parent_id_fkey", ondelete="SET NULL"' in made
    assert "number: Mapped[int] = mapped_column(sqlalchemy.Integer, primary_key=True, autoincrement=False)" in made
    assert 'tags: Mapped[list["Tag"]] = relationship(secondary="texts_tags")' in made


PLACE = """
from typing import Any

from tortoise import Model, fields


class PointField(fields.TextField):
    pass


class Thing(Model):
    id = fields.IntField(primary_key=True)
    place: Any = {field}

    class Meta:
        table = "things"
"""
UNKNOWN = {
    "PointField()": ("things.Thing.place: PointField",),
    "fields.JSONField(encoder=lambda each: '{}')": ("things.Thing.place: JSONField", "encoder"),
    "fields.TimeField(auto_now=True)": ("things.Thing.place: TimeField", "auto_now"),
    "fields.IntField(default=lambda: 3)": ("Thing.place", "without a name"),
    "fields.DateField(default=__import__('datetime').date(2034, 5, 4))": ("Thing.place", "make a function of it"),
}


@pytest.mark.parametrize("field", UNKNOWN)
async def test_what_it_does_not_know_is_an_error(things: Things, field: str) -> None:
    """It names the field, and nothing is written."""
    await things.begin(PLACE.format(field=field), "things")
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.is_one_line(*UNKNOWN[field]), ran
    assert not things.made.exists()


async def test_a_file_that_was_changed_by_hand(things: Things) -> None:
    """It is replaced with --force alone."""
    await things.begin(PLACE.format(field="fields.IntField()"), "things")
    assert (await things.crossdock("schema", "sync", "things")).status == 0
    made = things.made.read_text()
    for by_hand, words in ((made + "\n", "was changed by hand"), ("import this\n", "was written by hand")):
        things.made.write_text(by_hand)
        assert (await things.crossdock("schema", "sync", "things")).is_one_line(words, "--force")
        assert things.made.read_text() == by_hand
        assert (await things.crossdock("schema", "sync", "things", "--force")).status == 0
        assert things.made.read_text() == made


async def test_models_that_changed(things: Things) -> None:
    """First the database has to have what the models say. Then what was generated follows, without --force."""
    await things.begin(PLACE.format(field="fields.IntField()"), "things")
    assert (await things.crossdock("schema", "sync", "things")).status == 0
    made = things.made.read_text()
    things.write("theirs/things/models.py", PLACE.format(field="fields.IntField(null=True)"))
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.is_one_line("things.place", "DROP NOT NULL", "must agree first")
    assert things.made.read_text() == made
    await things.execute("ALTER TABLE things ALTER COLUMN place DROP NOT NULL")
    assert (await things.crossdock("schema", "sync", "things")).status == 0
    assert "place: Mapped[int | None]" in things.made.read_text()


SHOUTING = """


@pre_save(Thing)
async def shout(_sender: Any, thing: Thing, *_: Any) -> None:
    thing.place = thing.place.upper()
"""


async def test_models_that_cannot_be_proved(things: Things) -> None:
    """A row that one ORM keeps otherwise: table, column and value are named, and the file is as it was before."""
    imported = PLACE.replace("from tortoise import", "from tortoise.signals import pre_save\nfrom tortoise import")
    models = imported.format(field="fields.TextField()") + SHOUTING
    await things.begin(models, "things")
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.is_one_line("things.place: tortoise wrote", "sqlalchemy read"), ran
    assert not things.made.exists()


async def test_nothing_stays_in_the_database(things: Things) -> None:
    """Neither a row nor a schema."""
    await things.begin(EVERY_TYPE, "things")
    before = await things.fetch("SELECT nspname FROM pg_namespace ORDER BY 1")
    assert (await things.crossdock("schema", "sync", "things")).status == 0
    assert await things.fetch("SELECT nspname FROM pg_namespace ORDER BY 1") == before
    assert await things.fetch("SELECT count(*) FROM things") == [(0,)]


@pytest.mark.parametrize("wrong", [("nothing",), ("things", "--to", "django")])
async def test_wrong_use(things: Things, wrong: tuple[str, ...]) -> None:
    """Status 2."""
    await things.begin(PLACE.format(field="fields.IntField()"), "things")
    assert (await things.crossdock("schema", "sync", *wrong)).status == 2


async def test_somebody_elses_service(tmp_path: Path, empty: Settings) -> None:
    """Keys that are numbers, a base of its own, and a stub of the table in another module's models."""
    shop = Things(tmp_path / "library", "library", empty)
    shutil.copytree(ROOT / "examples" / "own_service", shop.root, ignore=shutil.ignore_patterns("__pycache__"))
    assert (await shop.crossdock("migrate", "up")).status == 0
    ran = await shop.crossdock("schema", "sync", "catalogue", "--json")
    assert ran.status == 0, ran
    assert ran.json["name"] == "library.catalogue.models_sqlalchemy"
    manifests = shop.root / "library" / "manifests.py"
    named = '"library.catalogue.models", "library.catalogue.models_sqlalchemy"'
    manifests.write_text(manifests.read_text().replace('"library.catalogue.models"', named))
    checked = await shop.crossdock("schema", "check")
    assert (checked.status, checked.output.strip()) == (0, "Models and database agree.")
    again = await shop.crossdock("schema", "sync", "catalogue", "--json")
    assert (again.json["written"], again.json["name"]) == (False, None)


BACK = {"every type": (EVERY_TYPE, ["things"]), "every key": (EVERY_KEY, ["texts", "tags", "texts_tags", "plains"])}


@pytest.mark.parametrize("models", BACK)
async def test_there_and_back(things: Things, models: str) -> None:
    """From what was made of Tortoise's models, Tortoise's again: with the same names, and proved in the same way."""
    text, tables = BACK[models]
    await things.begin(text, *tables)
    assert (await things.crossdock("schema", "sync", "things")).status == 0
    things.turn_round()
    ran = await things.crossdock("schema", "sync", "things", "--json")
    assert ran.status == 0, ran
    assert ran.json["name"] == "theirs.things.models_tortoise"
    made = things.made_back.read_text()
    assert tidy(things.made_back, "theirs") == []
    assert "Renamed" not in made
    assert not (await things.crossdock("schema", "sync", "things", "--json")).json["written"]


async def test_from_sqlalchemys_own(things: Things) -> None:
    """Names by no convention of Tortoise's, checks, keys that are text, a relation with two sides."""
    await things.begin(MAPPED, "authors", "books", "authors_books", orm=Orm.SQLALCHEMY)
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.status == 0, ran
    made = things.made_back.read_text()
    assert tidy(things.made_back, "theirs") == []
    for line in (
        'SqlIndex("USING btree (pages DESC) WHERE (pages > 1)", name="by_pages"),',
        'Check("pages > 0", name="has_pages"),',
        'Renamed("books_author_name_fkey", to="of_author"),',
        'printed = fields.UUIDField(null=True, source_field="printer")',
        "read_at = fields.DatetimeField(auto_now=True)",
        "# Somebody who writes.",  # no docstring: Tortoise would make a comment of it
    ):
        assert line in made


COLUMN = """
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from PACKAGE.db import Base


class Word(Enum):
    ONE = "one"


class Loud(sa.TypeDecorator[str]):
    impl = sa.Text
    cache_ok = True


class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[Any] = mapped_column({column})
"""
UNKNOWN_BACK = {
    "sa.Enum(Word, native_enum=False)": ("things.Thing.place: Enum", "enum_text"),
    "sa.Enum(Word, name='word')": ("things.Thing.place: Enum", "is word in PostgreSQL"),
    "Loud": ("things.Thing.place: Loud", "a type of its own"),
    "sa.Numeric(8, 2, asdecimal=False)": ("things.Thing.place: Numeric gives float",),
    "sa.Interval": ("things.Thing.place: Interval",),
    "sa.DateTime": ("things.Thing.place: DateTime is timestamp without time zone",),
    "sa.Integer, primary_key=True": ("Thing has no key of one column",),
    "sa.ForeignKey('things.id', onupdate='CASCADE')": ("things_place_fkey", "ON UPDATE"),
    "sa.Text, default=sa.func.now()": ("things.Thing.place", "needs SQLAlchemy"),
    "sa.Text, default='a', onupdate=lambda: 'b'": ("things.Thing.place", "onupdate"),
}


@pytest.mark.parametrize("column", UNKNOWN_BACK)
async def test_what_tortoise_does_not_know_is_an_error(things: Things, column: str) -> None:
    """It names the field, and nothing is written."""
    await things.begin(COLUMN.format(column=column), "things", orm=Orm.SQLALCHEMY)
    ran = await things.crossdock("schema", "sync", "things")
    assert ran.is_one_line(*UNKNOWN_BACK[column]), ran
    assert not things.made_back.exists()


async def test_what_is_true_is_not_written(things: Things) -> None:
    """The models of the ORM whose tool migrates a table are a person's."""
    await things.begin(PLACE.format(field="fields.IntField()"), "things")
    ran = await things.crossdock("schema", "sync", "things", "--to", "tortoise")
    assert ran.is_one_line("things is migrated by aerich", "--to sqlalchemy"), ran


def test_every_type_that_is_known_is_in_the_docs() -> None:
    """In a row with its names in PostgreSQL and in both ORMs."""
    page = (ROOT / "docs" / "moving-a-module.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for kind in BY_FIELD.values():
        assert [row for row in rows if f"`{kind.tortoise}`" in row and kind.sqlalchemy in row and kind.sql in row]
