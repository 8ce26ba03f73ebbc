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
        ("ALTER TABLE {t} ADD COLUMN size int", "UPDATE {t} SET size = 1 WHERE amount < 5"),
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
        ("CREATE POLICY q ON {t} AS RESTRICTIVE USING (EXISTS (SELECT FROM {other} WHERE {other}.id = {t}.id))",),
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
SESSIONS = [
    *(
        Sample("runner-settings", sql, "CROSSDOCK_MIGRATIONS__LOCK_TIMEOUT_MS", ("SET LOCAL work_mem = '64MB'",))
        for sql in (
            "SET lock_timeout = 0",
            "SET LOCAL statement_timeout = '1h'",
            "RESET lock_timeout",
            "RESET ALL",
            "SELECT set_config('lock_timeout', '0', false)",
            "ALTER ROLE crossdock_app SET statement_timeout = 0",
        )
    ),
    Sample("runner-settings", "SET session_replication_role = replica", "what they refuse is not right"),
    Sample("runner-settings", "SET search_path = elsewhere", "name the schema where it is another"),
    *(
        Sample("another-role", sql, "the owner of the tables migrates them")
        for sql in ("SET ROLE crossdock_app", "SET LOCAL ROLE crossdock_app", "RESET ROLE",
                    "SET SESSION AUTHORIZATION crossdock_app", "RESET SESSION AUTHORIZATION")
    ),
]  # fmt: skip
OPENING = [
    Sample("grant-public", "GRANT SELECT ON {t} TO PUBLIC", "Name the role", ("GRANT SELECT ON {t} TO crossdock_app",)),
    Sample("grant-public", "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "Name the role"),
    Sample("grant-public", "GRANT SELECT ON {t} TO crossdock_app WITH GRANT OPTION", "Leave out WITH GRANT OPTION"),
    Sample("grant-public", "GRANT crossdock_platform TO crossdock_app", "Name the role"),
    Sample("looser-policy", "CREATE POLICY p ON {t} TO crossdock_app USING (true)", "or AS RESTRICTIVE",
           ("CREATE POLICY p ON {t} AS RESTRICTIVE TO crossdock_app USING (amount = 1)",)),
    Sample("looser-policy", "ALTER POLICY tenants ON {t} USING (true)", "Write what was there AND what is new",
           ("ALTER POLICY tenants ON {t} USING (amount = 1 AND note = 'x')",)),
    Sample("looser-policy", "ALTER POLICY tenants ON {t} TO PUBLIC", "or AS RESTRICTIVE"),
    Sample("looser-policy", "ALTER POLICY tenants ON {t} USING (amount = 1 OR note = 'x')", "or AS RESTRICTIVE"),
    Sample("looser-policy", "DROP POLICY tenants ON {t}; CREATE POLICY tenants ON {t} USING (true)",
           "or AS RESTRICTIVE",
           ("DROP POLICY tenants ON {t}; CREATE POLICY tenants ON {t} TO crossdock_app USING (amount = 1)",)),
    Sample("looser-policy", "DROP POLICY bounds ON {t}", "or AS RESTRICTIVE", ("DROP POLICY tenants ON {t}",)),
    Sample("around-policies", "ALTER ROLE crossdock_app BYPASSRLS", "Leave that out"),
    Sample("around-policies", "CREATE ROLE x SUPERUSER", "Leave that out", ("CREATE ROLE x NOLOGIN",)),
    Sample("around-policies", "ALTER TABLE {t} OWNER TO crossdock_app", "Leave the owner"),
    Sample("around-policies", "ALTER TABLE {t} NO FORCE ROW LEVEL SECURITY", "Leave FORCE"),
    Sample("around-policies", "CREATE VIEW v AS SELECT id FROM {t}", "security_invoker = true",
           ("CREATE VIEW v WITH (security_invoker = true) AS SELECT id FROM {t}",)),
    Sample("around-policies", "CREATE MATERIALIZED VIEW v AS SELECT id FROM {t}", "Grant it to no tenant"),
    Sample("around-policies",
           "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "SET search_path",
           ("CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp"
            " AS 'SELECT 1'",)),
]  # fmt: skip
ROWS = [
    *(
        Sample("unbatched", sql, "In batches, each a transaction of its own", (f"UPDATE {{t}} SET note = 'x' {where}",))
        for sql, where in (
            ("UPDATE {t} SET note = 'x'", "WHERE amount < 10"),
            ("UPDATE {t} SET note = 'x' WHERE note IS NULL", "WHERE id IN (SELECT id FROM {t} LIMIT 1000)"),
            ("DELETE FROM {t}", "WHERE amount = 3"),
            ("WITH gone AS (DELETE FROM {t} RETURNING id) SELECT count(*) FROM gone", "WHERE id BETWEEN 1 AND 3"),
        )
    ),
    Sample("backfill-under-lock",
           "ALTER TABLE {t} ADD COLUMN size int; WITH x AS (UPDATE {t} SET size = 1 WHERE amount = 1 RETURNING id)"
           " SELECT count(*) FROM x", "Change the rows in a revision of its own"),
    Sample("others-table", "WITH x AS (DELETE FROM {other} WHERE amount = 1 RETURNING id) SELECT count(*) FROM x",
           "Write it in a revision of the"),
    Sample("drop-and-create", "DROP TABLE {t}; CREATE TABLE things (id uuid PRIMARY KEY, note varchar(20),"
           " price numeric(10, 2), amount int NOT NULL, parent uuid)", "Give the model `table = "),
    Sample("drop-and-create", "ALTER TABLE {t} ADD COLUMN words varchar(20); ALTER TABLE {t} DROP COLUMN note",
           "source_field"),
    Sample("enum-value", "ALTER TYPE mood ADD VALUE 'bad'; UPDATE {t} SET note = 'bad' WHERE amount = 1",
           "in a revision of its own, before this one",
           ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'bad'", "UPDATE {t} SET note = 'bad' WHERE amount = 1")),
    Sample("volatile-default", "ALTER TABLE {t} ADD COLUMN code text DEFAULT nanoid()", "nanoid() (for new rows)",
           ("ALTER TABLE {t} ADD COLUMN code text DEFAULT lower('A')",)),
    Sample("volatile-default", "CREATE DOMAIN few AS int CHECK (VALUE < 9); ALTER TABLE {t} ADD COLUMN code few",
           "the type behind the domain",
           ("CREATE DOMAIN any AS int; ALTER TABLE {t} ADD COLUMN code any".replace("any", "many"),)),
    Sample("column-type", "ALTER TABLE {t} ALTER COLUMN word TYPE varchar(40)", "release code that writes both"),
    Sample("adding-field-with-default",
           "ALTER TABLE {t} ADD COLUMN twice int GENERATED ALWAYS AS (amount * 3) STORED",
           "keep it filled with a trigger",
           ("ALTER TABLE {t} ADD COLUMN twice int GENERATED ALWAYS AS (amount * 3) VIRTUAL",)),
    Sample("detached-default",
           "CREATE TABLE l (id int) PARTITION BY LIST (id); CREATE TABLE l1 PARTITION OF l FOR VALUES IN (1);"
           " CREATE TABLE l2 PARTITION OF l DEFAULT; ALTER TABLE l DETACH PARTITION l1 CONCURRENTLY",
           "DETACH PARTITION without it", is_alone=True),
    Sample("require-concurrent-partition-detach", "ALTER TABLE {t} DETACH PARTITION part",
           "DETACH PARTITION ... CONCURRENTLY", ("ALTER TABLE {t} DETACH PARTITION part CONCURRENTLY",),
           good_is_alone=True),
    Sample("long-lock", "REFRESH MATERIALIZED VIEW v", "needs a unique index",
           ("REFRESH MATERIALIZED VIEW CONCURRENTLY v",)),
    Sample("stand-alone", "VACUUM {t}", "into a revision of its own", ("ANALYZE {t}",)),
    Sample("repeatable", "ALTER TYPE mood ADD VALUE 'bad'", "Write it with IF [NOT] EXISTS",
           ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'bad'",), is_alone=True, good_is_alone=True),
    Sample("unbatched", "UPDATE {t} SET note = 'y'", "In batches",
           ("CREATE TEMP TABLE few AS SELECT id FROM {t}; CREATE INDEX i ON few (id); UPDATE few SET id = NULL;"
            " DROP TABLE few",)),
]  # fmt: skip
SAMPLES = [*COLUMNS, *INDEXES_AND_KEYS, *TRANSACTIONS, *THE_DEPLOYED_RELEASE, *OWNERS, *SESSIONS, *OPENING, *ROWS]
