"""Row level security on every table of the Tortoise modules, the rules that the database itself keeps, and the platform's
company. The two roles belong to the whole server and stay when this is undone."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'crossdock_app') THEN
        CREATE ROLE crossdock_app NOLOGIN NOINHERIT NOBYPASSRLS;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'crossdock_platform') THEN
        CREATE ROLE crossdock_platform NOLOGIN NOINHERIT NOBYPASSRLS;
    END IF;
END $$;

-- Who the transaction runs for. Unset is NULL, and NULL equals nothing: no tenant, no rows.
CREATE OR REPLACE FUNCTION current_company_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('crossdock.company_id', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION current_company_carries() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT coalesce(current_setting('crossdock.company_kind', true), '') IN ('carrier', 'both') $$;

ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON companies TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON companies TO crossdock_platform;
CREATE POLICY companies_platform ON companies TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY companies_read ON companies FOR SELECT TO crossdock_app
    USING (id = current_company_id());

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON users TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON users TO crossdock_platform;
CREATE POLICY users_platform ON users TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY users_read ON users FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
CREATE POLICY users_add ON users FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());
CREATE POLICY users_change ON users FOR UPDATE TO crossdock_app
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());

ALTER TABLE user_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON user_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON user_history TO crossdock_platform;
CREATE POLICY user_history_platform ON user_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY user_history_read ON user_history FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
CREATE POLICY user_history_add ON user_history FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());

ALTER TABLE teams ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON teams TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON teams TO crossdock_platform;
CREATE POLICY teams_platform ON teams TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY teams_read ON teams FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
CREATE POLICY teams_add ON teams FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());
CREATE POLICY teams_change ON teams FOR UPDATE TO crossdock_app
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());

ALTER TABLE team_members ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON team_members TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON team_members TO crossdock_platform;
CREATE POLICY team_members_platform ON team_members TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY team_members_read ON team_members FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
CREATE POLICY team_members_add ON team_members FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());
CREATE POLICY team_members_remove ON team_members FOR DELETE TO crossdock_app
    USING (company_id = current_company_id());

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON sessions TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO crossdock_platform;
CREATE POLICY sessions_platform ON sessions TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY sessions_read ON sessions FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
CREATE POLICY sessions_change ON sessions FOR UPDATE TO crossdock_app
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());

-- Read and written before the company is known: the platform's alone.
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_tokens TO crossdock_platform;
CREATE POLICY refresh_tokens_platform ON refresh_tokens TO crossdock_platform USING (true) WITH CHECK (true);

ALTER TABLE sign_in_throttles ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_throttles TO crossdock_platform;
CREATE POLICY sign_in_throttles_platform ON sign_in_throttles TO crossdock_platform USING (true) WITH CHECK (true);

-- An open booking is visible to every carrier, and an awarded one to the carrier that won it.
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON bookings TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bookings TO crossdock_platform;
CREATE POLICY bookings_platform ON bookings TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY bookings_read ON bookings FOR SELECT TO crossdock_app
    USING (company_id = current_company_id() OR carrier_id = current_company_id()
           OR (status = 'open' AND current_company_carries()));
CREATE POLICY bookings_add ON bookings FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());
CREATE POLICY bookings_change ON bookings FOR UPDATE TO crossdock_app
    USING (company_id = current_company_id()) WITH CHECK (company_id = current_company_id());

ALTER TABLE booking_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON booking_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON booking_history TO crossdock_platform;
CREATE POLICY booking_history_platform ON booking_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY booking_history_read ON booking_history FOR SELECT TO crossdock_app
    USING (company_id = current_company_id());
CREATE POLICY booking_history_add ON booking_history FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());

-- A bid is visible to the bidder and to the booking's company, no one else.
ALTER TABLE bids ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON bids TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bids TO crossdock_platform;
CREATE POLICY bids_platform ON bids TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY bids_read ON bids FOR SELECT TO crossdock_app
    USING (company_id = current_company_id() OR shipper_id = current_company_id());
CREATE POLICY bids_add ON bids FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id());
CREATE POLICY bids_change ON bids FOR UPDATE TO crossdock_app
    USING (company_id = current_company_id() OR shipper_id = current_company_id()) WITH CHECK (company_id = current_company_id() OR shipper_id = current_company_id());

ALTER TABLE bid_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON bid_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bid_history TO crossdock_platform;
CREATE POLICY bid_history_platform ON bid_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY bid_history_read ON bid_history FOR SELECT TO crossdock_app
    USING (company_id = current_company_id() OR shipper_id = current_company_id());
CREATE POLICY bid_history_add ON bid_history FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id() OR shipper_id = current_company_id());

-- Both parties see a shipment. It is made by the platform when the carrier accepts.
ALTER TABLE shipments ENABLE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON shipments TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shipments TO crossdock_platform;
CREATE POLICY shipments_platform ON shipments TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY shipments_read ON shipments FOR SELECT TO crossdock_app
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
CREATE POLICY shipments_change ON shipments FOR UPDATE TO crossdock_app
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id()) WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());

ALTER TABLE shipment_events ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON shipment_events TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shipment_events TO crossdock_platform;
CREATE POLICY shipment_events_platform ON shipment_events TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY shipment_events_read ON shipment_events FOR SELECT TO crossdock_app
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
CREATE POLICY shipment_events_add ON shipment_events FOR INSERT TO crossdock_app
    WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());

ALTER TABLE shipment_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON shipment_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON shipment_history TO crossdock_platform;
CREATE POLICY shipment_history_platform ON shipment_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY shipment_history_read ON shipment_history FOR SELECT TO crossdock_app
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
CREATE POLICY shipment_history_add ON shipment_history FOR INSERT TO crossdock_app
    WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());

ALTER TABLE proofs_of_delivery ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON proofs_of_delivery TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON proofs_of_delivery TO crossdock_platform;
CREATE POLICY proofs_of_delivery_platform ON proofs_of_delivery TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY proofs_of_delivery_read ON proofs_of_delivery FOR SELECT TO crossdock_app
    USING (shipper_id = current_company_id() OR carrier_id = current_company_id());
CREATE POLICY proofs_of_delivery_add ON proofs_of_delivery FOR INSERT TO crossdock_app
    WITH CHECK (shipper_id = current_company_id() OR carrier_id = current_company_id());

-- Rules that no bug above the database may break.
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_weight CHECK (weight_kg > 0),
    ADD CONSTRAINT ck_bookings_ceiling CHECK (price_ceiling_minor > 0),
    ADD CONSTRAINT ck_bookings_times CHECK (pickup_ready_at < dropoff_due_at),
    ADD CONSTRAINT ck_bookings_award CHECK
        ((status IN ('awarded', 'covered', 'delivered')) = (carrier_id IS NOT NULL AND awarded_bid_id IS NOT NULL));
ALTER TABLE bids ADD CONSTRAINT ck_bids_amount CHECK (amount_minor > 0),
    ADD CONSTRAINT ck_bids_parties CHECK (company_id <> shipper_id),
    ADD CONSTRAINT ck_bids_hold CHECK ((status IN ('awarded', 'accepted')) <= (hold_id IS NOT NULL));

-- The platform itself: its fees and the outside world's money are booked on it.
INSERT INTO companies (id, name, kind, version, created_at, updated_at)
VALUES ('00000000-0000-7000-8000-000000000001', 'Crossdock', 'platform', 1, now(), now());
"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DELETE FROM companies WHERE id = '00000000-0000-7000-8000-000000000001';
ALTER TABLE bids DROP CONSTRAINT ck_bids_hold, DROP CONSTRAINT ck_bids_parties, DROP CONSTRAINT ck_bids_amount;
ALTER TABLE bookings DROP CONSTRAINT ck_bookings_award, DROP CONSTRAINT ck_bookings_times,
    DROP CONSTRAINT ck_bookings_ceiling, DROP CONSTRAINT ck_bookings_weight;
DROP POLICY proofs_of_delivery_add ON proofs_of_delivery;
DROP POLICY proofs_of_delivery_read ON proofs_of_delivery;
DROP POLICY proofs_of_delivery_platform ON proofs_of_delivery;
REVOKE ALL ON proofs_of_delivery FROM crossdock_app;
REVOKE ALL ON proofs_of_delivery FROM crossdock_platform;
ALTER TABLE proofs_of_delivery DISABLE ROW LEVEL SECURITY;
DROP POLICY shipment_history_add ON shipment_history;
DROP POLICY shipment_history_read ON shipment_history;
DROP POLICY shipment_history_platform ON shipment_history;
REVOKE ALL ON shipment_history FROM crossdock_app;
REVOKE ALL ON shipment_history FROM crossdock_platform;
ALTER TABLE shipment_history DISABLE ROW LEVEL SECURITY;
DROP POLICY shipment_events_add ON shipment_events;
DROP POLICY shipment_events_read ON shipment_events;
DROP POLICY shipment_events_platform ON shipment_events;
REVOKE ALL ON shipment_events FROM crossdock_app;
REVOKE ALL ON shipment_events FROM crossdock_platform;
ALTER TABLE shipment_events DISABLE ROW LEVEL SECURITY;
DROP POLICY shipments_change ON shipments;
DROP POLICY shipments_read ON shipments;
DROP POLICY shipments_platform ON shipments;
REVOKE ALL ON shipments FROM crossdock_app;
REVOKE ALL ON shipments FROM crossdock_platform;
ALTER TABLE shipments DISABLE ROW LEVEL SECURITY;
DROP POLICY bid_history_add ON bid_history;
DROP POLICY bid_history_read ON bid_history;
DROP POLICY bid_history_platform ON bid_history;
REVOKE ALL ON bid_history FROM crossdock_app;
REVOKE ALL ON bid_history FROM crossdock_platform;
ALTER TABLE bid_history DISABLE ROW LEVEL SECURITY;
DROP POLICY bids_change ON bids;
DROP POLICY bids_add ON bids;
DROP POLICY bids_read ON bids;
DROP POLICY bids_platform ON bids;
REVOKE ALL ON bids FROM crossdock_app;
REVOKE ALL ON bids FROM crossdock_platform;
ALTER TABLE bids DISABLE ROW LEVEL SECURITY;
DROP POLICY booking_history_add ON booking_history;
DROP POLICY booking_history_read ON booking_history;
DROP POLICY booking_history_platform ON booking_history;
REVOKE ALL ON booking_history FROM crossdock_app;
REVOKE ALL ON booking_history FROM crossdock_platform;
ALTER TABLE booking_history DISABLE ROW LEVEL SECURITY;
DROP POLICY bookings_change ON bookings;
DROP POLICY bookings_add ON bookings;
DROP POLICY bookings_read ON bookings;
DROP POLICY bookings_platform ON bookings;
REVOKE ALL ON bookings FROM crossdock_app;
REVOKE ALL ON bookings FROM crossdock_platform;
ALTER TABLE bookings DISABLE ROW LEVEL SECURITY;
DROP POLICY sign_in_throttles_platform ON sign_in_throttles;
REVOKE ALL ON sign_in_throttles FROM crossdock_platform;
ALTER TABLE sign_in_throttles DISABLE ROW LEVEL SECURITY;
DROP POLICY refresh_tokens_platform ON refresh_tokens;
REVOKE ALL ON refresh_tokens FROM crossdock_platform;
ALTER TABLE refresh_tokens DISABLE ROW LEVEL SECURITY;
DROP POLICY sessions_change ON sessions;
DROP POLICY sessions_read ON sessions;
DROP POLICY sessions_platform ON sessions;
REVOKE ALL ON sessions FROM crossdock_app;
REVOKE ALL ON sessions FROM crossdock_platform;
ALTER TABLE sessions DISABLE ROW LEVEL SECURITY;
DROP POLICY team_members_remove ON team_members;
DROP POLICY team_members_add ON team_members;
DROP POLICY team_members_read ON team_members;
DROP POLICY team_members_platform ON team_members;
REVOKE ALL ON team_members FROM crossdock_app;
REVOKE ALL ON team_members FROM crossdock_platform;
ALTER TABLE team_members DISABLE ROW LEVEL SECURITY;
DROP POLICY teams_change ON teams;
DROP POLICY teams_add ON teams;
DROP POLICY teams_read ON teams;
DROP POLICY teams_platform ON teams;
REVOKE ALL ON teams FROM crossdock_app;
REVOKE ALL ON teams FROM crossdock_platform;
ALTER TABLE teams DISABLE ROW LEVEL SECURITY;
DROP POLICY user_history_add ON user_history;
DROP POLICY user_history_read ON user_history;
DROP POLICY user_history_platform ON user_history;
REVOKE ALL ON user_history FROM crossdock_app;
REVOKE ALL ON user_history FROM crossdock_platform;
ALTER TABLE user_history DISABLE ROW LEVEL SECURITY;
DROP POLICY users_change ON users;
DROP POLICY users_add ON users;
DROP POLICY users_read ON users;
DROP POLICY users_platform ON users;
REVOKE ALL ON users FROM crossdock_app;
REVOKE ALL ON users FROM crossdock_platform;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
DROP POLICY companies_read ON companies;
DROP POLICY companies_platform ON companies;
REVOKE ALL ON companies FROM crossdock_app;
REVOKE ALL ON companies FROM crossdock_platform;
ALTER TABLE companies DISABLE ROW LEVEL SECURITY;
DROP FUNCTION current_company_carries();
DROP FUNCTION current_company_id();
"""


MODELS_STATE = (
    "eJztXf9z2rgS/1c0/iW9GZppaEn7eDc3Q8C5cE2AAdLeu6bjKLYIuhibs00or6//+5NkG/"
    "yV2JQktrMzN9ND0srOZy1p97Mr6bukk1usrg6HZGIRezo274ghNdF3ycAzwv4nsb6GJDyf"
    "b2p5gYNvdCFguS0Vhze1Rdsb27Gw6rDaCdZtwoo0YqsWnTvU5E+TWsimxq1OXi9sgoRgDd"
    "mOaRENYRtRx0ajs9breuMYmYa+OuSdaqbKemVSO8ovDPrPgrC3vCXOlFisly9fWTE1NPKN"
    "2PznF8kmts3eUKGa9JVXzu+UCSW6FgKIVbIqUa44q7kou7zsdk5FS/6mN4pq6ouZsWk9Xz"
    "lT1q/ffLGg2iGX4XW3xCAWdogWgMtY6LqHr1/kvj8rcKwFWb+4tinQyAQvdA669OtkYagc"
    "a6Rapm0z6O4O74hlEP2QavahQZbsT/zNe9eAnKL0+mNlJI8VRYopjb9TRA9ekWoaXOHUcD"
    "iO33+4/W4QEqUSf0D7rDV89fb4F4GJaTu3lqgU+Ek/hCB2sCsqdLKBXbUIB0nBThz+Dqtx"
    "6IwkqyAsGVGF5oke+v+zi0r8go1ONt+9D64P39MCPu5eyKNx62LAu5/Z9j+6wKs1lnlNXZ"
    "SuIqWvXP2YbAi7I3zdCfrcHZ8h/hP91e/JUS2u243/kvg74YVjKoa5VLAWxMQv9otY042a"
    "xWBW7Clmgzeu6PYUW8lKjspF1Mzgepyx9ohqlWb4m6IT49aZsp/H77ao+VNrKIbW8buI6n"
    "peTV1U/QhBTb7NKdPcDiMqLAkjqtAjii2Ru8yaAbE9KNgbN6Df/etXNWdzbKyUfHZJWGqf"
    "9klxVfug9bEBNWAJ5gA1LAWgMlC5GT25S7bo3E8wDvApM+TprfGRrATMXfYq2FBJAqaes9"
    "Le9FROYDelm7nSwsu19xEZrgwBjejEERgM2Qwy7LbHUtIHvAdwR5ueKgpueNiGwG23Ru1W"
    "R5bEd3yD1bsltjQl9EHzGrNuRkrWbeNVs/osWoINfCvw4X8If+0I9gkOekAt6b6595dl9M"
    "r7BmF+9a3xmhrMb2b/EaSRe6oSBtuUMKkZ1VfInAgH23P7Xe/bPkRDcm/eMW2wSsSeYiPs"
    "sB5UEnfeH+8xWXx8ZtdYnqbBzQc3v3zTWSWMVjEK2ZxnJKg53ckPS+3k4hfMEQn7+G/fvM"
    "ng5LNWqV6+qAubskwrTHF2HpwDItUDef9Eio5tR9nRzY7KwrxV6HkLOLMXoWaLW5k7jeew"
    "JDBnZdAyMxztJFc5fYGMS1ZvnTzKZIwcbTFGjuLGCJCVj0BWBlzarIgGRABOoCmfjabk3+"
    "EekL30uqkorIHRWih2kumoa4ynluk4At84SRluUdvKVbK2CmWq9VpnJC1PMdWJ5hOKNqIG"
    "wsgyl2hiWgizH6pqLgwHeb9czxa9ur4jq+tfaqxMQ6ya6mg5JYYgIA3yzWFqWCEq6EfunM"
    "VJzKd77MOkJnCYwGGWa8arhPvAhnIen8FrXrnEpEchLSdsel1YJIG17BpOMr5BkQjI1CWM"
    "SzZW2Puyf17Xj969f/fh7fG7D2LlZUXrkvdbgO/2xhFMb3Q2ubLJRaw7eWemmDBQG0Wemx"
    "ZzbcclKCwJS1Dh1BxzVZ/H+B8TPJMSTH5RvtXQd1iLzPsEeO8aurXMxZynBGDkuZgHNuJe"
    "kZ20NyCTTIJZ/SXiv4q/7CsY22Bsw0wHCxqo+QnUfM+m58S0xVSzPyDxdFb/UUlMfvFvDM"
    "t0H9Vvvx8n9bn9JwhnFWcmgvhLYeIvz+cvXJDZjTC1E70Gr/ZB30GZiYaZXQhu87v8PJdO"
    "chgSWiS6B+LpLrZ+SCbqHnwJ14CnAJ5CeeaXSpiQsCY/QopJYObLimhABOCEjB2wGMtrMU"
    "Zngj0g69PEFYU1MPklZ+xAElRFkqAE6gkeja+NdF9GxCKyOjFz1pZvlpyI/ZLeqD1E4ylB"
    "5PUMU32dY0Rt/ygk5tHo5pK5Niq2iUg5YnWu2pF5z8qxrntdUZIYSXmip2bZtxmeqLh/VU"
    "NfpBvmnICzBc5WCSe8SjhbEJZ5EWqGsIwEYZnyhGXshZUX4oAIbOXKBDLh9l8eiNcClUuB"
    "rTey7ClnrVLxFXVhfOcMo1yf8Fqgeh/w23qWFON6eoZxPbZn31SxngvejcTTTcOSe/juEw"
    "DcyAJwIx3gRhRgbrUp/835CYeEnhDmy3H7aXDe/+ETf5s3ikOdfN9ySKh608WjrHc6VYmh"
    "EsVY+GHqzDNHTLJ6kDeyIN5IB7wRw9sy075pmQEZ40TD+/PNp56p8wMttToX3V4TYW1GjS"
    "vjotVr/S4Pm8hlGq0rQ74YnPf/I8tNRGZz3VwREmXoMtkmWRRTT1dMPW5dO9hZpJwn9LBq"
    "NtLFVk573P3EoMeqQ+/JlTG6HA3kXkfuNJG9sOeEPU0rhjrm2LaXpqUpU2xPc9mLUcEiK6"
    "RIm9PEmU3+duUdj3wKi8NmqiKzX26saReSMywJWi6ylv1QUkzF6dGigMhPhIzKo9McGS6Q"
    "hQV5LkXKHsid58LH9h6QzZiUUcw54EFUAxNgCFL2fNS7PD9/zqSMM8oTElZSSm6GX117KE"
    "VDmQZaZsjUUKfYuCXuxlMuf2Aj7o7yk2Bc36eJllOzJg5+qaGJZc5qyDGTsi9+oic4CRsy"
    "KCC0Xgazc+KrMKvbvhaooLu+f3aEz4rKPdYXufjxsFT12Nr948y+8NwoB2XgY84AMrM8zL"
    "z7BoIy4KRGQgw7HPxb3QN/G5m40sYWrrQBO6Rh+1A54ARaBQ78LS6saXtdnnsT/wkNUwOB"
    "4to2HuWGeeGZ+RNsWVSQHXOLqsQ9UBfdmOLar0N07X1y13xbCT8312v/b3RtT+l8Tqx1jS"
    "fDevJkauiOzB3RI6+fmzpVU3a+PNNbZOFtvA4jO2GS98d4LxMtXcfgsfgmAneTfOWDdfM1"
    "BB/GX4S1tPw75bx3W49sqilcz4ppEGVJDcMdof7AlYQ00z7/gT6fyUPZY7FQt4deHYg3Id"
    "pBDR1gVWUAsf//xZ07kl+nFpp98rycTu9Jnlfj0X6uQf5qyW8J3BlwZ+VagirBncHuoxeh"
    "Zth9JO1z99GLyN/jyXrd3u9N5C3eV0brc2so8ve8NZyVtNvyYCyKvLX8yujI7fNuj5dpRN"
    "Wpwcv4F94Ztj73mmhJnanGTHXjyhjKf8htIW2Rv4kqpOU/B90hL3ItqoJkCOIZv4pCmVHD"
    "TPC9Tuht6jiKSlbpXPV/1etv376vv3l7/KHx7v37xoc364EVr9o2wk66v/NBFlJHfNSpC8"
    "sihprryoCgTJFH267JmVlSM9MTM2OJsFS9W8wV4uC81kBYEqyBQlsDMZc1p7KT5CEzs8ga"
    "n5rsb8jnSQdEIOgVuQYkRKFkT3UNSkEIAcJcjw9qmLzMCmpYCkDdHuzyxvUeQjInm57KCW"
    "yGbNfgHJgh2AWRxEeMJHrjHMDNAG54TixaSHFLpnagtvZAgDFvnjYTObBFnId4mdaJ6dT8"
    "9yopQphbPlNsj2qQkg1hpdLORJXwN0X278+x5JEuCpwsCEx5OIv55/Qe6qDIlC2oHfKqIa"
    "/6kVB8grzqjaGYmcGje2BES2R2AHsH7F0lQN3G3iWBm5+5c3spJ6APs3breQ8Yu70CC4zd"
    "C2XsPKI/ia7bxAC2cHVuo8wbAnQTa8iZYgdh5MGClpjh6SXdazwd302/Z3Bdiysnrj0fRn"
    "FHPyu0CLKJg5ZTqhNEHZ6d77Xh5yno7Auykli+p3347hdhbN4hWLrxReMlXtILs7y1lcj8"
    "B7YR2MZyzaKVYBshif1FqBmS2CVIYs8HrtQZtk7HTaRZeOJcGf2B3Gsic06MJK623f8kC2"
    "ZV5ZdsuUztedcrY8Yj9UrbrV5bPj8XLTk2ul5cXtYzUbw7xvLwiXHJIit61/zpxzjc1kNO"
    "T1qOTpk1nDJZhcUiYE+4XAnh3oJup395ci6jwVBud0fdfi+84IhKXsQKqO+1tc5ToE5aFT"
    "JAnbg0ANTboF47OzktrQRxMLcKbW5pljk3J5Nd1o4EUVg8si0ePnR5V4+IHMxpWea0NWg5"
    "14+IHICdB2xtQXY5Bz4mDctHoZePJaG3U0e5S0iMT/XXQzJV2im7N6ed/LOg8xkxEsZPNr"
    "891EGRF2W2gDJf/R4zV/2k/6cyHl62PzbRjflNcayFesfc8MvhuNXtjbodfuePurAchrpN"
    "NX7xz1CWT3mpRciE/z49b41PuHM+YevjTWGcc34ukqISqvM9ETtsLk/poEojB/aYP7uZu9"
    "895uHIXp6wWFwSsgYjX28ohJk5CyskBZhCZhucF1rctJbcOUPe8H5ScIs5EzyMbWgmLGLK"
    "0LaNfuEWtQwJRLk3/K0P4vyJTX+79LHboZ6QjgPpOOWa/SvB/LyszX8vPcPgBW34e+mqhk"
    "1+sMmvbJv84KguoEQKCyqcKgWnShUd3Ex80/NwIj74CWRIQC/pLIj7p1GSeR+VQwxsOIdo"
    "ZE6c197N9E1EHRt5RAqaYhs5Jqc2VojnuvFHJbEgP9HTw1wI8B7Ae5RrFqoE7wHbkF6Emm"
    "EbkrTPjCbxbwzLdBfYb19kpmhHD7ieyQOub/GA63EPmFnGCat+NmrOly0y1tLorDsY8GQv"
    "b3M559SGw65ICnPjeTyDbHzGk8ec6ZUxOG+NT/vDiyaa69iZmNasGOyaZwXukhsbkoST+I"
    "u2esTc/OdxlwaWaU76k45LPie6TdEmtW3u05w3thVzomjB9g/6UZ+nzK1hXjbR1jc43pqm"
    "ZtfE0Q/854R9DcSas4/CQeZEFHkC7GNZ8OzVQ9Q3COJHSfBRL0piXtYjPgd8MPDBwDgvyP"
    "Qa2tQuhq9ykyuBNyRUZFunSHalP0Mq9hTXG8d58E4QrSDqx+8ygH78LhVzXgXx1wqnSxft"
    "890PqL6dtMOplQExgBXOAn3ymCucrrjn0xWfOw29rOBmykNPmnT3gO4o0NX+fcsCgBtZaQ"
    "oV0V6Dn8DNBBWTTsr4f13mmLaXPIGYt8/Dz0u8OkTX3uWP1/yYTc6K6ES7JdaB7V91wIDF"
    "hj0hlnuw5xyvbMGx0AQa5nEekWVHQHiO2nbO53dpo6BgOgnvknyb80NMGGBr/a0jflRT1o"
    "ArpkEUzoMJfXiDShIdsD+F/0Cfz+ShjNxsV/Trb+hgnfJ54H5xwBgBY1SedawSjBFE7V+E"
    "miFqL8HhofnAlQbnrZ64p2muY0Nc09QaK4Nu++PloImwo7hn2l0Z3Z4yHrZ6o+64iSj7Y7"
    "jhQh3RujPsD/qnp6K5d4RR6k6Q8/5IbAPRTTttZ0gxItV4Zi6Y/bzDgSVRSTipJEEncFLJ"
    "joz7nk8q8TyUPMZ3QATItgicOrYdhdxzzzu/rRUThiyXIltbcLfaHgcO7GGD2F85QIUgFQ"
    "Spikb1Q5CqKEEq2NL6iFta4R7LPdxj+bxBP/n+gcif26CWJfzn+koZg4Ajc0acqYi58VDb"
    "lHVPeBK0aYjI3BKvmvzuPofM/Szpv82FZZBVjd+9hw1EDZVq7HnohvADeBPDgI/1kKyBwE"
    "DIF84Gg2hb+aa3ShADQi8xBWc8KMqTLTJzKfGtZ5/kjhKMFDA76V58oOuIQUcetIZj1sxv"
    "o5E5tvhX7LcI9LOJIWw6WscSBv1Rd9zt95qIqYryt+C9j+WeW6ixNc5wS0+Gcutjp/+Zld"
    "6wIXOnmUtWyo+pUkZn/SF7Tuui9TsPN/ATqxR7alrsOXjGF60rQ5y/rvSHHR63EAhcimiF"
    "OIxdMS2NBzGY2h1lYe8Wp3ib7TaVLZepRAlcUxWE9y6TSkQUZpVCzyp5L8uBS3I2lbxo67"
    "0teS/HgUtxcoALWzqA1i08qLClA9jyIoMKbDmw5UUHt6xbOkoCbxk2dWy5uyHapJaJ4815"
    "e4Mv91PXN+zWCZC0QNICSVsWOuVlXeAAWd4v/mIH+ATgwge48KESFz4AAQgEYJlgBQIQCM"
    "AikShAAAIBWEZ4i0wAtohF1amUwPt5NbVtdB/etHmI5EtHdc8H1qZu8E1clBK29Xoq/DmO"
    "7TEt1b3sl09n0lKPI0h3BdLPIyiUM72jM1BvNLJ4r41GuvvK6yL+KxtUORD2mlcQ3aNMrt"
    "bRFlfrKMHVMg0ncX36Y9TvpfhZG5EoB0xVB/0P6dQu8SqVBC4HI0T8+pi+umj9GYW7fd4/"
    "idq4vIOTJCP3KRezH/8HbjZrKw=="
)
