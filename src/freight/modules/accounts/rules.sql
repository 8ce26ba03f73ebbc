-- What neither ORM's models say of people, teams and sessions: who sees and writes which rows.

-- Volatile on purpose, as all of its kind: so it sees a row that the same statement has added, as an EXISTS in the
-- policy would not; and a policy that asks its own table would never end.
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
-- A boss is a colleague. Asked before the foreign key is, which would tell of anybody whether they exist.
CREATE POLICY users_add ON users FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id)));
CREATE POLICY users_change ON users FOR UPDATE TO crossdock_app
    USING (company_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND (boss_id IS NULL OR is_colleague(boss_id)));

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
-- A session ends, and never comes back.
CREATE POLICY sessions_change ON sessions FOR UPDATE TO crossdock_app
    USING (company_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND revoked_at IS NOT NULL);

-- Read and written before the company is known: the platform's alone.
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_tokens TO crossdock_platform;
CREATE POLICY refresh_tokens_platform ON refresh_tokens TO crossdock_platform USING (true) WITH CHECK (true);

ALTER TABLE sign_in_throttles ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_throttles TO crossdock_platform;
CREATE POLICY sign_in_throttles_platform ON sign_in_throttles TO crossdock_platform USING (true) WITH CHECK (true);

-- Asked in each unit of work of somebody who is signed in, in a round trip that is paid anyhow: what was taken from
-- them since counts at once. The last condition: a connection that is set to another company answers nothing.
CREATE FUNCTION require_session(
    session_id uuid, user_id uuid, company_id uuid, role text, kind text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
BEGIN
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

-- Events are told of one's own people, teams and sessions.
CREATE FUNCTION is_account_of(subject uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM users u WHERE u.id = subject AND u.company_id = company)
        OR EXISTS (SELECT FROM teams t WHERE t.id = subject AND t.company_id = company)
        OR EXISTS (SELECT FROM sessions s WHERE s.id = subject AND s.company_id = company);
END $$;
CREATE POLICY outbox_add_accounts ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'accounts.') AND company_id = (SELECT current_company_id())
        AND is_account_of(subject_id, company_id));
