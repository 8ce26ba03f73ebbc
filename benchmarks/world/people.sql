-- Companies, their people, and sessions that are open: before the deposits, which the ledger's own service makes.
-- Run by the superuser with no foreign key checked: the keys are computed, and a test checks a small world.

SET session_replication_role = replica;

-- A UUIDv7 as the service makes it, in the order of time, and the same one each time for the same word and number.
-- One expression and no more volatile than it says, like the others here: such a function is inlined.
CREATE FUNCTION pg_temp.id_of(word text, number bigint, at timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT overlay(overlay(overlay(md5(word || ':' || number)
        PLACING lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') FROM 1)
        PLACING '7' FROM 13) PLACING '8' FROM 17)::uuid
$$;

-- A number from 0 to below `below`, spread evenly and the same each time: what a choice falls on.
CREATE FUNCTION pg_temp.pick(number bigint, choice bigint, below bigint) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT ((hashint8extended(number, choice) & 9223372036854775807) % below)::int
$$;

CREATE FUNCTION pg_temp.founded(number bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT timestamptz '2025-12-01 00:00:00Z' + number * interval '1 hour'
$$;
CREATE FUNCTION pg_temp.company(number bigint) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT pg_temp.id_of('company', number, pg_temp.founded(number))
$$;

-- 1 to 10 ship, 11 to 20 carry. 21 and 22 are new, one of either kind, and have done nothing yet.
INSERT INTO companies (id, created_at, updated_at, version, name, kind)
SELECT pg_temp.company(n), pg_temp.founded(n), pg_temp.founded(n), 1,
    CASE WHEN n <= 10 OR n = 21 THEN 'Shipper ' ELSE 'Carrier ' END || n,
    CASE WHEN n <= 10 OR n = 21 THEN 'shipper' ELSE 'carrier' END
FROM generate_series(1, 22) AS n;

-- A hundred people in each of the twenty: two admins, eighteen managers, employees. One in each of the new ones.
-- Nobody signs in with this password hash: their sessions are here already.
CREATE TEMPORARY TABLE people AS
SELECT c AS company, p AS person, pg_temp.founded(c) + p * interval '1 minute' AS at,
    pg_temp.id_of('user', c * 1000 + p, pg_temp.founded(c) + p * interval '1 minute') AS id
FROM generate_series(1, 22) AS c, LATERAL generate_series(1, CASE WHEN c <= 20 THEN 100 ELSE 1 END) AS p;

INSERT INTO users (id, created_at, updated_at, version, name, surname, email, locale, time_zone, job_title, role, status,
                   password_hash, company_id)
SELECT id, at, at, 1, 'Person ' || person, 'Of ' || company, 'p' || person || '@c' || company || '.example', 'en', 'UTC',
    'Dispatcher', CASE WHEN person <= 2 THEN 'admin' WHEN person <= 20 THEN 'manager' ELSE 'employee' END, 'active', '!',
    pg_temp.company(company)
FROM people;

-- With what a trigger would have written: none runs here.
INSERT INTO sessions (id, created_at, user_agent, last_used_at, expires_at, company_id, user_id, standing)
SELECT pg_temp.id_of('session', company * 1000 + person, at), at, 'bench', at, '2100-01-01Z', c.id, people.id,
    u.role || ' ' || c.kind
FROM people JOIN users u ON u.id = people.id JOIN companies c ON c.id = u.company_id WHERE person <= 40;
