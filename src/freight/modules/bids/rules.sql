-- The rules of bids that no ORM's models can state: which rows a tenant may see and write, which values are refused.

-- A bid is visible to its carrier and to the booking's company, and to nobody else.
ALTER TABLE bids ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON bids TO crossdock_app;
-- Only the state may be changed. A price, a booking or a party may not, not even in one's own bid.
GRANT UPDATE (status, award_expires_at, hold_id, updated_at, version) ON bids TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bids TO crossdock_platform;
CREATE POLICY bids_platform ON bids TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY bids_read ON bids FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id()));
-- A new bid is pending, on an open booking that the carrier sees, and names the company of that booking.
CREATE POLICY bids_add ON bids FOR INSERT TO crossdock_app
    WITH CHECK (company_id = (SELECT current_company_id())
        AND status = 'pending' AND hold_id IS NULL AND award_expires_at IS NULL
        AND EXISTS (SELECT FROM bookings b
                    WHERE b.id = bids.booking_id AND b.company_id = bids.shipper_id AND b.status = 'open'));
-- The carrier may withdraw it. All other steps need the platform's rights: they change the other party's rows too.
CREATE POLICY bids_change ON bids FOR UPDATE TO crossdock_app
    USING (company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id()))
    WITH CHECK (company_id = (SELECT current_company_id()) AND hold_id IS NULL AND award_expires_at IS NULL);
CREATE TRIGGER bids_keep_to_moves BEFORE UPDATE ON bids
    FOR EACH ROW EXECUTE FUNCTION keep_to_moves('pending to withdrawn');

ALTER TABLE bid_history ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON bid_history TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON bid_history TO crossdock_platform;
CREATE POLICY bid_history_platform ON bid_history TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY bid_history_read ON bid_history FOR SELECT TO crossdock_app
    USING (company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id()));
CREATE POLICY bid_history_add ON bid_history FOR INSERT TO crossdock_app
    WITH CHECK ((company_id = (SELECT current_company_id()) OR shipper_id = (SELECT current_company_id())) AND EXISTS (
        SELECT FROM bids b WHERE b.id = bid_history.bid_id AND b.company_id = bid_history.company_id
                             AND b.shipper_id = bid_history.shipper_id));

-- Checks that hold whatever a bug in the code would write.
ALTER TABLE bids ADD CONSTRAINT ck_bids_amount CHECK (amount_minor > 0);
ALTER TABLE bids ADD CONSTRAINT ck_bids_parties CHECK (company_id <> shipper_id);
ALTER TABLE bids ADD CONSTRAINT ck_bids_hold CHECK ((status IN ('awarded', 'accepted')) <= (hold_id IS NOT NULL));

-- The carrier may add events about its bid.
CREATE FUNCTION is_bid_of(bid uuid, company uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM bids b WHERE b.id = bid AND b.company_id = company);
END $$;
CREATE POLICY outbox_add_bids ON outbox FOR INSERT TO crossdock_app
    WITH CHECK (starts_with(type, 'bids.') AND company_id = (SELECT current_company_id())
        AND is_bid_of(subject_id, company_id));
