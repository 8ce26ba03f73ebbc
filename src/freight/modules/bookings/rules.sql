-- The rules of bookings that no ORM's models can state: what a tenant may see and write, which values are refused.

-- A booking is visible to its company; while it is open, to every carrier; and from the award on, to its carrier.
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON bookings TO crossdock_app;
GRANT UPDATE (status, pickup_address, pickup_lat, pickup_lon, pickup_ready_at, dropoff_address, dropoff_lat, dropoff_lon,
    dropoff_due_at, weight_kg, equipment, price_ceiling_minor, currency, carrier_id, awarded_bid_id, updated_at, version)
    ON bookings TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bookings TO crossdock_platform;
CREATE POLICY bookings_platform ON bookings TO crossdock_platform USING (true) WITH CHECK (true);
-- The coalesce and the SELECTs hide the tenant from the planner, so that a cached plan suits every tenant. Otherwise it
-- would estimate the rows of the one tenant that it is made for; or none at all, where the statement brings its tenant.
-- Each SELECT is worked out by itself, so there is one for both columns.
CREATE POLICY bookings_read ON bookings FOR SELECT TO crossdock_app
    USING (coalesce((SELECT current_company_id()) IN (company_id, carrier_id)
                    OR (status = 'open' AND (SELECT current_company_carries())), false));
-- A company may draft, change and publish. All later steps belong to a deal and need the platform's rights.
CREATE POLICY bookings_add ON bookings FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id())
        AND status = 'draft' AND carrier_id IS NULL AND awarded_bid_id IS NULL);
CREATE POLICY bookings_change ON bookings FOR UPDATE TO crossdock_app
    USING (company_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND carrier_id IS NULL AND awarded_bid_id IS NULL);
CREATE TRIGGER bookings_keep_to_moves BEFORE UPDATE ON bookings
    FOR EACH ROW EXECUTE FUNCTION keep_to_moves('draft to draft', 'draft to open');

ALTER TABLE booking_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON booking_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON booking_history TO crossdock_platform;
CREATE POLICY booking_history_platform ON booking_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY booking_history_read ON booking_history FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()));
-- VOLATILE, so that it sees a booking which the same statement has added. An EXISTS in the policy would not.
CREATE FUNCTION is_booking_of(booking uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM bookings b WHERE b.id = booking AND b.company_id = company);
END $$;
CREATE POLICY booking_history_add ON booking_history FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id()) AND is_booking_of(booking_id, company_id));

-- Checks that hold whatever a bug in the code would write.
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_weight CHECK (weight_kg > 0);
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_ceiling CHECK (price_ceiling_minor > 0);
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_times CHECK (pickup_ready_at < dropoff_due_at);
ALTER TABLE bookings ADD CONSTRAINT ck_bookings_award CHECK
    ((status IN ('awarded', 'covered', 'delivered')) = (carrier_id IS NOT NULL AND awarded_bid_id IS NOT NULL));

CREATE POLICY outbox_add_bookings ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'bookings.') AND company_id = (SELECT current_company_id())
        AND is_booking_of(subject_id, company_id));
