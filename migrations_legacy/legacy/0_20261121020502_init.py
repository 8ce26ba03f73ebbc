from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {"others-table": "aerich makes its own version table in its first revision"}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "sign_in_throttles" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "key" VARCHAR(300) NOT NULL UNIQUE,
    "failures" INT NOT NULL,
    "blocked_until" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "sign_in_throttles" IS 'Failed sign-ins in a row for an account or an address (`key`), and until when the next try is refused.';
CREATE TABLE IF NOT EXISTS "companies" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "version" INT NOT NULL,
    "name" VARCHAR(200) NOT NULL,
    "kind" VARCHAR(20) NOT NULL,
    "deleted_at" TIMESTAMPTZ
);
COMMENT ON COLUMN "companies"."kind" IS 'SHIPPER: shipper\nCARRIER: carrier\nBOTH: both\nPLATFORM: platform';
COMMENT ON TABLE "companies" IS 'A tenant. Soft-deleted: its history has to stay readable.';
CREATE TABLE IF NOT EXISTS "teams" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "version" INT NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    CONSTRAINT "uid_teams_company_dcb6ad" UNIQUE ("company_id", "name")
);
COMMENT ON TABLE "teams" IS 'A named group of a company''s users.';
CREATE TABLE IF NOT EXISTS "users" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "version" INT NOT NULL,
    "name" VARCHAR(100) NOT NULL,
    "surname" VARCHAR(100),
    "email" VARCHAR(254) NOT NULL UNIQUE,
    "phone" VARCHAR(32),
    "locale" VARCHAR(35) NOT NULL,
    "time_zone" VARCHAR(64) NOT NULL,
    "job_title" VARCHAR(100),
    "licence_number" VARCHAR(50),
    "role" VARCHAR(20) NOT NULL,
    "status" VARCHAR(20) NOT NULL,
    "password_hash" VARCHAR(300) NOT NULL,
    "last_sign_in_at" TIMESTAMPTZ,
    "deleted_at" TIMESTAMPTZ,
    "boss_id" UUID REFERENCES "users" ("id") ON DELETE SET NULL,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_users_company_e7cc10" ON "users" ("company_id", "id");
CREATE INDEX IF NOT EXISTS "idx_users_boss_id_59401c" ON "users" ("boss_id");
COMMENT ON COLUMN "users"."role" IS 'ADMIN: admin\nMANAGER: manager\nEMPLOYEE: employee';
COMMENT ON COLUMN "users"."status" IS 'ACTIVE: active\nSUSPENDED: suspended';
COMMENT ON TABLE "users" IS 'A person of one company. The e-mail address is stored in lower case and is unique over all companies.';
CREATE TABLE IF NOT EXISTS "sessions" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "user_agent" VARCHAR(300),
    "address" VARCHAR(64),
    "last_used_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "revoked_at" TIMESTAMPTZ,
    "revoked_reason" VARCHAR(100),
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_sessions_user_id_a4803b" ON "sessions" ("user_id", "id");
COMMENT ON TABLE "sessions" IS 'One sign-in on one device: the family of its refresh tokens. Revoking it acts at once.';
CREATE TABLE IF NOT EXISTS "refresh_tokens" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "token_sha256" VARCHAR(64) NOT NULL UNIQUE,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "session_id" UUID NOT NULL REFERENCES "sessions" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "idx_refresh_tok_session_11127b" ON "refresh_tokens" ("session_id");
COMMENT ON TABLE "refresh_tokens" IS 'A single-use token, stored as its SHA-256 only.';
CREATE TABLE IF NOT EXISTS "team_members" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "team_id" UUID NOT NULL REFERENCES "teams" ("id") ON DELETE CASCADE,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "uid_team_member_team_id_a71b13" UNIQUE ("team_id", "user_id")
);
CREATE INDEX IF NOT EXISTS "idx_team_member_user_id_b8600b" ON "team_members" ("user_id");
COMMENT ON TABLE "team_members" IS 'A user in a team.';
CREATE TABLE IF NOT EXISTS "user_history" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "field" VARCHAR(20) NOT NULL,
    "from_value" VARCHAR(20),
    "to_value" VARCHAR(20) NOT NULL,
    "actor_id" UUID,
    "reason" VARCHAR(500),
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_user_histor_user_id_fcd666" ON "user_history" ("user_id", "id");
COMMENT ON TABLE "user_history" IS 'A change of a user''s role or status: who, when, from, to.';
CREATE TABLE IF NOT EXISTS "bookings" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "version" INT NOT NULL,
    "status" VARCHAR(20) NOT NULL,
    "pickup_address" VARCHAR(300) NOT NULL,
    "pickup_lat" DOUBLE PRECISION NOT NULL,
    "pickup_lon" DOUBLE PRECISION NOT NULL,
    "pickup_ready_at" TIMESTAMPTZ NOT NULL,
    "dropoff_address" VARCHAR(300) NOT NULL,
    "dropoff_lat" DOUBLE PRECISION NOT NULL,
    "dropoff_lon" DOUBLE PRECISION NOT NULL,
    "dropoff_due_at" TIMESTAMPTZ NOT NULL,
    "weight_kg" INT NOT NULL,
    "equipment" VARCHAR(20) NOT NULL,
    "price_ceiling_minor" BIGINT NOT NULL,
    "currency" VARCHAR(3) NOT NULL,
    "awarded_bid_id" UUID,
    "carrier_id" UUID REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_bookings_company_0e75f9" ON "bookings" ("company_id", "id");
CREATE INDEX IF NOT EXISTS "idx_bookings_carrier_e0b226" ON "bookings" ("carrier_id", "id");
CREATE INDEX IF NOT EXISTS "idx_bookings_status_0362eb" ON "bookings" ("status", "id");
CREATE INDEX IF NOT EXISTS "idx_bookings_status_865ffd" ON "bookings" ("status", "pickup_ready_at");
COMMENT ON COLUMN "bookings"."status" IS 'DRAFT: draft\nOPEN: open\nAWARDED: awarded\nCOVERED: covered\nDELIVERED: delivered\nCANCELLED: cancelled\nEXPIRED: expired';
COMMENT ON COLUMN "bookings"."equipment" IS 'VAN: van\nBOX_TRUCK: box_truck\nCURTAINSIDER: curtainsider\nREEFER: reefer\nFLATBED: flatbed';
COMMENT ON TABLE "bookings" IS 'A load that a shipper wants carried. `carrier_id` and `awarded_bid_id` are set while it is awarded or later.';
CREATE TABLE IF NOT EXISTS "bids" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "version" INT NOT NULL,
    "status" VARCHAR(20) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "currency" VARCHAR(3) NOT NULL,
    "pickup_eta" TIMESTAMPTZ NOT NULL,
    "award_expires_at" TIMESTAMPTZ,
    "hold_id" UUID,
    "booking_id" UUID NOT NULL REFERENCES "bookings" ("id") ON DELETE RESTRICT,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "shipper_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_bids_booking_297068" ON "bids" ("booking_id", "id");
CREATE INDEX IF NOT EXISTS "idx_bids_company_8dc7f7" ON "bids" ("company_id", "id");
CREATE INDEX IF NOT EXISTS "idx_bids_shipper_1e756a" ON "bids" ("shipper_id", "id");
CREATE INDEX IF NOT EXISTS "idx_bids_status_853caa" ON "bids" ("status", "award_expires_at");
CREATE UNIQUE INDEX IF NOT EXISTS "uid_bids_one_winner" ON "bids" ("booking_id") WHERE status IN ('awarded', 'accepted');
CREATE UNIQUE INDEX IF NOT EXISTS "uid_bids_one_live" ON "bids" ("booking_id", "company_id") WHERE status IN ('pending', 'awarded', 'accepted');
COMMENT ON COLUMN "bids"."status" IS 'PENDING: pending\nAWARDED: awarded\nACCEPTED: accepted\nDECLINED: declined\nWITHDRAWN: withdrawn\nREJECTED: rejected\nEXPIRED: expired';
COMMENT ON TABLE "bids" IS 'A carrier''s price for a booking. `company` is the carrier; `shipper` the booking''s company, for the policies.';
CREATE TABLE IF NOT EXISTS "bid_history" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "from_status" VARCHAR(20),
    "to_status" VARCHAR(20) NOT NULL,
    "actor_id" UUID,
    "reason" VARCHAR(500),
    "bid_id" UUID NOT NULL REFERENCES "bids" ("id") ON DELETE RESTRICT,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "shipper_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_bid_history_bid_id_17e24a" ON "bid_history" ("bid_id", "id");
COMMENT ON COLUMN "bid_history"."from_status" IS 'PENDING: pending\nAWARDED: awarded\nACCEPTED: accepted\nDECLINED: declined\nWITHDRAWN: withdrawn\nREJECTED: rejected\nEXPIRED: expired';
COMMENT ON COLUMN "bid_history"."to_status" IS 'PENDING: pending\nAWARDED: awarded\nACCEPTED: accepted\nDECLINED: declined\nWITHDRAWN: withdrawn\nREJECTED: rejected\nEXPIRED: expired';
COMMENT ON TABLE "bid_history" IS 'A bid''s state change: who, when, from, to, why.';
CREATE TABLE IF NOT EXISTS "booking_history" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "from_status" VARCHAR(20),
    "to_status" VARCHAR(20) NOT NULL,
    "actor_id" UUID,
    "reason" VARCHAR(500),
    "booking_id" UUID NOT NULL REFERENCES "bookings" ("id") ON DELETE RESTRICT,
    "company_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_booking_his_booking_8750e5" ON "booking_history" ("booking_id", "id");
COMMENT ON COLUMN "booking_history"."from_status" IS 'DRAFT: draft\nOPEN: open\nAWARDED: awarded\nCOVERED: covered\nDELIVERED: delivered\nCANCELLED: cancelled\nEXPIRED: expired';
COMMENT ON COLUMN "booking_history"."to_status" IS 'DRAFT: draft\nOPEN: open\nAWARDED: awarded\nCOVERED: covered\nDELIVERED: delivered\nCANCELLED: cancelled\nEXPIRED: expired';
COMMENT ON TABLE "booking_history" IS 'A booking''s state change: who, when, from, to, why.';
CREATE TABLE IF NOT EXISTS "shipments" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "version" INT NOT NULL,
    "status" VARCHAR(20) NOT NULL,
    "amount_minor" BIGINT NOT NULL,
    "currency" VARCHAR(3) NOT NULL,
    "hold_id" UUID NOT NULL,
    "last_event_at" TIMESTAMPTZ,
    "bid_id" UUID NOT NULL REFERENCES "bids" ("id") ON DELETE RESTRICT,
    "booking_id" UUID NOT NULL REFERENCES "bookings" ("id") ON DELETE RESTRICT,
    "carrier_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "shipper_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_shipments_shipper_b99a59" ON "shipments" ("shipper_id", "id");
CREATE INDEX IF NOT EXISTS "idx_shipments_carrier_dee710" ON "shipments" ("carrier_id", "id");
CREATE UNIQUE INDEX IF NOT EXISTS "uid_shipments_one_live" ON "shipments" ("booking_id") WHERE status <> 'cancelled';
COMMENT ON COLUMN "shipments"."status" IS 'PLANNED: planned\nAT_PICKUP: at_pickup\nIN_TRANSIT: in_transit\nAT_DROPOFF: at_dropoff\nDELIVERED: delivered\nCLOSED: closed\nCANCELLED: cancelled';
COMMENT ON TABLE "shipments" IS 'A booking on its way. `hold_id` is the ledger''s pending transfer that pays for it.';
CREATE TABLE IF NOT EXISTS "proofs_of_delivery" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "signed_by" VARCHAR(200) NOT NULL,
    "document_sha256" VARCHAR(64) NOT NULL,
    "actor_id" UUID,
    "carrier_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "shipment_id" UUID NOT NULL REFERENCES "shipments" ("id") ON DELETE RESTRICT,
    "shipper_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE UNIQUE INDEX IF NOT EXISTS "uid_proofs_of_delivery_one" ON "proofs_of_delivery" ("shipment_id");
COMMENT ON TABLE "proofs_of_delivery" IS 'Who signed for the goods, and the fingerprint of the signed document. One per shipment.';
CREATE TABLE IF NOT EXISTS "shipment_events" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "type" VARCHAR(30) NOT NULL,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "lat" DOUBLE PRECISION NOT NULL,
    "lon" DOUBLE PRECISION NOT NULL,
    "actor_id" UUID,
    "carrier_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "shipment_id" UUID NOT NULL REFERENCES "shipments" ("id") ON DELETE RESTRICT,
    "shipper_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_shipment_ev_shipmen_c5f6e9" ON "shipment_events" ("shipment_id", "id");
COMMENT ON COLUMN "shipment_events"."type" IS 'ARRIVED_AT_PICKUP: arrived_at_pickup\nDEPARTED_PICKUP: departed_pickup\nARRIVED_AT_DROPOFF: arrived_at_dropoff\nPOSITION: position\nDETENTION: detention\nBREAKDOWN: breakdown\nOVER_SHORT_DAMAGED: over_short_damaged\nTRUCK_ORDERED_NOT_USED: truck_ordered_not_used';
COMMENT ON TABLE "shipment_events" IS 'Something that happened on the way: a step of the journey, or an incident beside it.';
CREATE TABLE IF NOT EXISTS "shipment_history" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL,
    "from_status" VARCHAR(20),
    "to_status" VARCHAR(20) NOT NULL,
    "actor_id" UUID,
    "reason" VARCHAR(500),
    "carrier_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT,
    "shipment_id" UUID NOT NULL REFERENCES "shipments" ("id") ON DELETE RESTRICT,
    "shipper_id" UUID NOT NULL REFERENCES "companies" ("id") ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS "idx_shipment_hi_shipmen_62153c" ON "shipment_history" ("shipment_id", "id");
COMMENT ON COLUMN "shipment_history"."from_status" IS 'PLANNED: planned\nAT_PICKUP: at_pickup\nIN_TRANSIT: in_transit\nAT_DROPOFF: at_dropoff\nDELIVERED: delivered\nCLOSED: closed\nCANCELLED: cancelled';
COMMENT ON COLUMN "shipment_history"."to_status" IS 'PLANNED: planned\nAT_PICKUP: at_pickup\nIN_TRANSIT: in_transit\nAT_DROPOFF: at_dropoff\nDELIVERED: delivered\nCLOSED: closed\nCANCELLED: cancelled';
COMMENT ON TABLE "shipment_history" IS 'A shipment''s state change: who, when, from, to, why.';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    # `aerich` itself stays: the tool still has to delete this revision's row from it.
    return """
        DROP TABLE "shipment_history";
        DROP TABLE "shipment_events";
        DROP TABLE "proofs_of_delivery";
        DROP TABLE "shipments";
        DROP TABLE "booking_history";
        DROP TABLE "bid_history";
        DROP TABLE "bids";
        DROP TABLE "bookings";
        DROP TABLE "user_history";
        DROP TABLE "team_members";
        DROP TABLE "refresh_tokens";
        DROP TABLE "sessions";
        DROP TABLE "users";
        DROP TABLE "teams";
        DROP TABLE "companies";
        DROP TABLE "sign_in_throttles";
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
