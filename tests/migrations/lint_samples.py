"""For each rule of the lint a dangerous revision, what its message has to say, and the same thing written safely.

`{t}` is a table of the chain, with rows and traffic; `{other}` is one of the other chain.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """`good` is one revision or several in a row; `says` is part of the rewrite in the message. `is_alone` and
    `good_is_alone`: the (last) revision commits statement by statement."""

    rule: str
    bad: str
    says: str
    good: tuple[str, ...] = ()
    is_alone: bool = False
    good_is_alone: bool = False


ADD_CHECK = "ALTER TABLE {t} ADD CONSTRAINT there CHECK (note IS NOT NULL) NOT VALID"
VALIDATE = "ALTER TABLE {t} VALIDATE CONSTRAINT there"
SET_NOT_NULL = "ALTER TABLE {t} ALTER COLUMN note SET NOT NULL"

COLUMNS = [
    Sample(
        "volatile-default",
        "ALTER TABLE {t} ADD COLUMN code uuid DEFAULT gen_random_uuid()",
        "2. ALTER TABLE {t} ALTER COLUMN code SET DEFAULT gen_random_uuid()",
        ("ALTER TABLE {t} ADD COLUMN code uuid; ALTER TABLE {t} ALTER COLUMN code SET DEFAULT gen_random_uuid()",),
    ),
    Sample(
        "volatile-default",
        "ALTER TABLE {t} ADD COLUMN seen timestamptz NOT NULL DEFAULT (clock_timestamp() + '1 day'::interval)",
        "fill the old rows in batches",
        ("ALTER TABLE {t} ADD COLUMN seen timestamptz NOT NULL DEFAULT (now() + '1 day'::interval)",),
    ),
    Sample(
        "volatile-default",
        "CREATE FUNCTION code() RETURNS int LANGUAGE sql AS 'SELECT 1';"
        " ALTER TABLE {t} ADD COLUMN c int DEFAULT code()",
        "1. ALTER TABLE {t} ADD COLUMN c int4",
        (
            "CREATE FUNCTION code() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';"
            " ALTER TABLE {t} ADD COLUMN c int DEFAULT code()",
        ),
    ),
    Sample(
        "volatile-default",
        "ALTER TABLE {t} ADD COLUMN place bigserial",
        "CREATE SEQUENCE first",
        ("CREATE SEQUENCE s; ALTER TABLE {t} ADD COLUMN place bigint",),
    ),
    Sample(
        "adding-field-with-default",
        "ALTER TABLE {t} ADD COLUMN twice int GENERATED ALWAYS AS (amount * 2) STORED",
        "keep it filled with a trigger",
        ("ALTER TABLE {t} ADD COLUMN twice int",),
    ),
    Sample(
        "added-check",
        "ALTER TABLE {t} ADD COLUMN size int CHECK (size > 0)",
        "NOT VALID",
        ("ALTER TABLE {t} ADD COLUMN size int; ALTER TABLE {t} ADD CONSTRAINT s CHECK (size > 0) NOT VALID",),
    ),
    Sample(
        "adding-required-field",
        "ALTER TABLE {t} ADD COLUMN size int NOT NULL",
        "1. ADD COLUMN nullable, or with a DEFAULT that is not volatile",
        ("ALTER TABLE {t} ADD COLUMN size int NOT NULL DEFAULT 1",),
    ),
    Sample(
        "set-not-null",
        SET_NOT_NULL,
        "CHECK (note IS NOT NULL) NOT VALID; 2. in a later revision: ALTER TABLE {t} VALIDATE CONSTRAINT",
        (ADD_CHECK, f"{VALIDATE}; {SET_NOT_NULL}", "ALTER TABLE {t} DROP CONSTRAINT there"),
    ),
    Sample("set-not-null", f"{ADD_CHECK}; {SET_NOT_NULL}", "SET NOT NULL (the check spares it the scan)"),
    Sample(
        "column-type",
        "ALTER TABLE {t} ALTER COLUMN amount TYPE bigint",
        "2. release code that writes both",
        (
            'ALTER TABLE {t} ALTER COLUMN note TYPE varchar(40) USING "note"::varchar(40)',
            "ALTER TABLE {t} ALTER COLUMN note TYPE text",
        ),
    ),
    Sample(
        "column-type",
        "ALTER TABLE {t} ALTER COLUMN note TYPE varchar(10)",
        "4. release code that reads the new one",
        ("ALTER TABLE {t} ALTER COLUMN price TYPE numeric(12, 2)",),
    ),
    Sample("column-type", "ALTER TABLE {t} ALTER COLUMN price TYPE numeric(12, 3)", "numeric(10, 2)"),
    Sample("column-type", "ALTER TABLE {t} ALTER COLUMN note TYPE text USING lower(note)", "5. drop note once"),
    Sample("column-type", "ALTER TABLE {t} ALTER COLUMN unheard_of TYPE text", "an unknown type"),
]
INDEXES_AND_KEYS = [
    Sample(
        "require-concurrent-index-creation",
        "CREATE INDEX i ON {t} (note)",
        "CREATE INDEX CONCURRENTLY. Put what cannot be in a transaction into a revision of its own with"
        " RUN_IN_TRANSACTION = False",
        ("CREATE INDEX CONCURRENTLY i ON {t} (note)",),
        good_is_alone=True,
    ),
    Sample(
        "require-concurrent-index-deletion",
        "DROP INDEX {t}_there",
        "DROP INDEX CONCURRENTLY",
        ("DROP INDEX CONCURRENTLY {t}_there",),
        good_is_alone=True,
    ),
    Sample(
        "require-concurrent-reindex",
        "REINDEX INDEX {t}_there",
        "REINDEX INDEX CONCURRENTLY",
        ("REINDEX INDEX CONCURRENTLY {t}_there",),
        good_is_alone=True,
    ),
    Sample(
        "require-concurrent-partition-detach",
        "ALTER TABLE {t} DETACH PARTITION part",
        "DETACH PARTITION ... CONCURRENTLY",
    ),
    Sample(
        "constraint-missing-not-valid",
        "ALTER TABLE {t} ADD CONSTRAINT k FOREIGN KEY (parent) REFERENCES {t} (id)",
        "1. ALTER TABLE {t} ADD CONSTRAINT ... NOT VALID",
        (
            "ALTER TABLE {t} ADD CONSTRAINT k FOREIGN KEY (parent) REFERENCES {other} (id) NOT VALID",
            "ALTER TABLE {t} VALIDATE CONSTRAINT k",
        ),
    ),
    Sample(
        "constraint-missing-not-valid",
        "ALTER TABLE {t} ADD CONSTRAINT c CHECK (amount > 0)",
        "2. in a later revision: ALTER TABLE {t} VALIDATE CONSTRAINT",
        ("ALTER TABLE {t} ADD CONSTRAINT c CHECK (amount > 0) NOT VALID",),
    ),
    Sample(
        "adding-foreign-key-constraint",
        "ALTER TABLE {t} ADD COLUMN whose uuid DEFAULT '00000000-0000-7000-8000-000000000001' REFERENCES {other} (id)",
        "1. ADD COLUMN without REFERENCES",
        ("ALTER TABLE {t} ADD COLUMN whose uuid REFERENCES {other} (id)",),
    ),
    Sample(
        "disallowed-unique-constraint",
        "ALTER TABLE {t} ADD CONSTRAINT u UNIQUE (note)",
        "1. CREATE UNIQUE INDEX CONCURRENTLY",
        ("ALTER TABLE {t} ADD CONSTRAINT u UNIQUE USING INDEX {t}_there",),
    ),
    Sample(
        "adding-serial-primary-key-field",
        "ALTER TABLE {t} ADD CONSTRAINT p PRIMARY KEY (note)",
        "PRIMARY KEY USING INDEX",
        ("ALTER TABLE {t} ADD CONSTRAINT p PRIMARY KEY USING INDEX {t}_there",),
    ),
    Sample(
        "long-lock",
        "ALTER TABLE {t} ADD CONSTRAINT x EXCLUDE USING btree (note WITH =)",
        "Make a new table beside it",
    ),
    Sample("long-lock", "ALTER TABLE {t} SET UNLOGGED", "Make a new table beside it"),
    Sample("long-lock", "CLUSTER {t} USING {t}_there", "VACUUM without FULL"),
    Sample("long-lock", "LOCK TABLE {t}", "Lock single rows", ("LOCK TABLE {t} IN ROW SHARE MODE",)),
    Sample("long-lock", "VACUUM FULL {t}", "VACUUM without FULL", ("VACUUM {t}",), is_alone=True, good_is_alone=True),
]
TRANSACTIONS = [
    Sample(
        "stand-alone",
        "CREATE INDEX CONCURRENTLY i ON {t} (note)",
        "into a revision of its own with RUN_IN_TRANSACTION = False",
        ("CREATE INDEX CONCURRENTLY i ON {t} (note)",),
        good_is_alone=True,
    ),
    Sample(
        "repeatable",
        "CREATE INDEX CONCURRENTLY i ON {t} (note); ALTER TABLE {t} ADD COLUMN size int",
        "Write it with IF [NOT] EXISTS",
        ("CREATE INDEX CONCURRENTLY i ON {t} (note); ALTER TABLE {t} ADD COLUMN IF NOT EXISTS size int",),
        is_alone=True,
        good_is_alone=True,
    ),
    Sample(
        "validate-apart",
        f"{ADD_CHECK}; {VALIDATE}",
        "ALTER TABLE {t} VALIDATE CONSTRAINT there in a revision of its own",
        (ADD_CHECK, VALIDATE),
    ),
    Sample(
        "backfill-under-lock",
        "ALTER TABLE {t} ADD COLUMN size int; UPDATE {t} SET size = 1",
        "Change the rows in a revision of its own",
        ("ALTER TABLE {t} ADD COLUMN size int", "UPDATE {t} SET size = 1"),
    ),
    Sample(
        "backfill-under-lock",
        "DROP POLICY p ON {t}; INSERT INTO {t} (id) SELECT id FROM {t}",
        "Change the rows in a revision of its own",
        ("DROP POLICY p ON {t}; INSERT INTO {t} (id) VALUES ('00000000-0000-7000-8000-000000000001')",),
    ),
    Sample("transaction-nesting", "COMMIT; SELECT 1; BEGIN", "Take it out"),
]
THE_DEPLOYED_RELEASE = [
    Sample(
        "drop-in-use",
        "ALTER TABLE {t} DROP COLUMN note",
        "2. drop it in the release after that one",
        ("ALTER TABLE {t} DROP COLUMN unused",),
    ),
    Sample("drop-in-use", "DROP TABLE {t}", "1. Take it out of the models of {t} and release that"),
    Sample("renaming-column", "ALTER TABLE {t} RENAME COLUMN note TO words", "1. ADD COLUMN with the new name"),
    Sample("renaming-table", "ALTER TABLE {t} RENAME TO things", "CREATE VIEW with the old name"),
    Sample("ban-set-schema", "ALTER TABLE {t} SET SCHEMA elsewhere", "Leave it where it is"),
    Sample(
        "ban-drop-constraint",
        "ALTER TABLE {t} DROP CONSTRAINT one_of_a_kind",
        "Release code that does without it",
    ),
    Sample(
        "ban-drop-not-null",
        "ALTER TABLE {t} ALTER COLUMN amount DROP NOT NULL",
        "1. Release models that take NULL",
        ("ALTER TABLE {t} ALTER COLUMN unused DROP NOT NULL",),
    ),
    Sample("ban-drop-view", "DROP VIEW v", "Release code that does without it"),
    Sample("ban-drop-function", "DROP FUNCTION f()", "Release code that does without it"),
    Sample("ban-drop-type", "DROP TYPE kind", "Release code that does without it"),
    Sample("ban-drop-domain", "DROP DOMAIN kind", "Release code that does without it"),
    Sample("ban-drop-sequence", "DROP SEQUENCE s", "Release code that does without it"),
    Sample("ban-drop-schema", "DROP SCHEMA elsewhere", "Release code that does without it"),
    Sample("ban-drop-database", "DROP DATABASE elsewhere", "never drops one"),
    Sample("ban-drop-extension", "DROP EXTENSION pgcrypto", "Release code that does without it"),
    Sample("ban-revoke", "REVOKE SELECT ON {t} FROM crossdock_app", "REVOKE in the release after that one"),
    Sample(
        "ban-disable-trigger",
        "ALTER TABLE {t} DISABLE TRIGGER immutable",
        "Leave it on",
        ("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY",),
    ),
    Sample("ban-truncate-cascade", "TRUNCATE {t} CASCADE", "Name each table, without CASCADE"),
    Sample(
        "ban-alter-domain-with-add-constraint",
        "ALTER DOMAIN kind ADD CONSTRAINT c CHECK (VALUE > 0)",
        "A CHECK ... NOT VALID on each table",
    ),
    Sample(
        "identifier-too-long",
        f"ALTER TABLE {{t}} ADD COLUMN {'long_' * 13}name int",
        "At most 63 bytes",
        (f"ALTER TABLE {{t}} ADD COLUMN {'long_' * 10}name int",),
    ),
]
OWNERS = [
    Sample(
        "others-table",
        "ALTER TABLE {other} ADD COLUMN size int",
        "and let this one need that: NEEDS",
        ("CREATE POLICY q ON {t} FOR SELECT USING (EXISTS (SELECT FROM {other} o WHERE o.id = {t}.id))",),
    ),
    Sample("others-table", "DROP INDEX CONCURRENTLY {other}_there", "Write it in a revision of the", is_alone=True),
    Sample("others-table", "GRANT SELECT ON {other} TO crossdock_app", "Write it in a revision of the"),
    Sample("others-table", "UPDATE {other} SET note = NULL", "Write it in a revision of the"),
    Sample("others-table", "DELETE FROM alembic_version", "Leave it to the tools"),
    Sample(
        "row-level-security",
        "CREATE TABLE things (id uuid PRIMARY KEY)",
        "ALTER TABLE things ENABLE ROW LEVEL SECURITY",
        ("CREATE TABLE things (id uuid PRIMARY KEY)", "ALTER TABLE things ENABLE ROW LEVEL SECURITY"),
    ),
    Sample("row-level-security", "ALTER TABLE {t} DISABLE ROW LEVEL SECURITY", "DROP POLICY and CREATE POLICY"),
    Sample("not-readable", "DO $$ BEGIN PERFORM 1; END $$", "Write the statements themselves", ("SELECT 1",)),
    Sample(
        "not-readable",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM bids; SELECT 1'; SELECT f()",
        "Write the statements themselves",
    ),
]
SAMPLES = [*COLUMNS, *INDEXES_AND_KEYS, *TRANSACTIONS, *THE_DEPLOYED_RELEASE, *OWNERS]
