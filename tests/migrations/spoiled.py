"""A migrated database changed by hand, once for each kind of fact, and what `crossdock schema check` tells of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A change made by hand, what it is told as, and the words of its line. `undo` where the advice is no SQL."""

    change: str
    subject: str
    words: tuple[str, ...]
    undo: str = ""


SPOILED = {
    "a column added": Spoiled(
        "ALTER TABLE bids ADD COLUMN note text", "bids.note", ("tortoise: -; database: text", "DROP COLUMN note")
    ),
    "a column dropped": Spoiled(
        "ALTER TABLE user_history DROP COLUMN reason", "user_history.reason", ("database: -", "character varying(500)")
    ),
    "a column of a table of the library's": Spoiled(
        "ALTER TABLE outbox ADD COLUMN shard int", "outbox.shard", ("sqlalchemy: -; database: integer",)
    ),
    "another type": Spoiled(
        "ALTER TABLE bids ALTER COLUMN version TYPE numeric",
        "bids.version",
        ("tortoise: integer NOT NULL; database: numeric NOT NULL", "TYPE integer"),
    ),
    "another length": Spoiled(
        "ALTER TABLE users ALTER COLUMN phone TYPE varchar(40)", "users.phone", ("varying(32)", "varying(40)")
    ),
    "a null allowed": Spoiled(
        "ALTER TABLE bookings ALTER COLUMN currency DROP NOT NULL",
        "bookings.currency",
        ("sqlalchemy: character varying(3) NOT NULL; tortoise: ", "SET NOT NULL"),
    ),
    "a null forbidden": Spoiled("ALTER TABLE users ALTER COLUMN phone SET NOT NULL", "users.phone", ("DROP NOT NULL",)),
    "a default": Spoiled(
        "ALTER TABLE bids ALTER COLUMN version SET DEFAULT 7", "bids.version", ("DEFAULT 7", "DROP DEFAULT")
    ),
    "an identity": Spoiled(
        "ALTER TABLE bids ALTER COLUMN version ADD GENERATED ALWAYS AS IDENTITY",
        "bids.version",
        ("GENERATED ALWAYS AS IDENTITY", "anew"),
        "ALTER TABLE bids ALTER COLUMN version DROP IDENTITY",
    ),
    "a comment": Spoiled(
        "COMMENT ON COLUMN companies.kind IS 'what it is'",
        "companies.kind, comment",
        ("what it is", "SHIPPER: shipper"),
    ),
    "a table's comment": Spoiled("COMMENT ON TABLE teams IS NULL", "teams, comment", ("database: -", "A named group")),
    "an index dropped": Spoiled(
        "DROP INDEX ix_outbox_unpublished",
        "outbox, index ix_outbox_unpublished",
        ("database: -", "CREATE INDEX CONCURRENTLY ix_outbox_unpublished", "published_at IS NULL"),
    ),
    "an index added": Spoiled(
        "CREATE INDEX by_hand ON bids (amount_minor)", "bids, index by_hand", ("DROP INDEX CONCURRENTLY by_hand",)
    ),
    "an index changed": Spoiled(
        "DROP INDEX uid_bids_one_winner; CREATE UNIQUE INDEX uid_bids_one_winner ON bids (booking_id)"
        " WHERE status = 'awarded'",
        "bids, index uid_bids_one_winner",
        ("CREATE UNIQUE INDEX CONCURRENTLY",),
    ),
    "an invalid index": Spoiled(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_ledger_transfers_subject_id'::regclass",
        "ledger_transfers, index ix_ledger_transfers_subject_id",
        ("INVALID", "REINDEX INDEX CONCURRENTLY ix_ledger_transfers_subject_id"),
    ),
    "a primary key dropped": Spoiled(
        "ALTER TABLE outbox DROP CONSTRAINT pk_outbox", "outbox, primary key pk_outbox", ("ADD CONSTRAINT pk_outbox",)
    ),
    "a unique constraint dropped": Spoiled(
        "ALTER TABLE users DROP CONSTRAINT users_email_key", "users, unique users_email_key", ("UNIQUE (email)",)
    ),
    "a foreign key dropped": Spoiled(
        "ALTER TABLE bids DROP CONSTRAINT bids_booking_id_fkey",
        "bids, foreign key bids_booking_id_fkey",
        ("NOT VALID", "VALIDATE CONSTRAINT"),
    ),
    "a foreign key that cascades": Spoiled(
        "ALTER TABLE bids DROP CONSTRAINT bids_booking_id_fkey, ADD CONSTRAINT bids_booking_id_fkey"
        " FOREIGN KEY (booking_id) REFERENCES bookings (id) ON DELETE CASCADE",
        "bids, foreign key bids_booking_id_fkey",
        ("ON DELETE CASCADE", "ON DELETE RESTRICT"),
    ),
    "a foreign key switched off": Spoiled(
        "ALTER TABLE bookings DISABLE TRIGGER ALL; ALTER TABLE companies DISABLE TRIGGER ALL;"
        "UPDATE pg_trigger SET tgenabled = 'O' WHERE tgconstraint <> (SELECT oid FROM pg_constraint"
        " WHERE conname = 'bookings_company_id_fkey')",
        "bookings, foreign key bookings_company_id_fkey",
        ("DISABLED ON bookings, companies", "ALTER TABLE companies ENABLE TRIGGER ALL"),
    ),
    "a check dropped": Spoiled(
        "ALTER TABLE bids DROP CONSTRAINT ck_bids_amount", "bids, check ck_bids_amount", ("amount_minor > 0",)
    ),
    "a check not valid": Spoiled(
        "ALTER TABLE bids DROP CONSTRAINT ck_bids_amount,"
        " ADD CONSTRAINT ck_bids_amount CHECK (amount_minor > 0) NOT VALID",
        "bids, check ck_bids_amount",
        ("NOT VALID", "bids VALIDATE CONSTRAINT ck_bids_amount"),
    ),
    "an exclusion": Spoiled(
        "ALTER TABLE bids ADD CONSTRAINT alone EXCLUDE (id WITH =)", "bids, exclusion alone", ("DROP CONSTRAINT alone",)
    ),
    "row level security off": Spoiled(
        "ALTER TABLE bids DISABLE ROW LEVEL SECURITY",
        "bids, row level security",
        ("database: off", "ENABLE ROW LEVEL SECURITY"),
    ),
    "row level security forced": Spoiled(
        "ALTER TABLE bids FORCE ROW LEVEL SECURITY", "bids, row level security", ("NO FORCE ROW LEVEL SECURITY",)
    ),
    "a policy changed": Spoiled(
        "ALTER POLICY bids_read ON bids USING (true)",
        "bids, policy bids_read",
        ("USING (true)", "CREATE POLICY bids_read ON bids FOR SELECT TO crossdock_app"),
    ),
    "a policy for more roles": Spoiled(
        "ALTER POLICY bids_platform ON bids TO crossdock_platform, crossdock_app",
        "bids, policy bids_platform",
        ("crossdock_app",),
    ),
    "a policy dropped": Spoiled(
        "DROP POLICY outbox_add ON outbox", "outbox, policy outbox_add", ("CREATE POLICY outbox_add ON outbox",)
    ),
    "a policy added": Spoiled(
        "CREATE POLICY p ON users TO crossdock_app USING (true)", "users, policy p", ("DROP POLICY p ON users",)
    ),
    "a grant added": Spoiled(
        "GRANT DELETE ON bids TO crossdock_app",
        "bids, grants crossdock_app",
        ("REVOKE DELETE ON bids FROM crossdock_app;",),
    ),
    "a column's grant added": Spoiled(
        "GRANT UPDATE (amount_minor) ON bids TO crossdock_app",
        "bids, grants crossdock_app",
        ("UPDATE (amount_minor, award_expires_at", "REVOKE UPDATE (amount_minor) ON bids FROM crossdock_app;"),
    ),
    "a grant removed": Spoiled(
        "REVOKE INSERT ON ledger_entries FROM crossdock_platform",
        "ledger_entries, grants crossdock_platform",
        ("INSERT, SELECT; database: SELECT", "GRANT INSERT ON ledger_entries TO crossdock_platform;"),
    ),
    "a grant to everybody": Spoiled(
        "GRANT SELECT ON users TO PUBLIC", "users, grants PUBLIC", ("REVOKE SELECT ON users FROM PUBLIC;",)
    ),
    "a grant that may be given on": Spoiled(
        "GRANT SELECT ON users TO crossdock_platform WITH GRANT OPTION",
        "users, grants crossdock_platform",
        ("REVOKE GRANT OPTION FOR SELECT ON users FROM crossdock_platform CASCADE;",),
    ),
    "callers of a function": Spoiled(
        "REVOKE EXECUTE ON FUNCTION current_company_id() FROM PUBLIC;"
        " GRANT EXECUTE ON FUNCTION current_company_id() TO crossdock_app WITH GRANT OPTION",
        "callers current_company_id()",
        (
            "rules: PUBLIC; database: crossdock_app WITH GRANT OPTION",
            "REVOKE EXECUTE ON FUNCTION current_company_id() FROM crossdock_app CASCADE;"
            " GRANT EXECUTE ON FUNCTION current_company_id() TO PUBLIC;",
        ),
    ),
    "a trigger disabled": Spoiled(
        "ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_immutable",
        "ledger_entries, trigger ledger_entries_immutable",
        ("DISABLED", "ENABLE TRIGGER ledger_entries_immutable"),
    ),
    "a trigger dropped": Spoiled(
        "DROP TRIGGER ledger_entries_immutable ON ledger_entries",
        "ledger_entries, trigger ledger_entries_immutable",
        ("CREATE TRIGGER ledger_entries_immutable",),
    ),
    "a rule": Spoiled(
        "CREATE RULE nothing AS ON DELETE TO teams DO INSTEAD NOTHING", "teams, rule nothing", ("DROP RULE nothing",)
    ),
    "a function changed": Spoiled(
        "CREATE OR REPLACE FUNCTION may_become_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS"
        " 'SELECT true'",
        "function may_become_platform()",
        ("SELECT true", "CREATE OR REPLACE FUNCTION may_become_platform()"),
        "CREATE OR REPLACE FUNCTION may_become_platform() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS"
        " $$ SELECT pg_has_role(session_user, 'crossdock_platform', 'MEMBER') $$",
    ),
    "a function of nobody": Spoiled(
        "CREATE FUNCTION stray(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "function stray(integer)",
        ("DROP FUNCTION stray(integer)",),
        "DROP FUNCTION stray(int)",
    ),
    "a type of nobody": Spoiled(
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "type mood",
        ("enum of good, bad", "DROP TYPE mood"),
        "DROP TYPE mood",
    ),
    "a table of nobody": Spoiled(
        "CREATE TABLE strays (id int PRIMARY KEY, name text); CREATE INDEX ON strays (name)",
        "strays, table",
        ("belongs to nobody", "DROP TABLE strays"),
        "DROP TABLE strays",
    ),
    "a view of nobody": Spoiled(
        "CREATE VIEW everybody AS SELECT * FROM users",
        "everybody, table",
        ("DROP VIEW everybody",),
        "DROP VIEW everybody",
    ),
    "a table without a log": Spoiled(
        "ALTER TABLE sign_in_throttles SET UNLOGGED",
        "sign_in_throttles, table",
        ("unlogged table",),
        "ALTER TABLE sign_in_throttles SET LOGGED",
    ),
    "a table gone": Spoiled(
        "CREATE SCHEMA attic; ALTER TABLE sign_in_throttles SET SCHEMA attic",
        "sign_in_throttles, table",
        ("tortoise: table; database: -", "another schema: ALTER TABLE attic.sign_in_throttles SET SCHEMA public;"),
        "ALTER TABLE attic.sign_in_throttles SET SCHEMA public; DROP SCHEMA attic",
    ),
}
