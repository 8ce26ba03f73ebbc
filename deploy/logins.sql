-- The database and the three logins of Crossdock, on a server that has none of them. Run by psql, as a superuser, once:
-- what `crossdock migrate up` cannot make for itself. docs/operations/running.md says what each of them is for.
\set ON_ERROR_STOP on
\getenv owner_password CROSSDOCK_OWNER_PASSWORD
\getenv tenants_password CROSSDOCK_TENANTS_PASSWORD
\getenv service_password CROSSDOCK_SERVICE_PASSWORD

-- DIRECT_URL: owns the tables, and makes the two roles that the other logins become.
CREATE ROLE crossdock_owner LOGIN CREATEROLE PASSWORD :'owner_password';
-- DATABASE_URL: tenants' statements. It owns nothing, and can become the tenants' role alone.
CREATE ROLE crossdock_tenants LOGIN NOINHERIT PASSWORD :'tenants_password';
-- CROSSDOCK_PLATFORM_URL: sign-in, deals and timers. It owns nothing, and can become the platform's role too.
CREATE ROLE crossdock_service LOGIN NOINHERIT PASSWORD :'service_password';

CREATE DATABASE crossdock OWNER crossdock_owner;
