-- What neither ORM's models say of bookings: who sees and writes which rows, and what the database itself refuses.

-- An open booking is visible to every carrier, and an awarded one to the carrier that won it.
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON bookings TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bookings TO crossdock_platform;
CREATE POLICY bookings_platform ON bookings TO crossdock_platform USING (true) WITH CHECK (true);
-- In coalesce and in SELECTs, so that a plan is the same whoever it is made for: the planner would take a tenant's share of
-- the rows for everybody's, and that of nobody where the tenant comes with the statement.
CREATE POLICY bookings_read ON bookings FOR SELECT TO crossdock_app
    USING (coalesce(company_id = (SELECT current_company_id()) OR carrier_id = (SELECT current_company_id())
                    OR (status = 'open' AND (SELECT current_company_carries())), false));
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
-- Volatile on purpose: so it sees a booking that the same statement has added, as an EXISTS in the policy would not.
CREATE FUNCTION is_booking_of(booking uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM bookings b WHERE b.id = booking AND b.company_id = company);
END $$;
CREATE POLICY booking_history_add ON booking_history FOR INSERT TO crossdock_app
    WITH CHECK (company_id = current_company_id() AND is_booking_of(booking_id, company_id));

-- Rules that no bug above the database may break.
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_weight CHECK (weight_kg > 0);
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_ceiling CHECK (price_ceiling_minor > 0);
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_times CHECK (pickup_ready_at < dropoff_due_at);
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_award CHECK
    ((status IN ('awarded', 'covered', 'delivered')) = (carrier_id IS NOT NULL AND awarded_bid_id IS NOT NULL));
