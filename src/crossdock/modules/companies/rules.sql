-- What neither ORM's models say of the companies: who sees and writes which rows.

ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON companies TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON companies TO crossdock_platform;
CREATE POLICY companies_platform ON companies TO crossdock_platform USING (true) WITH CHECK (true);
-- Also the parties of whatever booking, bid or shipment the tenant sees: by these tables' own policies.
-- OFFSET 0: else the planner reads all of a tenant's rows into a hash, once for each company.
CREATE POLICY companies_read ON companies FOR SELECT TO crossdock_app
    USING (id = current_company_id()
        OR (current_company_carries() AND EXISTS (
            SELECT FROM bookings b
            WHERE b.company_id = companies.id AND b.status = 'open' ORDER BY b.id OFFSET 0))
        OR EXISTS (SELECT FROM bookings b
                   WHERE b.company_id = companies.id AND b.carrier_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM bookings b
                   WHERE b.carrier_id = companies.id AND b.company_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM bids b
                   WHERE b.company_id = companies.id AND b.shipper_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM bids b
                   WHERE b.shipper_id = companies.id AND b.company_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM shipments s
                   WHERE s.shipper_id = companies.id AND s.carrier_id = current_company_id() OFFSET 0)
        OR EXISTS (SELECT FROM shipments s
                   WHERE s.carrier_id = companies.id AND s.shipper_id = current_company_id() OFFSET 0));
