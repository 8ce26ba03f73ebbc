"""A diagram says what the models say: it is held against a migrated database, and against DDL of every shape."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Orm, Registry
from crossdock.schema.diagram.mermaid import as_mermaid
from crossdock.schema.diagram.reading import read, tables_of
from crossdock.schema.diagram.structure import Column, Diagram, Part, Relation, Table
from crossdock.schema.diagram.svg import as_svg
from tests.application import FREIGHT
from tests.library.test_plain import PLAIN
from tests.world import Server

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "tables.svg"

COLUMNS = """
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""
KEYS = """
SELECT k.conrelid::regclass::text, array_agg(a.attname::text), k.confrelid::regclass::text, k.confdeltype::text,
    bool_or(NOT a.attnotnull)
FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace GROUP BY k.oid
"""
LETTERS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
SHORTER = {"character varying": "varchar", "timestamp with time zone": "timestamptz"}


@pytest.fixture(scope="module")
async def drawn() -> Diagram:
    """The marketplace's."""
    return await read(Registry.discover(FREIGHT))


@pytest.fixture
async def connection(server: Server, settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await server.connect(settings.pooled.database)
    yield connection
    await connection.close()


async def test_every_column_is_as_in_the_database(drawn: Diagram, connection: asyncpg.Connection) -> None:
    """Its type, whether it may be NULL, and whether it is of the primary key."""
    shown = {
        (table.name, column.name, column.type, column.nullable, column.primary_key)
        for table in drawn.tables()
        for column in table.columns
    }
    tables = {table.name for table in drawn.tables()}
    there = {
        (table, name, re.sub("|".join(SHORTER), lambda found: SHORTER[found[0]], kind), nullable, key)
        for table, name, kind, nullable, key in await connection.fetch(COLUMNS)
        if table in tables
    }
    assert shown == there


async def test_every_foreign_key_is_as_in_the_database(drawn: Diagram, connection: asyncpg.Connection) -> None:
    """Where it leads, what a deletion does, and whether it may be NULL."""
    shown = {
        (table.name, relation.columns, relation.target, relation.on_delete, relation.optional)
        for table, relation in drawn.relations()
    }
    there = {
        (table, tuple(columns), target, LETTERS[letter], optional)
        for table, columns, target, letter, optional in await connection.fetch(KEYS)
    }
    assert shown == there


async def test_a_table_is_with_its_owner(drawn: Diagram) -> None:
    """Every table of every manifest, with the ORM that holds the truth and the tool that migrates; the library's own
    come last."""
    registry = Registry.discover(FREIGHT)
    assert {table.name for table in drawn.tables()} == {*registry.owners(), *OWN_TABLES}
    assert [part.module for part in drawn.parts] == [*registry.modules, "shared"]
    for part in drawn.parts[:-1]:
        assert part.orm is registry.modules[part.module].orm
        assert {table.name: table.migrated_by for table in part.tables} == {
            name: registry.migrated_by(name).tool for name in registry.modules[part.module].tables
        }


async def test_a_service_of_other_people() -> None:
    """No tenants, manifests in a list, and a table that Tortoise makes for a many-to-many field."""
    diagram = await read(Registry.discover(PLAIN))
    relations = {(table.name, *relation.columns, relation.target) for table, relation in diagram.relations()}
    assert relations == {
        ("books", "author_id", "authors"),
        ("books_tags", "books_id", "books"),
        ("books_tags", "tag_id", "tags"),
    }


async def test_the_picture_of_the_docs_is_the_one_of_the_models(drawn: Diagram) -> None:
    """When this fails: crossdock schema diagram --keys --output docs/tables.svg."""
    assert PICTURE.read_text() == as_svg(drawn.of_keys())


DDL = """
CREATE TABLE docks (yard text, number serial NOT NULL, PRIMARY KEY (yard, number));
CREATE TABLE turns (
    at timestamptz CHECK (at > 'epoch') DEFAULT now(), turn bigserial, place int GENERATED ALWAYS AS IDENTITY
);
CREATE TABLE gates (
    id bigserial PRIMARY KEY, tags varchar(20)[] NOT NULL, price numeric(10, 2), docked_yard text, docked_number int,
    opened_by int NOT NULL UNIQUE REFERENCES people, closed_by int REFERENCES people (id) ON DELETE SET NULL,
    FOREIGN KEY (docked_yard, docked_number) REFERENCES docks (yard, number) ON DELETE CASCADE
);
CREATE TABLE people (id int PRIMARY KEY, gate bigint NOT NULL, spare bigint, last bigint);
ALTER TABLE people ADD CONSTRAINT at_gate FOREIGN KEY (gate) REFERENCES gates (id);
ALTER TABLE people ADD FOREIGN KEY (spare) REFERENCES gates (id), ADD FOREIGN KEY (last) REFERENCES gates (id);
CREATE UNIQUE INDEX ON people (spare);
CREATE UNIQUE INDEX ON people (last) WHERE last > 7;
CREATE UNIQUE INDEX ON people (lower(last::text));
"""


def described(name: str) -> Table:
    made = tables_of(DDL)
    return made[name].described(name, "alembic", made)


def test_ddl_of_every_shape() -> None:
    """Keys of several columns, arrays, serials, keys that are added afterwards, and REFERENCES without a column."""
    gates = described("gates")
    assert gates.columns[:5] == (
        Column("id", "bigint", nullable=False, primary_key=True),
        Column("tags", "varchar(20)[]", nullable=False, primary_key=False),
        Column("price", "numeric(10,2)", nullable=True, primary_key=False),
        Column("docked_yard", "text", nullable=True, primary_key=False),
        Column("docked_number", "integer", nullable=True, primary_key=False),
    )
    both = ("yard", "number")
    assert gates.relations == (
        Relation(("opened_by",), "people", ("id",), "NO ACTION", optional=False, single=True),
        Relation(("closed_by",), "people", ("id",), "SET NULL", optional=True, single=False),
        Relation(("docked_yard", "docked_number"), "docks", both, "CASCADE", optional=True, single=False),
    )
    assert [column.name for column in described("docks").columns if column.primary_key] == ["yard", "number"]
    turns = {column.name: (column.type, column.nullable) for column in described("turns").columns}
    assert turns == {"at": ("timestamptz", True), "turn": ("bigint", False), "place": ("integer", False)}


def test_only_a_unique_index_of_all_rows_makes_a_relation_single() -> None:
    """An index over some rows says nothing of the others, and one of an expression nothing of the column."""
    cardinalities = {relation.columns[0]: relation.cardinality for relation in described("people").relations}
    assert cardinalities == {
        "gate": "many to one",
        "spare": "zero or one to zero or one",
        "last": "many to zero or one",
    }


async def test_some_modules(drawn: Diagram) -> None:
    """A module is whole; of the tables that it refers to, the referred columns are there, and how many are not."""
    some = drawn.of(["bids"])
    parts = {part.module: {table.name: table for table in part.tables} for part in some.parts}
    assert {module: set(tables) for module, tables in parts.items()} == {
        "bids": {"bids", "bid_history"},
        "bookings": {"bookings"},
        "companies": {"companies"},
    }
    companies = parts["companies"]["companies"]
    assert ([column.name for column in companies.columns], companies.left_out) == (["id"], 6)
    assert {table.name for table, _ in some.relations()} == {"bids", "bid_history"}


async def test_keys_alone(drawn: Diagram) -> None:
    """Neither a table nor a relation is lost."""
    keys = drawn.of_keys()
    assert [*keys.relations()] != []
    assert len([*keys.relations()]) == len([*drawn.relations()])
    for table, whole in zip(keys.tables(), drawn.tables(), strict=True):
        foreign = {name for relation in whole.relations for name in relation.columns}
        assert {column.name for column in table.columns} == foreign | {"id"}
        assert len(table.columns) + table.left_out == len(whole.columns)


async def test_the_structure_is_plain_values(drawn: Diagram) -> None:
    """JSON of it has every table with its owner, and each relation in words."""
    told = json.loads(json.dumps(drawn.as_json()))
    (bids,) = (module for module in told["modules"] if module["name"] == "bids")
    assert (bids["orm"], bids["tables"][0]["migrated_by"]) == ("tortoise", "aerich")
    assert bids["tables"][0]["relations"][0]["cardinality"] == "many to one"


ODD = Table(
    'dogs" %% x;',
    "alembic",
    (
        Column("pk", "integer", nullable=False, primary_key=True),
        Column("a name\nin lines", "numeric(10,2)", nullable=True, primary_key=False),
        Column("2nd", "double precision", nullable=False, primary_key=False),
        Column("größe", "text[]", nullable=False, primary_key=False),
    ),
    (Relation(("2nd",), 'dogs" %% x;', ("pk",), "SET NULL", optional=True, single=True),),
)
QUOTED = r'"[^"%\\;\n]+"'
WORD = r"(?!(?i:[puf]k)\s)[A-Za-z_][A-Za-z0-9_()\[\]-]*"
MERMAID = re.compile(
    rf"""erDiagram
    | \ {{4}}acc(Title|Descr):\ .+
    | \ {{4}}%%\ .+
    | \ {{4}}{QUOTED}\[{QUOTED}\]\ \{{
    | \ {{8}}{WORD}\ {WORD}(\ (PK|FK|PK,\ FK))?(\ "[^"]*")?
    | \ {{4}}\}}
    | \ {{4}}{QUOTED}\ [|}}]o--(o\||\|\|)\ {QUOTED}\ :\ {QUOTED}""",
    re.VERBOSE,
)
"""The lines that we write, in the grammar of Mermaid's documentation."""


def wrong_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not MERMAID.fullmatch(line)]


async def test_mermaid_is_in_its_grammar(drawn: Diagram) -> None:
    """Every line, also of a table with names that Mermaid has no way to write; a wrong line is found."""
    odd = Diagram("kennel", (Part("dogs", Orm.SQLALCHEMY, "", (ODD,)),))
    assert wrong_lines(as_mermaid(drawn)) == []
    assert wrong_lines(as_mermaid(odd)) == []
    assert wrong_lines('    "a"["b"] {\n        uuid pk PK\n    a }o--|| b : c') == [
        "        uuid pk PK",
        "    a }o--|| b : c",
    ]


def test_mermaid_of_odd_names() -> None:
    """What a name cannot have is an underscore, and a column's own name is beside it."""
    text = as_mermaid(Diagram("kennel", (Part("dogs", Orm.SQLALCHEMY, "", (ODD,)),)))
    assert '        numeric(10_2) a_name_in_lines "a name_in lines, NULL"' in text
    assert '        text[] gr__e "größe"' in text
    assert '        integer _pk PK "pk"' in text
    assert '        double_precision _2nd FK "2nd"' in text
    assert '    "dogs_ __ x_" |o--o| "dogs_ __ x_" : "2nd: ON DELETE SET NULL"' in text


async def test_mermaid_has_each_table_with_its_owner(drawn: Diagram) -> None:
    """Module, ORM and tool, since Mermaid's groups are too new for GitHub; and each relation once."""
    text = as_mermaid(drawn)
    for part in drawn.parts:
        for table in part.tables:
            assert f'"{table.name}"["{table.name} ({part.module}: {part.orm.value}, {table.migrated_by})"]' in text
    assert len(re.findall("o--", text)) == len([*drawn.relations()])


def test_an_application_without_tables() -> None:
    """Is an empty diagram in both languages."""
    empty = Diagram("nothing", ())
    assert wrong_lines(as_mermaid(empty)) == []
    assert as_svg(empty).startswith("<svg")
