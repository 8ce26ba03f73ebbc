"""Which of squawk's rules judge a revision, with the rewrite that each asks for, and which do not, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.migrations.lint.case import Case
from crossdock.sql.rows import is_stored
from crossdock.sql.shapes import constraints, definition, parts


@dataclass(frozen=True, slots=True)
class Adopted:
    """`rewrite` may name {table} and {alone}, how the revision's chain runs what PostgreSQL refuses in a transaction.
    `applies` knows what squawk cannot: the revisions before, the deployed release."""

    why: str
    rewrite: str
    applies: Callable[[Case], bool] = lambda _: True


def _adds(*kinds: int) -> Callable[[Case], bool]:
    def applies(case: Case) -> bool:
        added = parts(case.statement, pg.AT_AddConstraint)
        return any(definition(part).constraint.contype in kinds for part in added)

    return applies


def _column_with(case: Case, *kinds: int) -> bool:
    return any(any(constraints(definition(part).column_def, *kinds)) for part in case.parts(pg.AT_AddColumn))


def _validates_a_key(case: Case) -> bool:
    """A new column that is NULL everywhere has no row to look up."""
    return _column_with(case, pg.CONSTR_FOREIGN) and _column_with(case, pg.CONSTR_DEFAULT)


def _is_read_by_a_release(case: Case) -> bool:
    return any(case.uses(case.table, part.name) for part in case.parts(pg.AT_DropNotNull))


def _is_a_guarantee(case: Case) -> bool:
    """Not a CHECK that only helped SET NOT NULL along: the column itself says it now."""
    return any(not _is_told_twice(case, part) for part in case.parts(pg.AT_DropConstraint))


def _is_told_twice(case: Case, part: Any) -> bool:
    table = case.before.tables.get(case.table)
    check = table.checks.get(part.name) if table else None
    return bool(table and check and check.kept and all(table.columns[name].is_required for name in check.kept))


GONE_FIRST = "Release code that does without it, and drop it in the release after that one."

ADOPTED = {
    "require-concurrent-index-creation": Adopted(
        "Writes wait while the index is built.",
        "CREATE INDEX CONCURRENTLY. {alone}",
    ),
    "require-concurrent-index-deletion": Adopted(
        "It takes ACCESS EXCLUSIVE, and waits for it behind the longest query; everybody else waits behind that.",
        "DROP INDEX CONCURRENTLY. {alone}",
        lambda case: not all(case.is_new(item.list.items[-1].string.sval) for item in case.node.objects),
    ),
    "require-concurrent-reindex": Adopted(
        "Writes wait while the index is built again, and so do reads that would use it.",
        "REINDEX INDEX CONCURRENTLY. {alone}",
    ),
    "require-concurrent-partition-detach": Adopted(
        "It takes ACCESS EXCLUSIVE on the parent.",
        "DETACH PARTITION ... CONCURRENTLY. {alone}",
        lambda case: case.statement.detaches is None and case.table not in case.before.family.defaults,
    ),
    "constraint-missing-not-valid": Adopted(
        "The whole table is read, and writes wait for it (a CHECK keeps reads out as well).",
        "1. ALTER TABLE {table} ADD CONSTRAINT ... NOT VALID (it binds new rows at once, the old ones are not read);"
        " 2. in a later revision: ALTER TABLE {table} VALIDATE CONSTRAINT ... (reads and writes go on).",
        lambda case: _adds(pg.CONSTR_CHECK, pg.CONSTR_FOREIGN)(case) and not _is_not_valid(case),
    ),
    "adding-foreign-key-constraint": Adopted(
        "The whole table is read to look up the default of the new column, and writes to both tables wait.",
        "1. ADD COLUMN without REFERENCES; 2. ALTER TABLE {table} ADD CONSTRAINT ... FOREIGN KEY ... NOT VALID;"
        " 3. in a later revision: ALTER TABLE {table} VALIDATE CONSTRAINT ....",
        _validates_a_key,
    ),
    "disallowed-unique-constraint": Adopted(
        "Reads and writes wait while its index is built.",
        "1. CREATE UNIQUE INDEX CONCURRENTLY; 2. in a later revision: ALTER TABLE {table} ADD CONSTRAINT ... UNIQUE"
        " USING INDEX .... {alone}",
    ),
    "adding-serial-primary-key-field": Adopted(
        "Reads and writes wait while its index is built.",
        "1. CREATE UNIQUE INDEX CONCURRENTLY on columns that are NOT NULL; 2. in a later revision: ALTER TABLE {table}"
        " ADD CONSTRAINT ... PRIMARY KEY USING INDEX .... {alone}",
    ),
    "adding-field-with-default": Adopted(
        "A generated column is worked out for every row: the table is rewritten under ACCESS EXCLUSIVE.",
        "ADD COLUMN nullable, keep it filled with a trigger, and fill the old rows in batches, in a later revision.",
        lambda case: any(is_stored(definition(part).column_def) for part in case.parts(pg.AT_AddColumn)),
    ),
    "adding-required-field": Adopted(
        "It fails where there are rows, and where there are none the deployed release cannot insert any more.",
        "1. ADD COLUMN nullable, or with a DEFAULT that is not volatile; 2. release code that writes it; 3. fill the"
        " old rows; 4. SET NOT NULL by way of a CHECK ... NOT VALID.",
    ),
    "renaming-column": Adopted(
        "The deployed release asks for the old name: its requests fail until the next one is up.",
        "1. ADD COLUMN with the new name; 2. release code that writes both; 3. fill the old rows; 4. release code that"
        " reads the new one; 5. drop the old one. Or rename it in the models alone.",
    ),
    "renaming-table": Adopted(
        "The deployed release asks for the old name: its requests fail until the next one is up.",
        "Rename it in the models alone; or ALTER TABLE ... RENAME and CREATE VIEW with the old name (security_invoker)"
        " in one transaction, and drop the view once no deployed release uses it.",
    ),
    "ban-set-schema": Adopted("As a rename: the deployed release does not find it.", "Leave it where it is."),
    "ban-drop-constraint": Adopted(
        "The deployed release counts on it, as ON CONFLICT counts on a UNIQUE.", GONE_FIRST, _is_a_guarantee
    ),
    "ban-drop-not-null": Adopted(
        "The deployed release reads the column and does not expect NULL.",
        "1. Release models that take NULL; 2. DROP NOT NULL in the release after that one.",
        _is_read_by_a_release,
    ),
    "ban-drop-view": Adopted("The deployed release may read it.", GONE_FIRST),
    "ban-drop-function": Adopted("The deployed release may call it.", GONE_FIRST),
    "ban-drop-type": Adopted("The deployed release may name it.", GONE_FIRST),
    "ban-drop-domain": Adopted("The deployed release may name it.", GONE_FIRST),
    "ban-drop-sequence": Adopted("The deployed release may draw from it.", GONE_FIRST),
    "ban-drop-schema": Adopted("Everything in it may go with it.", GONE_FIRST),
    "ban-drop-database": Adopted("Everything is gone.", "A revision changes one database, and never drops one."),
    "ban-drop-extension": Adopted("The deployed release may use its types and functions.", GONE_FIRST),
    "ban-revoke": Adopted(
        "The deployed release may still do what is forbidden from here on: its requests fail.",
        "Release code that does without the right, and REVOKE in the release after that one.",
    ),
    "ban-disable-trigger": Adopted(
        "What the trigger keeps is not kept meanwhile: the books could be edited.",
        "Leave it on. A change that it refuses is written as rows of its own.",
        lambda case: not any(case.parts(pg.AT_EnableRowSecurity, pg.AT_DisableRowSecurity)),
    ),
    "ban-truncate-cascade": Adopted(
        "It empties every table that points at this one, and those that point at them.",
        "Name each table, without CASCADE; or DELETE in batches.",
    ),
    "ban-alter-domain-with-add-constraint": Adopted(
        "Every table with a column of this domain is read under a lock.",
        "A CHECK ... NOT VALID on each table, and VALIDATE CONSTRAINT in a later revision.",
    ),
    "transaction-nesting": Adopted(
        "The tool makes the transaction: this ends it, and a killed run leaves half of the revision.",
        "Take it out. {alone}",
    ),
    "identifier-too-long": Adopted(
        "PostgreSQL cuts it off without a word, and then no model has this name.",
        "At most 63 bytes, spelled out in the model too.",
    ),
}
"""squawk's rules about long locks, rewrites, and what breaks the release that is deployed."""


def _is_not_valid(case: Case) -> bool:
    """squawk says this also where NOT VALID and VALIDATE share a transaction: that is our `validate-apart`."""
    added = [definition(part).constraint for part in parts(case.statement, pg.AT_AddConstraint)]
    kinds = (pg.CONSTR_CHECK, pg.CONSTR_FOREIGN)
    return all(constraint.skip_validation for constraint in added if constraint.contype in kinds)


EXCLUDED = {
    "adding-not-nullable-field": "ours, set-not-null, knows the CHECKs of earlier revisions",
    "changing-column-type": "ours, column-type, knows the type that it was, and which changes rewrite nothing",
    "ban-drop-column": "ours, drop-in-use, knows what the deployed release uses",
    "ban-drop-table": "ours, drop-in-use, knows what the deployed release uses",
    "ban-concurrent-index-creation-in-transaction": "ours, stand-alone, knows how each tool makes its transactions",
    "ban-uncommitted-transaction": "transaction-nesting says it already",
    "require-timeout-settings": "the runner sets both timeouts for every step",
    "require-lock-timeout": "the runner sets lock_timeout for every step, and tries again",
    "require-statement-timeout": "the runner sets statement_timeout for every step",
    "prefer-robust-stmts": "a revision is all or nothing; of those that are not, ours, repeatable, judges",
    "prefer-text-field": "taste: Tortoise makes varchar, and a length keeps nonsense out",
    "prefer-bigint-over-int": "taste: keys are UUIDs, and what counts money is bigint",
    "prefer-bigint-over-smallint": "taste",
    "prefer-identity": "taste; a serial column on a table with rows is volatile-default",
    "prefer-timestamp-tz": "taste: both ORMs are set to timestamptz",
    "ban-char-field": "taste",
    "ban-create-domain-with-constraint": "harmless when it is made; ban-alter-domain-with-add-constraint judges later",
    "require-enum-value-ordering": "taste: there are no native enums",
}
"""squawk has these on by default."""
