-- The rules of accounts that no ORM's models can state: which rows a tenant may see and write.

-- A VOLATILE function, as are all that policies for INSERT call: it sees rows that the same statement has added, which
-- an EXISTS in the policy does not. And a policy on users that reads users itself would be an endless recursion.
CREATE FUNCTION is_colleague(person uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = person AND u.company_id = current_company_id());
END $$;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON users TO crossdock_app;
GRANT UPDATE (name, surname, email, phone, locale, time_zone, job_title, licence_number, role, boss_id, status,
    password_hash, last_sign_in_at, deleted_at, updated_at, version) ON users TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO crossdock_platform;
CREATE POLICY users_platform ON users TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY users_read ON users FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));
-- A boss must be a colleague. The policy is checked before the foreign key, whose error would reveal that a user of
-- another company exists.
CREATE POLICY users_add ON users FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id))
        AND role <> 'operator');
CREATE POLICY users_change ON users FOR UPDATE TO crossdock_app
    USING (company_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id)));

-- An operator is a user of the platform's company, and every user of it is one. So no company has an operator, whoever
-- writes, and no tenant, an operator neither, adds a user to the platform's company.
ALTER TABLE users ADD CONSTRAINT ck_users_operators CHECK
    ((role = 'operator') = (company_id = '00000000-0000-7000-8000-000000000001'));

ALTER TABLE user_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON user_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_history TO crossdock_platform;
CREATE POLICY user_history_platform ON user_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY user_history_read ON user_history FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));
CREATE POLICY user_history_add ON user_history FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id()) AND EXISTS (
        SELECT FROM users u WHERE u.id = user_history.user_id AND u.company_id = user_history.company_id));

ALTER TABLE teams ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON teams TO crossdock_app;
GRANT UPDATE (name, updated_at, version) ON teams TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON teams TO crossdock_platform;
CREATE POLICY teams_platform ON teams TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY teams_read ON teams FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));
CREATE POLICY teams_add ON teams FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id()));
CREATE POLICY teams_change ON teams FOR UPDATE TO crossdock_app
    USING (company_id = (SELECT current_company_id())) WITH CHECK (company_id = (SELECT current_company_id()));

ALTER TABLE team_members ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON team_members TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON team_members TO crossdock_platform;
CREATE POLICY team_members_platform ON team_members TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY team_members_read ON team_members FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));
CREATE POLICY team_members_add ON team_members FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id())
        AND EXISTS (SELECT FROM teams t WHERE t.id = team_members.team_id AND t.company_id = team_members.company_id)
        AND EXISTS (SELECT FROM users u WHERE u.id = team_members.user_id AND u.company_id = team_members.company_id));
CREATE POLICY team_members_remove ON team_members FOR DELETE TO crossdock_app
    USING (company_id = (SELECT current_company_id()));

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON sessions TO crossdock_app;
GRANT UPDATE (revoked_at, revoked_reason) ON sessions TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO crossdock_platform;
CREATE POLICY sessions_platform ON sessions TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY sessions_read ON sessions FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));
-- A tenant may end a session, and never open it again.
CREATE POLICY sessions_change ON sessions FOR UPDATE TO crossdock_app
    USING (company_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND revoked_at IS NOT NULL);

-- Tokens and counts are read and written before the company is known, so only the platform may.
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_tokens TO crossdock_platform;
CREATE POLICY refresh_tokens_platform ON refresh_tokens TO crossdock_platform USING (true) WITH CHECK (true);

ALTER TABLE sign_in_throttles ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_throttles TO crossdock_platform;
CREATE POLICY sign_in_throttles_platform ON sign_in_throttles TO crossdock_platform USING (true) WITH CHECK (true);

-- What a session was found to stand for when it was made or extended, as in 'admin shipper', so that its guard has one
-- table to read. Where a change of role is under way it is left unknown: the role before it would be remembered otherwise.
-- Nobody is waited for, since whoever changes a role waits for that person's sessions.
CREATE FUNCTION remember_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT u.role || ' ' || c.kind INTO NEW.standing FROM users u JOIN companies c ON c.id = NEW.company_id
        WHERE u.id = NEW.user_id AND u.status = 'active' AND u.deleted_at IS NULL AND c.deleted_at IS NULL
        FOR SHARE SKIP LOCKED;
    RETURN NEW;
END $$;
CREATE TRIGGER sessions_remember_standing BEFORE INSERT OR UPDATE OF expires_at ON sessions
    FOR EACH ROW EXECUTE FUNCTION remember_standing();

-- Whatever changes it makes it unknown, and the guard asks all three tables again. SECURITY DEFINER: who changes a
-- colleague's role may not write that person's sessions.
CREATE FUNCTION forget_standing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE sessions SET standing = NULL
        WHERE NEW.id = CASE TG_TABLE_NAME WHEN 'users' THEN user_id ELSE company_id END AND standing IS NOT NULL;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION forget_standing() SET search_path = %I, pg_temp', current_schema());
END $$;
CREATE TRIGGER users_forget_standing AFTER UPDATE ON users FOR EACH ROW
    WHEN ((OLD.role, OLD.status, OLD.deleted_at) IS DISTINCT FROM (NEW.role, NEW.status, NEW.deleted_at))
    EXECUTE FUNCTION forget_standing();
CREATE TRIGGER companies_forget_standing AFTER UPDATE ON companies FOR EACH ROW
    WHEN ((OLD.kind, OLD.deleted_at) IS DISTINCT FROM (NEW.kind, NEW.deleted_at))
    EXECUTE FUNCTION forget_standing();

-- The guard of a caller: each of their units of work calls it, in the round trip that begins the transaction. It fails
-- where the session was revoked or the role was changed since the caller was read. That its company is the tenant's is
-- the policy of sessions; the last condition says it once more where the platform asks.
CREATE FUNCTION require_session(
    session_id uuid, user_id uuid, company_id uuid, role text, kind text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
BEGIN
    PERFORM FROM sessions s
        WHERE s.id = session_id AND s.user_id = user_id AND s.company_id = company_id
          AND s.revoked_at IS NULL AND s.expires_at > at AND s.standing = role || ' ' || kind;
    IF FOUND THEN
        RETURN true;
    END IF;
    PERFORM FROM sessions s
        JOIN users u ON u.id = s.user_id
        JOIN companies c ON c.id = s.company_id
        WHERE s.id = session_id AND s.user_id = user_id AND s.company_id = company_id
          AND s.revoked_at IS NULL AND s.expires_at > at
          AND u.status = 'active' AND u.deleted_at IS NULL AND u.role = role
          AND c.deleted_at IS NULL AND c.kind = kind
          AND coalesce(current_company_id(), company_id) = company_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the session % does not hold', session_id USING ERRCODE = 'CD401';
    END IF;
    RETURN true;
END $$;

-- A tenant may add events about its own users, teams and sessions.
CREATE FUNCTION is_account_of(subject uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = subject AND u.company_id = company)
        OR EXISTS (SELECT FROM teams t WHERE t.id = subject AND t.company_id = company)
        OR EXISTS (SELECT FROM sessions s WHERE s.id = subject AND s.company_id = company);
END $$;
CREATE POLICY outbox_add_accounts ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'accounts.') AND company_id = (SELECT current_company_id())
        AND is_account_of(subject_id, company_id));
