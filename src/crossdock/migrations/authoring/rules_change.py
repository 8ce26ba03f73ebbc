"""What a revision says besides the models: the difference between a module's `rules.sql` and the database.

A person writes a policy once, in `rules.sql`. The revision has it in PostgreSQL's own words, and its inverse with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.isolation.rules import application_rules, rules
from crossdock.registry import SHARED, Module, Orm, Registry
from crossdock.schema.expected import Sides, read_sides
from crossdock.schema.facts import Facts, Key
from crossdock.schema.repair import repair
from crossdock.sql.quoting import readable
from crossdock.sql.statement import Statement, statements

KINDS = ("row level security", "grants", "check", "policy", "trigger", "rule")
"""In the order in which they are made. Whatever else a table consists of, the models say."""
DEFINITION = """
SELECT pg_get_functiondef(p.oid) FROM pg_proc p
WHERE p.pronamespace = to_regnamespace(quote_ident($1)) AND p.proname = $2
"""


@dataclass(slots=True)
class RulesChange:
    """Statements. On the way up they follow what the models changed. On the way down `before` precedes its undoing,
    and `after` follows it: no function can go before the policies that call it."""

    up: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.up or self.before or self.after)

    def add(self, up: str, before: str = "", after: str = "") -> None:
        """The next ones up, and their inverse, which therefore is the first one down."""
        self.up += _apart(up)
        self.before[:0] = _apart(before)
        self.after[:0] = _apart(after)


async def rules_change(
    address: Address, registry: Registry, module: Module, orm: Orm, said_already: str = ""
) -> RulesChange:
    """From the database to the rules: of a module's tables, and of the functions that its `rules.sql` makes.

    `said_already` is the SQL that makes what the models say: the checks of a new table are part of it.
    """
    sides = await read_sides(address, registry)
    wanted, there = sides.said[orm], sides.database
    change = RulesChange()
    for name, statement in _functions(registry, module).items():
        if _of(wanted, name) != _of(there, name):
            replaced = await _definition(address, name)
            dropped = "".join(
                f"DROP FUNCTION {key.name};" for key in _of(wanted, name).keys() - _of(there, name).keys()
            )
            change.add(_replacing(statement), after=replaced or dropped)
    for key in _differing(sides, orm, module, _policies(registry, module)):
        is_new = Key(key.table, "table", "") not in there
        if not (key.kind == "check" and key.name in said_already):
            change.add(_made(key, wanted, there, is_new=is_new), "" if is_new else _inverse(key, wanted, there))
    return change


def _own_rules(registry: Registry, module: Module, kind: str) -> list[Statement]:
    """The statements of a kind in the module's rules."""
    where = application_rules(registry) if module is SHARED else f"modules/{module.name}/"
    texts = [text for file, text in rules(registry).items() if where and file.startswith(where)]
    return [each for text in texts for each in statements(text) if each.kind == kind]


def _functions(registry: Registry, module: Module) -> dict[str, Statement]:
    """Name → the statement of the module's rules that makes it."""
    found = _own_rules(registry, module, "create_function_stmt")
    return {each.node.funcname[-1].string.sval: each for each in found}


def _policies(registry: Registry, module: Module) -> set[Key]:
    """Of the module's rules, also those on a table of the library: which events it may add."""
    found = _own_rules(registry, module, "create_policy_stmt")
    return {Key(each.node.table.relname, "policy", each.node.policy_name) for each in found}


def _of(facts: Facts, function: str) -> Facts:
    """What is known of the functions of a name."""
    return {key: says for key, says in facts.items() if key.kind == "function" and key.name.startswith(f"{function}(")}


def _replacing(statement: Statement) -> str:
    """As a person wrote it. Policies that call a function keep it from being dropped, and not from being replaced."""
    head, create, rest = statement.text.partition("CREATE FUNCTION")
    return f"{head}CREATE OR REPLACE FUNCTION{rest};" if create else f"{statement.text};"


async def _definition(address: Address, function: str) -> str:
    """The function as it is in the database; empty where there is none."""
    connection = await connect(address)
    try:
        found = await connection.fetch(DEFINITION, address.schema, function)
        return ";\n".join(row[0].replace(f" {readable(address.schema)}.", " ", 1) for row in found)
    finally:
        await connection.close()


def _differing(sides: Sides, orm: Orm, module: Module, policies: set[Key]) -> Iterator[Key]:
    """In the order of KINDS."""
    wanted, there = sides.said[orm], sides.database
    for kind in KINDS:
        for key in sorted(wanted.keys() | there.keys()):
            is_own = key.table in module.tables or key in policies
            if key.kind == kind and is_own and wanted.get(key) != there.get(key):
                yield key


def _made(key: Key, wanted: Facts, there: Facts, *, is_new: bool) -> str:
    says = wanted.get(key, "")
    if is_new and key.kind == "check":  # there are no rows to check later
        return f"ALTER TABLE {readable(key.table)} ADD CONSTRAINT {readable(key.name)} {says};"
    if is_new and says == "off":  # as every table begins
        return ""
    made = repair(key, says, there.get(key))
    # What is added without a look at the rows is validated by the next revision: the lock of ADD would last for that.
    return made.partition(f" ALTER TABLE {readable(key.table)} VALIDATE")[0] if " NOT VALID;" in made else made


def _inverse(key: Key, wanted: Facts, there: Facts) -> str:
    if there.get(key) == f"{wanted.get(key)} NOT VALID":  # it was validated, and may stay so
        return ""
    return repair(key, there.get(key), wanted.get(key))


def _apart(sql: str) -> list[str]:
    """One by one, as the driver takes them, each part of a policy on its own line."""
    return [_broken(statement) for statement in statements(sql)]


def _broken(statement: Statement) -> str:
    text = statement.text.rstrip(";")
    if statement.kind != "create_policy_stmt":
        return text
    head, with_check, check = text.partition(" WITH CHECK (")
    head = head.replace(" USING (", "\n    USING (", 1)
    return f"{head}\n   {with_check}{check}" if with_check else head
