"""Statements that a transaction cannot try: what stands alone, what is not known, what is open to the world."""

STANDING_ALONE = {
    "VACUUM FULL t": "t",
    "VACUUM t": "t",
    "VACUUM part": "part1",
    "CREATE INDEX CONCURRENTLY x ON t (note)": "t",
    "DROP INDEX CONCURRENTLY i_amount": "t",
    "REINDEX INDEX CONCURRENTLY i_amount": "t",
    "REINDEX TABLE CONCURRENTLY t": "t",
    "ALTER TABLE ranged DETACH PARTITION ranged1 CONCURRENTLY": "ranged",
}
"""Statement → a table that it has to wait for."""

DARK = {
    "DO $$BEGIN END$$": "runs code in the server",
    "CALL tidy()": "runs code in the server",
    "SELECT work()": "calls work(), which runs code",
    "UPDATE t SET opt = work()": "calls work(), which runs code",
    "CREATE TABLE l AS SELECT work() AS a": "calls work(), which runs code",
    "DROP TABLE t CASCADE": "what depends on it is not known",
    "DROP TYPE mood CASCADE": "what depends on it is not known",
    "ALTER TABLE t DROP COLUMN id CASCADE": "what depends on it is not known",
    "ALTER TABLE t DROP CONSTRAINT t_pkey CASCADE": "what depends on it is not known",
    "ALTER TABLE audit.t ADD COLUMN x int": "it names the schema audit",
    "DROP TABLE audit.t": "it names the schema audit",
    "DROP INDEX audit.i": "it names the schema audit",
    "TRUNCATE t CASCADE": "what depends on it is not known",
    "VACUUM": "names none",
    "REINDEX SCHEMA public": "names none",
    "DROP OWNED BY x": "nothing is known of this kind",
    "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z": "nothing is known of this kind",
    "CREATE SCHEMA x CREATE TABLE y (id int)": "nothing is known of this kind",
    "CREATE SUBSCRIPTION x CONNECTION '' PUBLICATION y": "nothing is known of this kind",
    "ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE x": "nothing is known of this kind",
    "EXECUTE x": "nothing is known of this kind",
}
"""Statement → why its locks are not known."""

OPEN = ("BEGIN", "COMMIT", "CREATE EXTENSION IF NOT EXISTS pgcrypto", "ALTER ROLE x SET jit = off", "DROP ROLE x")
"""Harmless, but not to be tried here."""
