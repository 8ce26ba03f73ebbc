-- The rules of companies that no ORM's models can state: which rows a tenant may see and write.

-- A company sees the companies that it deals with: those on the other side of a bid, and for a carrier also every
-- company with an open booking.
-- It is a function because a condition in the policy would be planned and set up for each query, also for the company's
-- own row. It has one statement for each condition, the likeliest first: in one statement, all of them would be set up
-- at each call. Each uses an index whatever the two companies are: BETWEEN and ORDER BY keep the planner on the index of
-- the open bookings, and the generic plan saves planning at each call. COST makes the planner call it for the rows that
-- a query wants, and not for all companies.
CREATE FUNCTION is_partner(company uuid) RETURNS boolean LANGUAGE plpgsql STABLE COST 1000
    SET plan_cache_mode = 'force_generic_plan' AS $$
DECLARE
    me CONSTANT uuid := current_company_id();
BEGIN
    IF current_company_carries() THEN
        IF EXISTS (SELECT FROM bids b WHERE b.shipper_id = company AND b.company_id = me) THEN RETURN true; END IF;
        IF EXISTS (SELECT FROM bookings b WHERE b.company_id BETWEEN company AND company AND b.status = 'open'
                   ORDER BY b.company_id, b.id OFFSET 0) THEN RETURN true; END IF;
    END IF;
    IF EXISTS (SELECT FROM bids b WHERE b.shipper_id = me AND b.company_id = company) THEN RETURN true; END IF;
    RETURN EXISTS (SELECT FROM bids b WHERE b.shipper_id = company AND b.company_id = me);
END $$;

ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON companies TO crossdock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON companies TO crossdock_platform;
CREATE POLICY companies_platform ON companies TO crossdock_platform USING (true) WITH CHECK (true);
CREATE POLICY companies_read ON companies FOR SELECT TO crossdock_app
    USING (id = (SELECT current_company_id()) OR is_partner(id));
