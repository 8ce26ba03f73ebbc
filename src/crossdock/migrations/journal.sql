-- The journal of the migrations. Made by the runner before either tool runs; safe to run again.

CREATE TABLE IF NOT EXISTS aerich (
    id serial PRIMARY KEY,
    version varchar(255) NOT NULL,
    app varchar(100) NOT NULL,
    content jsonb NOT NULL
);

CREATE TABLE IF NOT EXISTS alembic_version (
    version_num varchar(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE IF NOT EXISTS crossdock_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    chain text NOT NULL CHECK (chain IN ('legacy', 'new')),
    event text NOT NULL CHECK (event IN ('started', 'failed', 'version', 'accepted')),
    revision text,
    before text,
    checksum text,
    program text NOT NULL DEFAULT current_setting('application_name'),
    actor text NOT NULL DEFAULT session_user,
    client text NOT NULL DEFAULT coalesce(inet_client_addr()::text, 'this machine'),
    pid integer NOT NULL DEFAULT pg_backend_pid(),
    detail text,
    body text
);

-- A journal that was made before it kept what a revision does apart from its number.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'crossdock_journal'::regclass AND attname = 'body') THEN
        ALTER TABLE crossdock_journal ADD COLUMN body text;
    END IF;
END $$;

-- One row of a version table, as JSON, under the name that its tool gives the version.
CREATE OR REPLACE FUNCTION crossdock_journal_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    chain text := CASE TG_TABLE_NAME WHEN 'aerich' THEN 'legacy' ELSE 'new' END;
    field text := CASE TG_TABLE_NAME WHEN 'aerich' THEN 'version' ELSE 'version_num' END;
    was text := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ->> field END;
    becomes text := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ->> field END;
BEGIN
    EXECUTE format('INSERT INTO %I.crossdock_journal (chain, event, revision, before) VALUES ($1, $2, $3, $4)', TG_TABLE_SCHEMA)
        USING chain, 'version', becomes, was;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER crossdock_journal AFTER INSERT OR UPDATE OR DELETE ON aerich
    FOR EACH ROW EXECUTE FUNCTION crossdock_journal_version();
CREATE OR REPLACE TRIGGER crossdock_journal AFTER INSERT OR UPDATE OR DELETE ON alembic_version
    FOR EACH ROW EXECUTE FUNCTION crossdock_journal_version();
