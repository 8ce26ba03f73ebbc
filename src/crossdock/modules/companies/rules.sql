-- What neither ORM's models say of the companies: who sees and writes which rows.

-- A company sees the companies that it deals with: the parties of whatever booking, bid or shipment it sees, by these
-- tables' own policies. A function: as part of the policy, its eight ways are set up for each query, also where the row
-- is the company's own. OFFSET 0: else the planner may read all of a tenant's rows into a hash.
CREATE FUNCTION is_partner(company uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    me CONSTANT uuid := current_company_id();
BEGIN
    RETURN (current_company_carries() AND EXISTS (
            SELECT FROM bookings b WHERE b.company_id = company AND b.status = 'open' ORDER BY b.id OFFSET 0))
        OR EXISTS (SELECT FROM bookings b WHERE b.company_id = company AND b.carrier_id = me OFFSET 0)
        OR EXISTS (SELECT FROM bookings b WHERE b.carrier_id = company AND b.company_id = me OFFSET 0)
        OR EXISTS (SELECT FROM bids b WHERE b.company_id = company AND b.shipper_id = me OFFSET 0)
        OR EXISTS (SELECT FROM bids b WHERE b.shipper_id = company AND b.company_id = me OFFSET 0)
        OR EXISTS (SELECT FROM shipments s WHERE s.shipper_id = company AND s.carrier_id = me OFFSET 0)
        OR EXISTS (SELECT FROM shipments s WHERE s.carrier_id = company AND s.shipper_id = me OFFSET 0);
END $$;

ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON companies TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON companies TO crossdock_platform;
CREATE POLICY companies_platform ON companies TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY companies_read ON companies FOR SELECT TO crossdock_app
    USING (id = current_company_id() OR is_partner(id));
