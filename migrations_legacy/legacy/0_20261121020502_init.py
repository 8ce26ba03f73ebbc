from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


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
COMMENT ON TABLE "bids" IS 'A carrier''s price for a booking. `company` is the carrier; `shipper` is the booking''s company, kept for the policies.';
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
