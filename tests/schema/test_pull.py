"""`crossdock schema pull`: the models of tables that have none say all that models can, or there is no file."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.registry import Orm
from crossdock.schema.sync.pulling import attribute, class_name
from tests.schema.test_sync import tidy
from tests.schema.things import Things

DDL = """
CREATE TABLE docks (
    yard text, number integer NOT NULL, "class" varchar(20) NOT NULL DEFAULT 'wide', metadata jsonb, "the note" text,
    PRIMARY KEY (yard, number), CONSTRAINT numbered CHECK (number > 0)
);
COMMENT ON TABLE docks IS 'Where trucks stand.';
COMMENT ON COLUMN docks.number IS 'From the left, as "painted" on it.';
CREATE TABLE boxes (
    id bigserial PRIMARY KEY, dock_yard text, dock_number integer, inside_id bigint, weight numeric(10, 3) NOT NULL,
    tags varchar(20)[] NOT NULL DEFAULT '{}', opened_at timestamptz, day date NOT NULL DEFAULT CURRENT_DATE,
    date date, text text NOT NULL DEFAULT 'none', uuid uuid, datetime timestamptz, time timetz,
    CONSTRAINT stands FOREIGN KEY (dock_yard, dock_number) REFERENCES docks (yard, number) ON DELETE SET NULL,
    CONSTRAINT inside FOREIGN KEY (inside_id) REFERENCES boxes (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT one_a_day UNIQUE (day, weight)
);
CREATE INDEX open_boxes ON boxes (opened_at DESC) WHERE opened_at IS NOT NULL;
CREATE UNIQUE INDEX by_tags ON boxes USING btree (lower(dock_yard), weight) INCLUDE (day);
CREATE TABLE labels (id integer PRIMARY KEY);
CREATE TABLE boxes_labels (
    box_id bigint NOT NULL REFERENCES boxes (id) ON DELETE CASCADE,
    label_id integer NOT NULL REFERENCES labels (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX once ON boxes_labels (box_id, label_id);
"""
TABLES = ("docks", "boxes", "labels", "boxes_labels")


@pytest.fixture
def things(tmp_path: Path, empty: Settings) -> Things:
    return Things(tmp_path, "pulled", empty)


async def begin(things: Things, ddl: str, *tables: str, orm: Orm = Orm.SQLALCHEMY) -> None:
    """A project with a module of these tables, which has no model, and the tables."""
    await things.begin("", *tables, orm=orm)
    things.replace("manifests.py", ', models=("PACKAGE.things.models",)', "")
    (things.folder / "models.py").unlink()
    things.write("migrations/__init__.py", "")
    things.write("alembic/versions/__init__.py", "")
    await things.execute(ddl)


async def test_tables_of_every_form(things: Things) -> None:
    """Keys of several columns, names that Python does not have, and those of types; the check has nothing to say."""
    await begin(things, DDL, *TABLES)
    ran = await things.crossdock("schema", "pull", "things", "--json")
    assert ran.status == 0, ran
    assert ran.json == {
        "module": "things",
        "file": "pulled/things/models_sqlalchemy.py",
        "tables": [*TABLES],
        "name": None,
        "left": [],
    }
    assert tidy(things.made, "pulled") == []
    ran = await things.crossdock("schema", "check", "--json")
    assert [each["line"] for each in ran.json if each["table"] in TABLES] == []


async def test_what_is_written(things: Things) -> None:
    """Classes for one thing each, docstrings from comments, defaults of the server; a table without a key is no
    class."""
    await begin(things, DDL, *TABLES)
    ran = await things.crossdock("schema", "pull", "things")
    assert "It says what docks, boxes, labels, boxes_labels are." in ran.output
    made = things.made.read_text()
    for line in (
        "class Dock(Base):",
        '    """Where trucks stand."""',
        "class Box(Base):",
        "boxes_labels = Table(",
        '    labels: Mapped[list["Label"]] = relationship(secondary="boxes_labels")',
        'class_: Mapped[str] = mapped_column(\n        "class", String(20), server_default=sqlalchemy.text("',
        "    date: Mapped[dt.date | None] = mapped_column(Date)",
        'the_note: Mapped[str | None] = mapped_column("the note", Text)',
        'metadata_: Mapped[Any | None] = mapped_column("metadata", JSONB(none_as_null=True), nullable=True)',
    ):
        assert line in made


async def test_what_belongs_into_rules(things: Things) -> None:
    """Policies, grants and triggers are named: no model says them."""
    secured = "CREATE TABLE doors (id uuid PRIMARY KEY); ALTER TABLE doors ENABLE ROW LEVEL SECURITY;"
    await begin(things, f"{secured} CREATE POLICY all_see ON doors USING (true);", "doors")
    ran = await things.crossdock("schema", "pull", "things", "--json")
    assert (ran.status, ran.json["left"]) == (0, ["doors, policy all_see", "doors, row level security"])


NOT_WRITTEN = {
    "a type": ("CREATE TABLE gates (id uuid PRIMARY KEY, place point)", "things.gates.place is point"),
    "an identity": (
        "CREATE TABLE gates (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        "gates.id has a form that is not known here",
    ),
    "no table": ("SELECT 1", "The database has no table gates"),
}


@pytest.mark.parametrize("what", NOT_WRITTEN)
async def test_what_cannot_be_written_is_told(things: Things, what: str) -> None:
    """By its name, and there is no file."""
    ddl, said = NOT_WRITTEN[what]
    await begin(things, ddl, "gates")
    ran = await things.crossdock("schema", "pull", "things")
    assert ran.is_one_line(said), ran
    assert not things.made.exists()


async def test_a_file_that_is_there_stays(things: Things) -> None:
    """As it is."""
    await begin(things, "CREATE TABLE gates (id uuid PRIMARY KEY)", "gates")
    things.made.write_text("# mine\n")
    assert (await things.crossdock("schema", "pull", "things")).is_one_line("is there already", "move it away")
    assert things.made.read_text() == "# mine\n"


OF_TORTOISE = """
CREATE TABLE yards (id uuid PRIMARY KEY, name varchar(50) NOT NULL CONSTRAINT one_name UNIQUE, "class" text);
COMMENT ON TABLE yards IS 'Where docks are.';
CREATE TABLE docks (
    id bigserial CONSTRAINT dock_key PRIMARY KEY,
    yard_id uuid NOT NULL CONSTRAINT of_yard REFERENCES yards ON DELETE CASCADE,
    next_id bigint REFERENCES docks (id) ON DELETE SET NULL, width numeric(5, 2) NOT NULL DEFAULT 3, tags integer[],
    opened_at timestamptz, date date, facts jsonb NOT NULL, CONSTRAINT wide CHECK (width > 2)
);
CREATE INDEX open_docks ON docks (opened_at DESC) WHERE opened_at IS NOT NULL;
CREATE TABLE labels (id integer PRIMARY KEY);
CREATE TABLE docks_labels (
    dock_id bigint NOT NULL REFERENCES docks ON DELETE CASCADE,
    label_id integer NOT NULL REFERENCES labels ON DELETE CASCADE
);
"""


async def test_models_for_tortoise(things: Things) -> None:
    """Where the manifest says so: with relations, and a many-to-many field for a table of two keys."""
    tables = ("yards", "docks", "labels", "docks_labels")
    await begin(things, OF_TORTOISE, *tables, orm=Orm.TORTOISE)
    ran = await things.crossdock("schema", "pull", "things", "--json")
    assert (ran.status, ran.json["left"]) == (0, []), ran
    assert tidy(things.made_back, "pulled") == []
    made = things.made_back.read_text()
    assert 'yard = fields.ForeignKeyField("models.Yard", on_delete=fields.CASCADE, related_name=False)' in made
    assert "labels = fields.ManyToManyField(" in made
    ran = await things.crossdock("schema", "check", "--json")
    assert [each["line"] for each in ran.json if each["table"] in tables] == []


def test_names() -> None:
    """A class is one thing; an attribute is what Python can write."""
    assert [class_name(word) for word in ("loading_dock", "Box", "a b-c", "none", "2nd")] == [
        "LoadingDock",
        "Box",
        "ABC",
        "None_",
        "_2nd",
    ]
    assert [attribute(column) for column in ("note", "class", "the note", "2nd", "größe")] == [
        "note",
        "class_",
        "the_note",
        "_2nd",
        "größe",
    ]
