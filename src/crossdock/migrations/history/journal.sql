-- The journal of the migrations. Made by the runner before either tool runs; safe to run again.

CREATE TABLE IF NOT EXISTS crossdock_journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    chain text NOT NULL,
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

-- A journal that was made when there were two chains and no more.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_constraint
            WHERE conrelid = 'crossdock_journal'::regclass AND conname = 'crossdock_journal_chain_check') THEN
        ALTER TABLE crossdock_journal DROP CONSTRAINT crossdock_journal_chain_check;
    END IF;
END $$;

-- A journal that was made before it kept what a revision does apart from its number.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'crossdock_journal'::regclass AND attname = 'body') THEN
        ALTER TABLE crossdock_journal ADD COLUMN body text;
    END IF;
END $$;

-- One change of a version table. The trigger says the name of the chain, the column with the version, and for aerich the
-- app: a row of another app is another project's.
CREATE OR REPLACE FUNCTION crossdock_journal_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    field text := TG_ARGV[1];
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
    IF TG_NARGS > 2 AND coalesce(becomes, was) ->> 'app' <> TG_ARGV[2] THEN
        RETURN NULL;
    END IF;
    EXECUTE format('INSERT INTO %I.crossdock_journal (chain, event, revision, before) VALUES ($1, $2, $3, $4)', TG_TABLE_SCHEMA)
        USING TG_ARGV[0], 'version', becomes ->> field, was ->> field;
    RETURN NULL;
END $$;
