"""Compares three descriptions of one schema: Tortoise's models, SQLAlchemy's models, the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.isolation import Severity, ask
from crossdock.models.names import MACHINERY
from crossdock.registry import Orm, Registry
from crossdock.schema.comments import as_said
from crossdock.schema.expected import Sides, read_sides
from crossdock.schema.facts import Facts, Key
from crossdock.schema.grants import rights
from crossdock.schema.moved import Moved, moved_to, put_back, renamed_columns, renaming
from crossdock.schema.repair import repair
from crossdock.sql.quoting import readable

MACHINERY_FUNCTIONS = frozenset({"crossdock_journal_version()"})
"""Of the runner: neither a module's nor a model's."""
DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not said alike. `says`: side → its words, None where it has no such thing; a side that does not
    know the table at all is left out. `owner` is the module's name, empty for a thing of nobody."""

    table: str
    kind: str
    name: str
    owner: str
    says: dict[str, str | None]
    advice: str

    @property
    def subject(self) -> str:
        """What it is about, in a few words."""
        if self.kind == "column":
            return f"{self.table}.{self.name}"
        if self.kind == "comment":
            return f"{'.'.join(filter(None, (self.table, self.name)))}, comment"
        return ", ".join(filter(None, (self.table, " ".join(filter(None, (self.kind, self.name))))))

    @property
    def words(self) -> str:
        """What each side says."""
        return "; ".join(f"{side}: {'-' if said is None else _on_one_line(said)}" for side, said in self.says.items())

    @property
    def line(self) -> str:
        return f"{self.subject}: {self.words}. {self.advice}"


def machinery(registry: Registry) -> frozenset[str]:
    """Tables that no module owns: those of the migration tools and of the runner."""
    chain = registry.application.alembic
    return MACHINERY | ({chain.version_table} if chain else frozenset())


async def check(address: Address, registry: Registry, service: str | None = None) -> list[Difference]:
    """Every difference, by table; none where models, rules and database agree. `service` is the user of DATABASE_URL.

    A table's database must be what the ORM that migrates it says; the other ORM's models, where there are some, must
    agree with it too. Raises Misowned, NoScratch, ConfigurationError.
    """
    found = list(differences(await read_sides(address, registry), registry))
    return found + await not_isolated(address, registry, service or address.user)


async def not_isolated(address: Address, registry: Registry, service: str) -> list[Difference]:
    """What isolation rests on and models and rules do not say: roles, owners, other schemas, what is still to come."""
    connection = await connect(address)
    try:
        broken = await ask(connection, address.schema, registry, service)
    finally:
        await connection.close()
    return [
        Difference("", "isolation", each.invariant.name, "", {DATABASE: each.wrong}, each.remedy)
        for each in broken
        if each.invariant.severity > Severity.WEAKNESS and not each.invariant.is_in_rules
    ]


async def compare_table(address: Address, registry: Registry, orm: Orm, table: str) -> list[Difference]:
    """Where the models of one ORM do not describe a table of the database to the letter, whoever migrates it today."""
    return list(table_differences(await read_sides(address, registry), registry, orm, table))


def differences(sides: Sides, registry: Registry) -> Iterator[Difference]:
    """The same of what was read already."""
    tables = {key.table for facts in (sides.database, *sides.said.values()) for key in facts} - machinery(registry)
    moved = {table: place for table in tables if (place := moved_to(sides, registry, table))}
    renamed = {place.now for place in moved.values()}
    database = put_back(sides.database, {place.now: table for table, place in moved.items()})
    sides = replace(sides, database=database)
    for table in sorted(tables - renamed):
        if table in moved:
            yield _moved(sides, registry, table, moved[table])
        elif table == "":
            yield from _of_no_table(sides)
        elif registry.owner(table) is None:
            yield _of_nobody(sides, table)
        else:
            orm = registry.migrated_by(table)
            yield from _compared(
                sides, registry, table, [each for each in (orm, orm.other) if knows(sides, each, table)]
            )


def _moved(sides: Sides, registry: Registry, table: str, moved: Moved) -> Difference:
    owner = registry.owner(table)
    orm = registry.migrated_by(table).value
    says = {orm: sides.said[Orm(orm)].get(Key(table, "table", "")), DATABASE: None}
    return Difference(table, "table", "", owner.name if owner else "", says, moved.advice)


def table_differences(sides: Sides, registry: Registry, orm: Orm, table: str) -> Iterator[Difference]:
    """One ORM's models against the database, for one table."""
    if knows(sides, orm, table):
        yield from _compared(sides, registry, table, [orm])
        return
    owner = registry.owner(table)
    name = owner.name if owner else ""
    says = {orm.value: None, DATABASE: sides.database.get(Key(table, "table", ""))}
    yield Difference(
        table, "table", "", name, says, f"Write a model of it in models_{orm.value}.py of {name or 'a module'}."
    )


def knows(sides: Sides, orm: Orm, table: str) -> bool:
    """Whether an ORM has a model of a table."""
    return table in sides.modelled[orm]


def _compared(sides: Sides, registry: Registry, table: str, orms: list[Orm]) -> Iterator[Difference]:
    """The first of the ORMs is the one that the database has to be like."""
    facts = {orm.value: of_table(sides.said[orm], table) for orm in orms}
    facts[DATABASE] = of_table(sides.database, table)
    owner = registry.owner(table)
    assert owner is not None
    mine, there = facts[orms[0].value], facts[DATABASE]
    there = facts[DATABASE] = {key: _as_made(sides, orms[0], key, says) for key, says in there.items()}
    renamed = renamed_columns(mine, there)
    facts[DATABASE] = put_back(there, {now.name: key.name for key, now in renamed.items()})
    for key, says in _unlike(facts):
        if key not in renamed.values() and not _same_rights(key, says):
            advice = renaming(key, renamed[key]) if key in renamed else _advice(key, says, orms, owner.name)
            yield Difference(*key, owner.name, says, advice)


def _as_made(sides: Sides, orm: Orm, key: Key, says: str) -> str:
    """A fact of the database as the ORM itself would have made it, where it is as aerich makes it: a column that was
    added later has its default, and a comment that `aerich init-db` wrote is escaped, whoever migrates it now."""
    if orm is Orm.TORTOISE and key.kind == "column" and sides.added.get(key) == says:
        return sides.said[orm].get(key, says)
    return as_said(says, sides.said[orm].get(key)) or says if key.kind == "comment" else says


def _same_rights(key: Key, says: dict[str, str | None]) -> bool:
    """In another order, since a column has another name."""
    return key.kind == "grants" and len({frozenset(rights(said or "")) for said in says.values()}) == 1


def _unlike(facts: dict[str, Facts]) -> Iterator[tuple[Key, dict[str, str | None]]]:
    """What is not the same on all sides. What hangs on a missing table, column or function is left out."""
    keys = sorted({key for each in facts.values() for key in each}, key=_rank)
    missing: set[str] = set()
    for key in keys:
        says = {side: each.get(key) for side, each in facts.items()}
        if len(set(says.values())) == 1 or (key.kind in ("comment", "callers") and key.name in missing):
            continue
        yield key, says
        if key.kind == "table" and None in says.values():
            return
        if key.kind in ("column", "function") and None in says.values():
            missing.add(key.name)


def _rank(key: Key) -> tuple[bool, bool, Key]:
    """The table first, then its columns, or functions: what hangs on them comes after."""
    return key.kind != "table", key.kind not in ("column", "function"), key


def _advice(key: Key, says: dict[str, str | None], orms: list[Orm], owner: str) -> str:
    wanted = says[orms[0].value]
    if says[DATABASE] != wanted:
        return _or_in_the_model(repair(key, wanted, says[DATABASE]), key, says, orms[0])
    one, other = (f"models_{orm.value}.py" for orm in orms)
    return f"Make {other} of {owner} say what {one} and the database say."


def _or_in_the_model(advice: str, key: Key, says: dict[str, str | None], orm: Orm) -> str:
    """An index that only the database has may be one that somebody needs: dropping it is not the only way."""
    there = says[DATABASE]
    if key.kind != "index" or says[orm.value] or not there or orm is not Orm.TORTOISE:
        return advice
    unique = ", unique=True" * there.startswith("CREATE UNIQUE")
    words = f"USING {there.partition(' USING ')[2]}"
    kept = f"SqlIndex({words!r}, name={key.name!r}{unique})"
    return f"{advice.removesuffix(';')} /* or, where it is right, among the indexes of the model: {kept} */;"


def _of_no_table(sides: Sides) -> Iterator[Difference]:
    """Functions and types: they come from the rules, which are the same for both ORMs, or from a model's Enum."""
    rules = {key: says for orm in Orm for key, says in of_table(sides.said[orm], "").items()}
    facts = {"rules": rules, DATABASE: of_table(sides.database, "")}
    for key, says in _unlike(facts):
        if key.name not in MACHINERY_FUNCTIONS:
            yield Difference(*key, "", says, repair(key, says["rules"], says[DATABASE]))


def _of_nobody(sides: Sides, table: str) -> Difference:
    kind = sides.database[Key(table, "table", "")]
    drop = f"DROP {kind.removeprefix('unlogged ').removeprefix('partitioned ').upper()} {readable(table)};"
    advice = f"It belongs to nobody: name it in the tables of a module's manifest, or {drop}"
    return Difference(table, "table", "", "", {DATABASE: kind}, advice)


def of_table(facts: Facts, table: str) -> Facts:
    return {key: says for key, says in facts.items() if key.table == table}


def summary(found: Iterable[Difference]) -> str:
    """One sentence for a person."""
    count = len([*found])
    if not count:
        return "Models and database agree."
    return f"{count} difference{'s' if count > 1 else ''} between models and database."


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
