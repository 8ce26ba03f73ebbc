"""Row level security on every table of the Tortoise modules, the rules that the database itself keeps, and the platform's
company. The two roles belong to the whole server and stay when this is undone."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {
    "not-readable": "the DO block makes two roles and touches no table; CREATE ROLE has no IF NOT EXISTS",
    "constraint-missing-not-valid": "the tables are empty: the first release has this revision and the one that made them",
}


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
GRANT SELECT ON sessions TO crossdock_app;
GRANT UPDATE (revoked_at, revoked_reason) ON sessions TO crossdock_app;
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
GRANT SELECT, INSERT ON bids TO crossdock_app;
-- Its state alone: nobody changes a price, a booking or a party, not even of an own row.
GRANT UPDATE (status, award_expires_at, hold_id, updated_at, version) ON bids TO crossdock_app;
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
GRANT SELECT ON shipments TO crossdock_app;
GRANT UPDATE (status, last_event_at, updated_at, version) ON shipments TO crossdock_app;
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
    "eJztXf9z2rgS/1c0/JLeDM00pKR9vJubIeA0XBNggLT3ruk4ii2CLsbmbBPKu9f//UmyDf"
    "5KbALEmJ25mR6SVnY+a0m7n11J/5Q08oCV+XGPDE1ijQbGI9FLNfRPScdjwv4ntr6MSngy"
    "WdbyAhvfa0LAdFrKNm9qibb3lm1ixWa1Q6xZhBWpxFJMOrGpwZ9WqiOL6g8aeTu1CBKCZW"
    "TZhklUhC1EbQv1L+tvK9UzZOja/Jh3qhoK65VJrSk/1enfU8Le8oHYI2KyXr59Z8VUV8kP"
    "YvGf30oWsSz2hjJVS9955eRRHlKiqQGAWCWrEuWyPZ+IspubVvNCtORvei8rhjYd68vWk7"
    "k9Yv16zadTqh5zGV73QHRiYpuoPrj0qaa5+HpFzvuzAtucksWLq8sClQzxVOOgl34dTnWF"
    "Y40U07AsBt3j8SMxdaIdU9U61smM/Ym/ue/qk5Pldmcg96WBLJciSuPvFNKDW6QYOlc41W"
    "2O4z8/nX6XCInSEn9A47Lee3N69ovAxLDsB1NUCvxKP4UgtrEjKnSyhF0xCQdJxnYU/iar"
    "semYxKsgKBlSheqKHnv/s45KvIKlTpbfvQeuB99uAR+0rqX+oH7d5d2PLetvTeBVH0i8pi"
    "JK56HSN45+DDaEnRG+6AR9bQ0uEf+J/uy0pbAWF+0Gf5b4O+Gpbci6MZOx6sfEK/aKWNOl"
    "msVglq0RZoM3qujGCJvxSg7LhdTM4NrOWNuiWktj/EPWiP5gj9jPs/cr1Pyl3hND6+x9SH"
    "Vtt6Yiqn4GoCY/JpRpbo0RFZSEEZXrEcWWyHVmTZ/YBhTsjhvQ7+b1qxjjCdbncja7JCi1"
    "Sfskv6p91vpYguqzBDOAGpQCUBmo3IwePsZbdM4nGAX4ghny9EH/TOYC5hZ7FawrJAZT11"
    "lpLHvaT2CXpcu50sSzhfcRGq4MAZVoxBYY9NgM0ms1BqW4D3gD4PaXPRUU3OCwDYDbqPcb"
    "9aZUEt/xPVYeZ9hU5cAHzWuMihEqWbSNVo0r43AJ1vGDwIf/Ify1Q9jHOOg+tST75u5flt"
    "Ir7+iE+dUP+luqM7+Z/UeQSp6oQhhsI8KkxlSbI2MoHGzX7Xe8b+sY9ciT8ci0wSoRe4qF"
    "sM16UEjUed/eY9L4+MyuMV1Ng5sPbv7+TWeFMFrFKGRznh6j5mQnPyi1loufM0ck6OOfvn"
    "uXwslnrRK9fFEXNGWZVpjirCw4+0SKB/LmiRQNW7a8ppsdloV5K9fzFnBmB6Fmk1uZa43n"
    "oCQwZ/ugZWY4WnGucvICGZUs3jp5ksoYOVlhjJxEjREgK7dAVvpc2rSI+kQATqApX42m5N"
    "/hBpC9cbspKKy+0ZordpLpqKUPRqZh2wLfKEkZbFFeyVWytjJlqnVbpyQtLzDViOoRihai"
    "OsLINGZoaJgIsx+KYkx1G7m/HM8Wvbl7JPO7X8qsTEWsmmpoNiK6ICB18sNmapgjKuhH7p"
    "xFSczdPfZ5UhM4TOAw92vGK4T7wIZyFp/BbV64xKStkJZDNr1OTRLDWrZ0Ox5fv0gIZOoQ"
    "xns2Vtj7sn/eVk7ef3j/8fTs/Uex8rKiRcmHFcC32oMQpvcam1zZ5CLWnawzU0QYqI08z0"
    "3TibrmEhSUhCUod2qOuKqvY/wPCB6XYkx+Ub7S0LdZi9T7BHjvKnowjemEpwRg5LqYRxbi"
    "XpEVtzcglUyMWf0t5L+Kv+w7GNtgbMNMBwsaqHkHan5i03Ns2mKi2e+T2J3Vf7InJr/4N4"
    "Jlso/qtd+Mk/ra/hOEs/IzE0H8JTfxl9fzF67J+F6Y2rFeg1v7rO8gj0XD1C4Et/kdfp5L"
    "xzkMMS1i3QPxdAdbLyQTdg++BWvAUwBPYX/ml0KYkLAmbyHFxDfzpUXUJwJwQsYOWIz7az"
    "GGZ4INIOvRxAWF1Tf5xWfsQBJUQZKgBOoxHo2njWRfRsQi0joxE9aWb5Yciv2S7qg9RoMR"
    "QeTtGFNtkWNELe8oJObRaMaMuTYKtohIOWJ1jtqR8cTKsaa5XVESG0nZ0VPT7NsMTlTcvy"
    "qjb6V75pyAswXO1h5OeIVwtiAscxBqhrBMCcIy+xOWsaZmVoh9IrCVKxXIhNt/WSBeCBQu"
    "BbZSTbOnnLVKxFfUBfGdMIwyfcILgeJ9wKeVNCnGleQM40pkz76hYC0TvEuJ3U3DJefw3R"
    "0AXE0DcDUZ4GoYYG61yf/N+AkHhHYI882gsRucN3/4xF/GvWxTO9u3HBAq3nSxlfVOowrR"
    "FSLrUy9MnXrmiEgWD/JqGsSryYBXI3ibRtI3LTEgI5xocH++seuZOjvQpXrzutWuIayOqX"
    "6rX9fb9U9Sr4YcptG81aXr7lXnP5JUQ2Q80Yw5IWGGLpVtkkYxlWTFVKLWtY3tacJ5Qs+r"
    "Zimdb+U0Bq0vDHqs2PSJ3Or9m35XajelZg1ZU2tC2NPUfKhjgi1rZpiqPMLWKJO9GBbMs0"
    "LytDlNnNnkbVde88inoDhspsoz++XEmtYhOYOSoOU8a9kLJUVUnBwt8om8IGS0PzrNkOEC"
    "WViQ55Kn7IHMeS58bG8A2ZRJGfmcA55F1TcBBiBlz0ftm6ur10zKuKQ8IWFeSsjN8KrLz6"
    "VoyCNfyxSZGsoI6w/E2XjK5Y8sxN1RfhKM4/vU0GxklMXBL2U0NI1xGdlGXPbFC3qCk7Ah"
    "gwJC6/tgdg49FaZ12xcCBXTXN8+O8FlRfsLaNBM/HpQqHlu7eZzZF54ZZb8MfMwpQGaWh5"
    "F134BfBpzUUIhhjYN/i3vgbzUVV1pdwZVWYYc0bB/aDziBVoEDf/MLa9Jel9fexH9Og9SA"
    "r7i8ike5Z154av4EmyYVZMfEpApxDtRF94a49usY3bmf3B3fVsLPzXXb/xvdWSM6mRDzTh"
    "S7AqwbV6AseuJVE0OjSsKOlx0/PQ1P4/YV2vkSvx/GfYlw6SLmjsU34LuL5DsfnEvt+x/G"
    "X4S1NL075Nx3W4xkqspcr7KhE3lGdd0Zkd5ALQlppm3+A329lHqSy1qhVhu9ORJvQtSjMj"
    "rCikImbAwf/eLMFfGvUw7MNlleTqNPJMur8eg+Vx5/tfi3BK4MuLL9WnIKwZXBbqODUDPs"
    "NiptcrfRQeTr8eS8VvtTDbmL961e/1rviXw9dw1nJY2G1B2IInctv9WbUuOq1eZlKlE0qv"
    "My/oU3e/Wv7RqaUXukMtNcv9V70u9SQ0ib5C+iCGnpj26rx4sciyonGYF4zK+ekMdUN2J8"
    "rXP6kDiOwpJFOkf9X5XK6emHyrvTs4/V9x8+VD++WwysaNWqEXbe+sQHWUAd0VGnTE2T6E"
    "qmKwL8MnkebesmY6ZJxUxOxIwkvlLlcTqRiY2zWgNBSbAGcm0NRFzWjMqOk4dMzDxrfGSw"
    "vyGbJ+0TgSBX6NqPAIWSPrXVLwUhAwhrbR/UIHmZFtSgFIC6OrjljusNhGDOlz3tJ7Apsl"
    "v9c2CK4BZEDrcYOXTHOYCbAtzgnJi3EOKKzGxfbfmZgGLWvGwmcmSJOA9xM6tj06f573lc"
    "ZDCzfKrYHlUhBRvCSns7ExXC3xTZvi9jyUNd5Dg5EJjyYNbyy/Qe6CDPlC2oHfKoIY96Sy"
    "juII96aSimZvDoBhjRPTI7gL0D9q4QoK5i7+LAzc7cOb3sJ6DPs3aLeQ8Yu40CC4zdgTJ2"
    "LtEfR9ctYwAruDqnUeoNAJqBVWSPsI0wcmFBM8zwdJPtVZ6G76TdM7juxBUTd64PIzujnx"
    "WaBFnERrMR1QiiNs/Xd9vw8xM09gWZcSzfbh++/sUXy3fwly590WiJm/TCLG91LjL/gW0E"
    "tnG/ZtFCsI2QxH4QaoYk9hIksWcDt9Ts1S8GNaSaeGjf6p2u1K4hY0L0OK620fkiCWZV4Z"
    "dqOUztVcstY8YjdUsb9XZDuroSLTk2mpZfXtY1Udw7xbLwiVHJPCt63fzpbRxm6yKnxS1H"
    "F8waTpisgmIhsIdcbg/hXoFus3NzfiWhbk9qtPqtTju44IhKXsQKqOe11a8SoI5bFVJAHb"
    "s0ANSroF44OxktrRhxMLdybW6ppjExhsN11o4YUVg80i0eHnRZV4+QHMxpaea0BWgZ14+Q"
    "HICdBWx1StY59z0iDctHrpePGaEPI1t+jEmMT/TXAzJF2im7Maed/D2lkzHRY8ZPOr890E"
    "GeF2W2gDJf/QkzV/2884c86N00PtfQvfFDts2p8sjc8JveoN5q91tNfsePMjVthrpFVX7R"
    "T0+SLnipSciQ/764qg/OuXM+ZOvjfW6cc34ekqwQqvE9EWtsLk/ooEgjB/aYv7qZu9k95s"
    "HIXpawWFQSsgZDX28ghJk6CysgBZhCZhucD5rftJbMOUPu8N4puPmcCZ7HNjAT5jFlaNVG"
    "v2CLcooEoswb/hZncL5g0986fax3qCek40A6zn7N/oVgfg5r89+hZxgc0Ia/Q1c1bPKDTX"
    "77tskPjuoCSiS3oMKpUnCqVN7BTcU3vQ4n4oEfQ4b49JLMgjh/GiWp91HZRMe6fYz6xtB+"
    "695EX0PUtpBLpKARtpBtcGpjjniuG39UHAvygp6e50KA9wDeY79moULwHrAN6SDUDNuQSp"
    "vMaBL/RrBMdoG99nlmitb0gCupPODKCg+4EvWAmWUcs+qno+Y82TxjXepftrpdnuzlbi7n"
    "nFqv1xJJYU48j2eQDS558pg9utW7V/XBRad3XUMTDdtDwxzng11zrcB1cmMDknASf95Wj4"
    "ib/zruUtc0jGFn2HTI51i3KdykvMp9mvDGlmwMZdXf/lk/6uuIuTXMyybq4gbHB8NQrbI4"
    "+oH/HLKvgZgT9lHYyBiKIleAfSxTnr16jDo6QfwoCT7qRUnEy9ric573wQJ3LnqyKa9ZjA"
    "LLL10U2LuDulT23bcIlyduZWoBhw/m8tWegDNXyPeZsoUDQnk2rPJkxHrTsWyNcKV6lgXv"
    "GNECon72PgXoZ+8TMedVEOwtcG523j7fzYDqN6wyoBoSA1jh4NGdB3jhKMcNH+X42jnv+w"
    "puqqT3uEl3A+j2fV0VFN7QWpOrAPoC/hgqyK+aZA7I++tSh9DdXA3E/H0e7Z7h+TG6c++a"
    "vOOnenISRiPqAzGPLO9mBQYs1q0hMZ1zRCd4bglKh8awPtt5RJoNCMFZatWxogFyyJe9ko"
    "IbWgDOKSGZs0OJvBD6ein1JOQk16Jff0NHiwzTI+CMXsfGAs7owDkjSBI4CDVDkkAJzirN"
    "Bm6pe1Vvi2uhJhrWxa1Q9YHcbTU+33RrCNuyc4Terd5qy4Nevd1vDWqIsj+GGy7UFq2bvU"
    "63c3EhmrsnJiVuPLnq9MWuE82wkjaihI2rV9p2MjamzH5e43yUsCQcjBKjEzgYZU3OfcMH"
    "o7geShbj2ycCdFsITg1btkyeuOed3daKCENSTZ6tLbjKbYMDB7bMQfRvP0CFMBWEqfJG9U"
    "OYKi9hKthBu8UdtHBt5gauzXzdoJ/09Ezkz2lQThP+c3yllEHAvjEm9kjE3HiobcS6Jzzn"
    "2tBFZG6G5zV+VaBNJl5S9l/G1NTJvMyv+sM6orpCVfY8dE/4eb+xYcBtPSRtINAX8oWjyC"
    "Datn/TWyGIAaGXiIJTnkvlyuaZuSzxnW5fpKbsjxQwO+lJfKCLiEFT6tZ7A9bMa6OSCTb5"
    "V+y18PWzjCEsO1rEErqdfmvQ6rRriKmK8rfgvQ+ktlOosjVOd0rPe1L9c7PzlZXesyHzqB"
    "ozVspPxZL7l50ee079uv6Jhxv4AVmyNTJM9hw85ovWrS6Oe5c7vSaPWwgEbkS0Qpz9Lhum"
    "yoMYTO22PLXWi1Ocpru8ZcXdLWEC11AE4b3OpBIShVkl17NK1rt54E6eZSUvWnlNTNa7eO"
    "AOngzgwqYOoHVzDyps6gC2PM+gAlsObHnewYVNHQe/qWPFVRHhJuVUHG/GyyI8uRfdFrFe"
    "J0DSAkkLJO2+0CmHdV8EZHkf/D0S8AnA/RJwv0Qh7pcAAhAIwH2CFQhAIADzRKIAAQgE4D"
    "7Cm2cCsE5MqoxKMbyfW1NeRffhZZvnSL5kVDd8R0niBt/YRSlmW6+rwpdxbNu0VDeyXz6Z"
    "SUs8jiDZFUg+jyBXzvSazkClWk3jvVarye4rrwv5r2xQZUDYbV5AdE9SuVonK1ytkxhXy9"
    "Dt2PXp936nneBnLUXCHDBVbPQ/pFFrj1epOHA5GAHi18P0zXX9jzDcjavOedjG5R2cxxm5"
    "u1zMfv4f0myKBg=="
)
